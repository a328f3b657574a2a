import type { Order, OrderRequest, Price, TimestampUs } from '@monsta/core';
import type { KernelConfig } from '../kernel-types.ts';
import type { Markets } from '../markets.ts';
import { isProtectiveOrderId } from '../order-ids.ts';
import type { Portfolio } from '../portfolio.ts';
import { stricterOf, type StrategyGates } from '../strategy-gates.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import type { TradingGate } from '../trading-gate.ts';
import { assess, type Assessment } from './rules.ts';

interface RiskDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly strategies: readonly ConfiguredStrategy[];
}

/** What is said of an entry beside the order itself. Neither goes to the venue or the ledger. */
export interface EntryTerms {
  /** How sure its strategy or model is, 0–1; null or left out: nobody said, and the rule does not apply. */
  readonly confidence?: number | null;
  /** Where the stop of the position will be; null or left out: that of its exit plan, or else of the configuration's protective stop, if any. */
  readonly plannedStop?: Price | null;
}

/** How an order is placed; see the order desk. */
interface Asking extends EntryTerms {
  readonly flattening?: boolean;
  readonly protective?: boolean;
  readonly insteadOf?: Order | null;
}

/** Asks every rule about an order, with all that the rules look at. The only road to an approved order. */
export class RiskDesk {
  readonly #parts: RiskDeskParts;

  constructor(parts: RiskDeskParts) {
    this.#parts = parts;
  }

  /** Approved means: will be sent. What is approved counts for the orders after it. */
  assess(order: OrderRequest, how: Asking, nowUs: TimestampUs): Assessment {
    const { flattening = false, insteadOf = null } = how;
    const { config, markets, portfolio, gate, gates } = this.#parts;
    const instrument = markets.instrument(order.instrument);
    if (instrument === null) {
      const message = `instrument ${order.instrument} is not known`;
      return { denied: { rule: 'instrument_unknown', limit: 'a known instrument', actual: order.instrument, message } };
    }
    const market = markets.state(order.instrument);
    // What protects a position of a strategy that is paused is placed all the same.
    const own = how.protective === true ? gate.current() : gates.of(order.strategyId).current();
    const current = stricterOf(gate.current(), own);
    return assess(order, {
      nowUs,
      limits: config.limits,
      instrument,
      tradingState: current.state,
      tradingReason: current.reason,
      flattening,
      feed: market.feed,
      lastTrade: market.lastTrade,
      lastDataUs: market.lastDataUs,
      touch: order.side === 'buy' ? market.ask : market.bid,
      equity: portfolio.equity(config.quoteAsset),
      freeCash: portfolio.freeCash(instrument.quote),
      positionValue: portfolio.positionValue(order.instrument),
      openEntryValue: portfolio.openEntryValue(order.instrument),
      exposure: portfolio.exposure(),
      sellable: portfolio.freeToSell(
        order.strategyId,
        order.instrument,
        nowUs,
        ({ clientOrderId: id }) => id === insteadOf?.clientOrderId,
      ),
      openOrders: portfolio.openOrders(({ clientOrderId: id }) => !isProtectiveOrderId(id)),
    });
  }
}
