import { formatAmount, formatPrice, formatQuantity, notional, US_PER_MS } from '@monsta/core';
import type {
  Amount,
  ClientOrderId,
  Instrument,
  InstrumentId,
  OrderSide,
  Price,
  Quantity,
  Step,
  StrategyId,
  TimestampUs,
} from '@monsta/core';
import type { OrderDenied } from './risk.ts';

/** What is asked for: so much, in equal parts, at equal distances in time. */
export interface TwapWish {
  readonly kind: 'twap';
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly side: OrderSide;
  readonly quantity: Quantity;
  readonly durationUs: number;
  readonly slices: number;
  /** Null: each slice is a market order. */
  readonly limitPrice: Price | null;
  /** What the strategy calls it; null: nothing. */
  readonly tag: string | null;
  readonly reduceOnly: boolean;
}

export const TWAP_SLICES_MAX = 1_000;
export const TWAP_DURATION_MS_MAX = 7 * 24 * 3_600_000;
/** The least time from one slice to the next. */
export const TWAP_SLICE_MS_MIN = 1_000;
/** How much dearer than the least value a slice is planned, parts per thousand: the price may fall while it runs. */
const ROOM_PER_MILLE = 100n;

/** A running algorithm: its terms, and how far it is. All of it survives a restart. */
export interface TwapState extends Omit<TwapWish, 'slices'> {
  readonly algoId: string;
  /** In how many slices it was cut. */
  readonly slices: number;
  /** The steps its quantities and prices are counted in. */
  readonly steps: { readonly tick: Step; readonly lot: Step };
  /** The last trade when it was asked for: what its slippage is measured from. */
  readonly decisionPrice: Price | null;
  readonly beganUs: TimestampUs;
  /** The newest slice that an order was placed for, or refused; -1 before the first. */
  readonly slice: number;
  /** The newest of its orders, by which a fill that comes late is known. */
  readonly children: readonly ClientOrderId[];
  readonly filled: Quantity;
  readonly filledNotional: Amount;
  /** What hindered it last, which is said once. */
  readonly hindrance: string | null;
  /** Set once nothing more is to be placed: why. It ends when its last order has. */
  readonly ending: string | null;
  /** No cancel of its order before. */
  readonly noCancelBeforeUs: number;
}

/** What survives a restart. */
export interface AlgoDeskState {
  readonly next: number;
  readonly running: readonly TwapState[];
}

/** How many of its newest orders an algorithm knows by their ids. */
export const CHILDREN_MAX = 8;

/** What is to be bought or sold until slice `slice` (from 0) inclusive: `⌊quantity × (slice + 1) / slices⌋`, so that the sum over all slices is exact. */
export function quantityUntil(slice: number, { quantity, slices }: Pick<TwapState, 'quantity' | 'slices'>): Quantity {
  if (slice >= slices - 1) return quantity;
  return Number((BigInt(quantity) * BigInt(slice + 1)) / BigInt(slices)) as Quantity;
}

/** Which slice is due at `nowUs`: from 0; `slices` itself once the whole time is over. */
export function sliceAt(
  nowUs: number,
  { beganUs, durationUs, slices }: Pick<TwapState, 'beganUs' | 'durationUs' | 'slices'>,
): number {
  const elapsedUs = Math.max(0, nowUs - beganUs);
  if (elapsedUs >= durationUs) return slices;
  return Number((BigInt(elapsedUs) * BigInt(slices)) / BigInt(durationUs));
}

/** When slice `slice` begins; rounded up, so that `sliceAt` gives `slice` then. */
export function sliceBeginsUs(
  slice: number,
  { beganUs, durationUs, slices }: Pick<TwapState, 'beganUs' | 'durationUs' | 'slices'>,
): number {
  const whole = BigInt(slice) * BigInt(durationUs);
  return beganUs + Number((whole + BigInt(slices) - 1n) / BigInt(slices));
}

const refuse = (rule: string, limit: string, actual: string, message: string): { readonly denied: OrderDenied } => ({
  denied: { rule, limit, actual, message },
});

/** In how many slices a quantity is cut: as many as asked for, or fewer, so that each is worth at least `least` (and a tenth more). Pure. */
export function planSlices(
  { quantity, slices, durationUs }: Pick<TwapWish, 'quantity' | 'slices' | 'durationUs'>,
  at: Price,
  least: Amount,
  instrument: Instrument,
): { readonly slices: number } | { readonly denied: OrderDenied } {
  if (!Number.isInteger(slices) || slices < 1 || slices > TWAP_SLICES_MAX) {
    const limit = `1…${TWAP_SLICES_MAX}`;
    return refuse('algorithm_slices', limit, String(slices), `a TWAP has ${limit} slices`);
  }
  const most = TWAP_DURATION_MS_MAX * US_PER_MS;
  if (!Number.isSafeInteger(durationUs) || durationUs < TWAP_SLICE_MS_MIN * US_PER_MS || durationUs > most) {
    const limit = `${TWAP_SLICE_MS_MIN}…${TWAP_DURATION_MS_MAX} ms`;
    return refuse('algorithm_duration', limit, `${durationUs / US_PER_MS} ms`, `a TWAP takes ${limit}`);
  }
  const inTime = Math.floor(durationUs / (TWAP_SLICE_MS_MIN * US_PER_MS));
  const lots = Math.max(1, instrument.quantityMin);
  const roomy = least + (least * ROOM_PER_MILLE) / 1_000n;
  const whole = notional(at, quantity, instrument);
  // The smallest slice has ⌊quantity / slices⌋ lots; money rounds nothing up that lots round down.
  let fitting = Math.min(slices, inTime, Math.floor(quantity / lots));
  if (roomy > 0n && whole / roomy < BigInt(fitting)) fitting = Number(whole / roomy);
  while (fitting > 1 && notional(at, Math.floor(quantity / fitting) as Quantity, instrument) < roomy) fitting -= 1;
  if (fitting >= 1) return { slices: fitting };
  // One order alone needs no room.
  if (quantity >= lots && whole >= least) return { slices: 1 };
  if (quantity < lots) {
    const [limit, actual] = [formatQuantity(lots as Quantity, instrument), formatQuantity(quantity, instrument)];
    return refuse('order_quantity', limit, actual, `${instrument.id} takes orders of at least ${limit}`);
  }
  return refuse('order_notional_min', formatAmount(least), formatAmount(whole), 'the whole is worth too little');
}

/** What a decision tells of one. */
export const termsOf = (algo: TwapState, steps: Pick<Instrument, 'tick' | 'lot'>) => ({
  algorithm: 'twap',
  algoId: algo.algoId,
  tag: algo.tag,
  side: algo.side,
  quantity: formatQuantity(algo.quantity, steps),
  limitPrice: algo.limitPrice === null ? null : formatPrice(algo.limitPrice, steps),
  decisionPrice: algo.decisionPrice === null ? null : formatPrice(algo.decisionPrice, steps),
});
