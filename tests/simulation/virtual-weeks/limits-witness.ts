import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { applyRate, notional, type Amount, type OrderRequest } from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { isProtectiveOrderId } from '@monsta/trading';
import type { TradingWorld } from '../fault-matrix/trading-world.ts';
import { MARKETS, type Market } from './market.ts';

/** Between the decision and the exchange's own books a price may have moved by this much. */
const SLACK_PPM = 20_000;

/** Holds every order that is sent against the limits, by what the exchange itself has: no book of ours is asked. */
export class LimitsWitness {
  readonly violations = new Set<string>();
  readonly #world: TradingWorld;
  readonly #market: Market;
  readonly #config: AiTradingConfig;

  constructor(world: TradingWorld, market: Market, config: AiTradingConfig) {
    this.#world = world;
    this.#market = market;
    this.#config = config;
  }

  watch(venue: ExecutionVenue): ExecutionVenue {
    return new Proxy(venue, {
      get: (target, name) => {
        if (name === 'submit')
          return (request: OrderRequest) => {
            this.#look(request);
            target.submit(request);
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #look(request: OrderRequest): void {
    if (request.side !== 'buy') return;
    const { model, venueAccount } = this.#world;
    const market = MARKETS.find(({ instrument }) => instrument.id === request.instrument);
    if (market === undefined) return;
    const { instrument } = market;
    const at = this.#market.last(instrument.id);
    const open = model.exchange
      .openOrders(venueAccount, instrument.id)
      .filter(({ side, clientOrderId }) => side === 'buy' && !isProtectiveOrderId(clientOrderId as never));
    let value: Amount = notional(request.limitPrice ?? at, request.quantity, instrument);
    for (const { price, quantity, executed } of open)
      value = (value + notional(price, (quantity - executed) as typeof quantity, instrument)) as Amount;
    let equity = 0n as Amount;
    for (const { asset, free, locked } of model.exchange.positions(venueAccount)) {
      const total = (free + locked) as Amount;
      if (asset === 'USDT') equity = (equity + total) as Amount;
      const held = MARKETS.find(({ instrument: { base } }) => base === asset);
      if (held === undefined) continue;
      const worth = this.#worth(held.instrument.id, total);
      equity = (equity + worth) as Amount;
      if (held.instrument.id === instrument.id) value = (value + worth) as Amount;
    }
    const most = applyRate(equity, this.#config.risk.positionPpmMax, 'ceil');
    const slack = applyRate(most, SLACK_PPM, 'ceil');
    if (value > most + slack)
      this.violations.add(`order ${request.clientOrderId} makes ${instrument.id} worth ${value}, the limit is ${most}`);
  }

  #worth(id: (typeof MARKETS)[number]['instrument']['id'], coins: Amount): Amount {
    const { tick } = MARKETS.find(({ instrument }) => instrument.id === id)?.instrument ?? {
      tick: { units: 1, scale: 0 },
    };
    return ((coins * BigInt(this.#market.last(id)) * BigInt(tick.units)) / 10n ** BigInt(tick.scale)) as Amount;
  }
}
