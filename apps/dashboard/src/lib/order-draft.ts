import type { InstrumentMessage, ManualOrderRequest } from '@monsta/contracts';
import { affordable, compare, isMultiple, isPositive, multiply } from './exact.ts';

/** What can be chosen to enter; `trailing_stop` is a stop whose trigger follows the market. */
export const ENTRY_TYPES = [
  'market',
  'limit',
  'limit_maker',
  'stop_loss',
  'stop_loss_limit',
  'trailing_stop',
  'take_profit',
  'take_profit_limit',
  'oco',
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/** An order as it is typed. */
export interface OrderDraft {
  readonly side: 'buy' | 'sell';
  readonly type: EntryType;
  readonly timeInForce: 'gtc' | 'ioc' | 'fok';
  /** `quote`: `size` is money, and the quantity follows from it. */
  readonly sizeIn: 'base' | 'quote';
  readonly size: string;
  readonly limitPrice: string;
  readonly stopPrice: string;
  readonly stopLimitPrice: string;
  /** Percent. */
  readonly trailing: string;
  readonly icebergQuantity: string;
  readonly exitStop: string;
  readonly exitProfit: string;
}

export const EMPTY_DRAFT: OrderDraft = {
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  sizeIn: 'base',
  size: '',
  limitPrice: '',
  stopPrice: '',
  stopLimitPrice: '',
  trailing: '',
  icebergQuantity: '',
  exitStop: '',
  exitProfit: '',
};

export const DRAFT_FIELDS = [
  'size',
  'limitPrice',
  'stopPrice',
  'stopLimitPrice',
  'trailing',
  'icebergQuantity',
  'exitStop',
  'exitProfit',
] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

export type DraftFaultCode =
  | 'needed'
  | 'number'
  | 'tick'
  | 'lot'
  | 'quantityMin'
  | 'quantityMax'
  | 'notionalMin'
  | 'notionalMax'
  | 'noPrice'
  | 'percent'
  | 'shownTooMuch'
  | 'exitStopSide'
  | 'exitProfitSide';

export interface DraftFault {
  readonly code: DraftFaultCode;
  /** The limit that it broke. */
  readonly limit: string;
}

/** Where the price of an estimate is from. */
export type PriceSource = 'limit' | 'trigger' | 'bestAsk' | 'bestBid' | 'lastTrade';

export interface Estimate {
  readonly quantity: string;
  readonly price: string;
  readonly source: PriceSource;
  /** quantity × price, exact; what will be paid or got is another number. */
  readonly value: string;
}

/** The market as the page knows it; null where it does not. */
export interface MarketPrices {
  readonly bestBid: string | null;
  readonly bestAsk: string | null;
  readonly lastTrade: string | null;
}

export interface ReadDraft {
  readonly faults: Readonly<Partial<Record<DraftField, DraftFault>>>;
  /** What can be sent; null while something is missing or wrong. */
  readonly order: ManualOrderRequest | null;
  readonly estimate: Estimate | null;
}

const PLAIN = /^\d{1,20}(\.\d{1,18})?$/;
const PERCENT = /^\d{1,3}(\.\d{1,2})?$/;

/** Which fields a type has; `may` can stay empty. */
export function fieldsOf({ type, side, timeInForce }: Pick<OrderDraft, 'type' | 'side' | 'timeInForce'>) {
  const hasLimit = type === 'limit' || type === 'limit_maker' || type.endsWith('_limit') || type === 'oco';
  const waits = type.startsWith('stop_') || type.startsWith('take_') || type === 'oco';
  const rests = type === 'limit_maker' || type.endsWith('_limit') || (type === 'limit' && timeInForce === 'gtc');
  return {
    timeInForce: type === 'limit',
    limitPrice: hasLimit ? 'needed' : null,
    stopPrice: waits ? 'needed' : type === 'trailing_stop' ? 'may' : null,
    stopLimitPrice: type === 'oco' ? 'may' : null,
    trailing: type === 'trailing_stop' ? 'needed' : null,
    icebergQuantity: rests ? 'may' : null,
    exitStop: side === 'buy' ? 'may' : null,
    exitProfit: side === 'buy' ? 'may' : null,
  } as const;
}

function priceOf(draft: OrderDraft, market: MarketPrices): readonly [string, PriceSource] | null {
  const fields = fieldsOf(draft);
  if (fields.limitPrice !== null && isPositive(draft.limitPrice)) return [draft.limitPrice, 'limit'];
  if (fields.stopPrice !== null && isPositive(draft.stopPrice)) return [draft.stopPrice, 'trigger'];
  // Where a limit is still to be typed, the market's price would be another order's.
  if (fields.limitPrice !== null) return null;
  const [best, source] =
    draft.side === 'buy' ? ([market.bestAsk, 'bestAsk'] as const) : ([market.bestBid, 'bestBid'] as const);
  if (best !== null) return [best, source];
  return market.lastTrade === null ? null : [market.lastTrade, 'lastTrade'];
}

/** Percent with at most two digits as basis points. */
function basisPointsOf(percent: string): number | null {
  if (!PERCENT.test(percent)) return null;
  const [whole = '', part = ''] = percent.split('.');
  const points = Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return points >= 1 && points <= 10_000 ? points : null;
}

/** Reads one draft and keeps the first thing that is wrong with each field. */
class Reading {
  readonly faults: Partial<Record<DraftField, DraftFault>> = {};
  readonly #draft: OrderDraft;
  readonly #instrument: InstrumentMessage;

  constructor(draft: OrderDraft, instrument: InstrumentMessage) {
    this.#draft = draft;
    this.#instrument = instrument;
  }

  fault(field: DraftField, code: DraftFaultCode, limit = ''): null {
    this.faults[field] ??= { code, limit };
    return null;
  }

  #plain(field: DraftField, need: 'needed' | 'may' | null): string | null {
    const text = this.#draft[field].trim();
    if (need === null) return null;
    if (text === '') return need === 'needed' ? this.fault(field, 'needed') : null;
    return PLAIN.test(text) && isPositive(text) ? text : this.fault(field, 'number');
  }

  price(field: DraftField, need: 'needed' | 'may' | null): string | null {
    const text = this.#plain(field, need);
    if (text === null) return null;
    const { tickSize } = this.#instrument;
    return isMultiple(text, tickSize) ? text : this.fault(field, 'tick', tickSize);
  }

  lots(field: DraftField, need: 'needed' | 'may' | null): string | null {
    const text = this.#plain(field, need);
    if (text === null) return null;
    const { lotSize } = this.#instrument;
    return isMultiple(text, lotSize) ? text : this.fault(field, 'lot', lotSize);
  }

  trailing(need: 'needed' | null): number | null {
    const text = this.#draft.trailing.trim();
    if (need === null) return null;
    if (text === '') return this.fault('trailing', 'needed');
    return basisPointsOf(text) ?? this.fault('trailing', 'percent');
  }

  /** The quantity, from lots or from money at the price. */
  quantity(price: readonly [string, PriceSource] | null): string | null {
    if (this.#draft.sizeIn === 'base') return this.lots('size', 'needed');
    const money = this.#plain('size', 'needed');
    if (money === null) return null;
    if (price === null) return this.fault('size', 'noPrice');
    return affordable(money, price[0], this.#instrument.lotSize);
  }

  /** What the exchange takes at once. */
  bounds(quantity: string, estimate: Estimate | null): void {
    const { quantityMin, quantityMax, marketQuantityMax, notionalMin, notionalMax } = this.#instrument;
    const most = this.#draft.type === 'market' ? (marketQuantityMax ?? quantityMax) : quantityMax;
    if (compare(quantity, quantityMin) === -1) this.fault('size', 'quantityMin', quantityMin);
    if (compare(quantity, most) === 1) this.fault('size', 'quantityMax', most);
    if (estimate === null) return;
    if (notionalMin !== null && compare(estimate.value, notionalMin) === -1)
      this.fault('size', 'notionalMin', notionalMin);
    if (notionalMax !== null && compare(estimate.value, notionalMax) === 1)
      this.fault('size', 'notionalMax', notionalMax);
  }
}

/** What is wrong with a draft, what it would be as an order, and about what it comes to. Pure: the server has the last word. */
export function readDraft(typed: OrderDraft, instrument: InstrumentMessage, market: MarketPrices): ReadDraft {
  const draft: OrderDraft = { ...typed, limitPrice: typed.limitPrice.trim(), stopPrice: typed.stopPrice.trim() };
  const reading = new Reading(draft, instrument);
  const need = fieldsOf(draft);
  const at = priceOf(draft, market);
  const quantity = reading.quantity(at);
  const limitPrice = reading.price('limitPrice', need.limitPrice);
  const stopPrice = reading.price('stopPrice', need.stopPrice);
  const stopLimitPrice = reading.price('stopLimitPrice', need.stopLimitPrice);
  const trailingBps = reading.trailing(need.trailing);
  const icebergQuantity = reading.lots('icebergQuantity', need.icebergQuantity);
  const exitStop = reading.price('exitStop', need.exitStop);
  const exitProfit = reading.price('exitProfit', need.exitProfit);
  const value = quantity === null || at === null ? null : multiply(quantity, at[0]);
  const estimate =
    quantity === null || at === null || value === null ? null : { quantity, price: at[0], source: at[1], value };
  if (quantity !== null) {
    reading.bounds(quantity, estimate);
    if (icebergQuantity !== null && compare(icebergQuantity, quantity) === 1)
      reading.fault('icebergQuantity', 'shownTooMuch', quantity);
  }
  if (at !== null && exitStop !== null && compare(exitStop, at[0]) !== -1)
    reading.fault('exitStop', 'exitStopSide', at[0]);
  if (at !== null && exitProfit !== null && compare(exitProfit, at[0]) !== 1)
    reading.fault('exitProfit', 'exitProfitSide', at[0]);
  if (quantity === null || Object.keys(reading.faults).length > 0)
    return { faults: reading.faults, order: null, estimate };
  const exit =
    exitStop === null && exitProfit === null
      ? null
      : {
          stop: exitStop === null ? null : { price: exitStop },
          takeProfit: exitProfit === null ? null : { price: exitProfit },
        };
  const order: ManualOrderRequest = {
    instrument: instrument.id,
    side: draft.side,
    type: draft.type === 'trailing_stop' ? 'stop_loss' : draft.type,
    timeInForce: need.timeInForce ? draft.timeInForce : 'gtc',
    quantity,
    limitPrice,
    stopPrice,
    stopLimitPrice,
    trailingBps,
    icebergQuantity,
    exit,
  };
  return { faults: {}, order, estimate };
}

const WHERE: Readonly<Record<string, DraftField>> = {
  quantity: 'size',
  limitPrice: 'limitPrice',
  stopPrice: 'stopPrice',
  stopLimitPrice: 'stopLimitPrice',
  trailingBps: 'trailing',
  icebergQuantity: 'icebergQuantity',
  'exit.stop.price': 'exitStop',
  'exit.takeProfit.price': 'exitProfit',
};

/** What the server found wrong, by the field that it is about; what is about none is left out. */
export function faultsByField(
  faults: readonly { readonly where: string; readonly message: string }[],
): Readonly<Partial<Record<DraftField, string>>> {
  return Object.fromEntries(
    faults.flatMap(({ where, message }) => {
      const field = WHERE[where];
      return field === undefined ? [] : [[field, message]];
    }),
  );
}
