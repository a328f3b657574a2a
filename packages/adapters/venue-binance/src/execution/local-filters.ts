import {
  accountId,
  msFromUs,
  MS_PER_MINUTE,
  sameSteps,
  type Instrument,
  type InstrumentId,
  type MarketEvent,
  type OrderRequest,
  type Price,
  type TimestampUs,
} from '@monsta/core';
import {
  Account,
  assetScales,
  AveragePrice,
  checkTerms,
  conversionOf,
  NO_EXCHANGE_RULES,
  OrderFilters,
  OrderPool,
  readOrder,
  Trader,
  type ReferencePrice,
  type SymbolRules,
} from '@monsta/matching';
import { isVenueId, orderEntry } from './order-parameters.ts';
import type { RulesOf } from './order-reports.ts';
import type { Refusal } from './refusals.ts';

export interface LocalFiltersOptions {
  readonly rulesOf: RulesOf;
  /** Now on the venue's clock. */
  readonly nowUs: () => TimestampUs;
  /** The venue refused what our rules let pass: they may have changed. */
  readonly onRulesDoubted: () => void;
}

/** The market of one symbol, as far as it was observed. */
interface Market {
  readonly rules: SymbolRules;
  readonly filters: OrderFilters;
  readonly trader: Trader;
  readonly averages: readonly AveragePrice[];
  readonly sinceUs: TimestampUs;
  lastPrice: Price | null;
}

/** An account that holds nothing: what depends on its holdings is the venue's to judge. */
const NOBODY = new Account(
  accountId('nobody'),
  {
    fees: { makerPpm: 0, takerPpm: 0 },
    tradeGroupId: null,
    paysInDiscountAsset: false,
    canTrade: true,
    feesFrom: 'received',
    feesOn: 'both',
    margin: null,
    commission: null,
  },
  new Map(),
);

/**
 * The venue's filters, asked before an order is sent: what they refuse for certain is refused here. Average prices count only once the market was observed for as long as they
 * reach back, and what depends on the account's holdings and other orders is left to the venue.
 */
export class LocalFilters {
  readonly #options: LocalFiltersOptions;
  readonly #markets = new Map<InstrumentId, Market>();
  /** What orders are counted in, by those who make them. */
  readonly #counted = new Map<InstrumentId, Instrument>();

  constructor(options: LocalFiltersOptions) {
    this.#options = options;
  }

  /** Orders of these instruments come in their steps from here on. */
  use(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) this.#counted.set(instrument.id, instrument);
  }

  observe(event: MarketEvent): void {
    if (event.kind !== 'trade') return;
    const market = this.#market(event.instrument);
    if (market === null) return;
    market.lastPrice = event.price;
    for (const average of market.averages) average.add(event.price, event.quantity, event.tsEventUs);
  }

  /** The rules for an order that may be sent, or why it may not. */
  check(request: OrderRequest): { readonly rules: SymbolRules } | Refusal {
    const market = this.#market(request.instrument);
    if (market === null)
      return { code: 'instrument_unknown', reason: `the venue lists no symbol ${request.instrument}` };
    const counted = this.#counted.get(request.instrument);
    if (counted !== undefined && !sameSteps(counted, market.rules)) {
      // Written in the venue's steps it would be another price.
      this.doubted();
      return {
        code: 'instrument_changed',
        reason: `the order is counted in other steps of ${request.instrument} than the venue's; its rules are read anew`,
      };
    }
    if (!isVenueId(request.clientOrderId))
      return { code: 'order_id_malformed', reason: 'the venue takes ids of 1 to 36 letters, digits and -_.:/' };
    const { rules, filters, trader } = market;
    // Read back from what would be sent: so that nothing is judged that is sent otherwise.
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(orderEntry(request, rules, null).parameters))
      fields[name] = String(value);
    const read = readOrder(fields, rules);
    const refused =
      'terms' in read
        ? (checkTerms(read.terms, rules) ?? filters.check(read.terms, trader, this.#referenceOf(market)))
        : read;
    if (refused === null) return { rules };
    return { code: refused.fault.code, reason: `${refused.fault.number} ${refused.fault.message}` };
  }

  /** The venue refused an order by a filter that let it pass here. */
  doubted(): void {
    this.#options.onRulesDoubted();
  }

  #referenceOf(market: Market): ReferencePrice {
    const nowUs = this.#options.nowUs();
    return (minutes) => {
      if (minutes === 0) return market.lastPrice;
      const observedMs = msFromUs(nowUs) - msFromUs(market.sinceUs);
      if (observedMs < minutes * MS_PER_MINUTE) return null;
      return market.averages.find((average) => average.minutes === minutes)?.at(nowUs) ?? market.lastPrice;
    };
  }

  /** Prepared anew whenever the venue's rules have changed. */
  #market(symbol: InstrumentId): Market | null {
    const rules = this.#options.rulesOf(symbol);
    const known = this.#markets.get(symbol);
    if (rules === null || known?.rules === rules) return rules === null ? null : (known ?? null);
    const unheld = { ...rules, positionMax: null };
    const minutes = new Set([
      rules.percentPrice?.averageMinutes ?? 0,
      ...rules.notional.map((range) => range.averageMinutes),
    ]);
    const market: Market = {
      rules,
      filters: new OrderFilters(unheld, NO_EXCHANGE_RULES, conversionOf(unheld, assetScales([unheld]))),
      trader: new Trader(NOBODY, unheld, new OrderPool()),
      averages: [...minutes].filter((each) => each > 0).map((each) => new AveragePrice(each)),
      sinceUs: this.#options.nowUs(),
      lastPrice: null,
    };
    this.#markets.set(symbol, market);
    return market;
  }
}
