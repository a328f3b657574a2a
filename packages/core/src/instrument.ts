import type { Brand } from './brand.ts';
import { formatUnits, parseDecimal, pow10, rescale, type Decimal } from './decimal.ts';
import type { AssetId, InstrumentId } from './ids.ts';
import { AMOUNT_SCALE, type Amount } from './money.ts';
import { err, ok, type Result } from './result.ts';
import type { TimestampUs } from './time.ts';

/** A price in whole ticks of its instrument; a safe integer ≥ 0. */
export type Price = Brand<number, 'Price'>;
/** A quantity in whole lots of its instrument; a safe integer ≥ 0. */
export type Quantity = Brand<number, 'Quantity'>;

export const price = (ticks: number): Price => ticks as Price;
export const quantity = (lots: number): Quantity => lots as Quantity;

/** A step of a price or quantity grid: `units × 10^-scale`, e.g. 0.01 = 1 × 10^-2. `scale` is also how many digits are printed. */
export interface Step {
  readonly units: number;
  readonly scale: number;
}

/**
 * What can be traded and in which steps. Instruments are versioned, because exchanges change ticks: a stored price in ticks
 * belongs to the version it was stored with.
 */
export interface Instrument {
  readonly id: InstrumentId;
  readonly base: AssetId;
  readonly quote: AssetId;
  readonly tick: Step;
  readonly lot: Step;
  /** Smallest and largest quantity of a limit order, in lots. */
  readonly quantityMin: Quantity;
  readonly quantityMax: Quantity;
  /** Largest quantity of a market order, in lots; null where the venue states none. */
  readonly marketQuantityMax: Quantity | null;
  /** Least and most money an order may be worth, in the quote asset; null where the venue states none. */
  readonly notionalMin: Amount | null;
  readonly notionalMax: Amount | null;
  /** `delisted`: the venue does not list it any more. */
  readonly status: 'trading' | 'halted' | 'delisted';
  /** Counts up each time the venue changes any field. */
  readonly version: number;
  readonly validFromUs: TimestampUs;
}

/** True when prices and quantities of both are counted in the same steps. */
export function sameSteps(left: Pick<Instrument, 'tick' | 'lot'>, right: Pick<Instrument, 'tick' | 'lot'>): boolean {
  const same = (a: Step, b: Step): boolean => a.units === b.units && a.scale === b.scale;
  return same(left.tick, right.tick) && same(left.lot, right.lot);
}

/** True when the venue states the same of both, whatever number and day the versions have. */
export function sameTerms(left: Instrument, right: Instrument): boolean {
  return (
    sameSteps(left, right) &&
    left.id === right.id &&
    left.base === right.base &&
    left.quote === right.quote &&
    left.quantityMin === right.quantityMin &&
    left.quantityMax === right.quantityMax &&
    left.marketQuantityMax === right.marketQuantityMax &&
    left.notionalMin === right.notionalMin &&
    left.notionalMax === right.notionalMax &&
    left.status === right.status
  );
}

/** A step from its decimal text (`0.01000000` → 1 × 10^-2). Faults: `decimal_malformed`, `step_invalid` (zero, negative, too large). */
export function parseStep(text: string): Result<Step> {
  const parsed = parseDecimal(text);
  if (!parsed.ok) return parsed;
  let { units, scale } = parsed.value;
  if (units <= 0n) return err('step_invalid', `a step must be above zero, not '${text}'`);
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  if (units > BigInt(Number.MAX_SAFE_INTEGER) || scale > 9)
    return err('step_invalid', `step '${text}' is outside what MONSTA can hold`);
  return ok({ units: Number(units), scale });
}

export type GridRounding = 'exact' | 'down' | 'up';

/**
 * A decimal as whole steps of a grid.
 * `exact` refuses what lies between two steps (fault `off_grid`); `down` and `up` never go the other way.
 * Fault `out_of_range` when the count is negative or no safe integer.
 */
export function toSteps(value: Decimal, step: Step, rounding: GridRounding): Result<number> {
  const scale = Math.max(value.scale, step.scale);
  const units = value.units * pow10(scale - value.scale);
  const size = BigInt(step.units) * pow10(scale - step.scale);
  if (units < 0n) return err('out_of_range', `${formatUnits(value.units, value.scale)} is below zero`);
  const whole = units / size;
  const between = units % size !== 0n;
  if (between && rounding === 'exact') {
    return err('off_grid', `${formatUnits(value.units, value.scale)} is no multiple of ${formatStep(step)}`);
  }
  const steps = between && rounding === 'up' ? whole + 1n : whole;
  if (steps > BigInt(Number.MAX_SAFE_INTEGER)) {
    return err(
      'out_of_range',
      `${formatUnits(value.units, value.scale)} is more than 2^53 − 1 steps of ${formatStep(step)}`,
    );
  }
  return ok(Number(steps));
}

const formatStep = (step: Step): string => formatUnits(BigInt(step.units), step.scale);

/** What `steps` of one grid are in another. Faults as `toSteps`: `off_grid` where it lies between two of them and `rounding` is exact. */
export function restep(steps: number, from: Step, to: Step, rounding: GridRounding = 'exact'): Result<number> {
  return toSteps({ units: BigInt(steps) * BigInt(from.units), scale: from.scale }, to, rounding);
}

function parseOnGrid(text: string, step: Step, rounding: GridRounding): Result<number> {
  const parsed = parseDecimal(text);
  return parsed.ok ? toSteps(parsed.value, step, rounding) : parsed;
}

/** A price from decimal text. Faults: `decimal_malformed`, `off_grid`, `out_of_range`. */
export function parsePrice(
  text: string,
  instrument: Pick<Instrument, 'tick'>,
  rounding: GridRounding = 'exact',
): Result<Price> {
  const steps = parseOnGrid(text, instrument.tick, rounding);
  return steps.ok ? ok(steps.value as Price) : steps;
}

/** A quantity from decimal text. Faults: `decimal_malformed`, `off_grid`, `out_of_range`. */
export function parseQuantity(
  text: string,
  instrument: Pick<Instrument, 'lot'>,
  rounding: GridRounding = 'exact',
): Result<Quantity> {
  const steps = parseOnGrid(text, instrument.lot, rounding);
  return steps.ok ? ok(steps.value as Quantity) : steps;
}

/** Decimal text with the tick's own number of digits: `61737.63`. */
export function formatPrice(value: Price, instrument: Pick<Instrument, 'tick'>): string {
  return formatUnits(BigInt(value) * BigInt(instrument.tick.units), instrument.tick.scale);
}

/** Decimal text with the lot's own number of digits: `0.02000`. */
export function formatQuantity(value: Quantity, instrument: Pick<Instrument, 'lot'>): string {
  return formatUnits(BigInt(value) * BigInt(instrument.lot.units), instrument.lot.scale);
}

/** Binary approximations, for features, charts and statistics only. */
export function approximatePrice(value: Price, instrument: Pick<Instrument, 'tick'>): number {
  return (value * instrument.tick.units) / 10 ** instrument.tick.scale;
}
export function approximateQuantity(value: Quantity, instrument: Pick<Instrument, 'lot'>): number {
  return (value * instrument.lot.units) / 10 ** instrument.lot.scale;
}

/** What was reckoned last: everyone who books a fill asks for the worth of the same. */
const lastNotional = { at: -1, size: -1, tick: null as Step | null, lot: null as Step | null, value: 0n };
const lastBase = { size: -1, lot: null as Step | null, value: 0n };

/** Price × quantity in the quote asset, exactly. Throws where tick and lot together have more than 18 digits (no known venue's have). */
export function notional(at: Price, size: Quantity, instrument: Pick<Instrument, 'tick' | 'lot'>): Amount {
  const { tick, lot } = instrument;
  const last = lastNotional;
  if (last.size !== size || last.at !== at || last.tick !== tick || last.lot !== lot) {
    last.value = productOf(at, size, tick, lot);
    last.at = at;
    last.size = size;
    last.tick = tick;
    last.lot = lot;
  }
  return last.value as Amount;
}

function productOf(at: Price, size: Quantity, tick: Step, lot: Step): bigint {
  const unit = pow10(AMOUNT_SCALE - tick.scale - lot.scale);
  const steps = at * tick.units * size * lot.units;
  // A product of whole numbers that is safe in binary has lost nothing on the way to it.
  if (Number.isSafeInteger(steps)) return BigInt(steps) * unit;
  return BigInt(at) * BigInt(tick.units) * BigInt(size) * BigInt(lot.units) * unit;
}

/** A quantity as an amount of the base asset, exactly. */
export function baseAmount(size: Quantity, { lot }: Pick<Instrument, 'lot'>): Amount {
  const last = lastBase;
  if (last.size !== size || last.lot !== lot) {
    const steps = size * lot.units;
    const whole = Number.isSafeInteger(steps) ? BigInt(steps) : BigInt(size) * BigInt(lot.units);
    last.value = whole * pow10(AMOUNT_SCALE - lot.scale);
    last.size = size;
    last.lot = lot;
  }
  return last.value as Amount;
}

const lastLot = { lot: null as Step | null, value: 0n };

/** One lot of the base asset. */
function oneLot(lot: Step): bigint {
  const last = lastLot;
  if (last.lot !== lot) {
    last.value = BigInt(lot.units) * pow10(AMOUNT_SCALE - lot.scale);
    last.lot = lot;
  }
  return last.value;
}

/** The most whole lots that `money` buys at `at`, fees not counted; rounded down. Zero for a price of zero. */
export function affordableQuantity(money: Amount, at: Price, instrument: Pick<Instrument, 'tick' | 'lot'>): Quantity {
  if (at === 0 || money <= 0n) return 0 as Quantity;
  const perLot = notional(at, 1 as Quantity, instrument);
  const lots = money / perLot;
  return Number(lots > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : lots) as Quantity;
}

/** What was counted last: a position is counted in lots many times before it moves. */
const lastCounted = { base: 0n, lot: null as Step | null, lots: 0, isWhole: true };

/** Counts an amount above zero in lots. */
function counted(base: bigint, lot: Step): typeof lastCounted {
  const last = lastCounted;
  if (last.lot === lot && last.base === base) return last;
  const one = oneLot(lot);
  const lots = base / one;
  const fits = lots <= LOTS_MAX;
  last.base = base;
  last.lot = lot;
  last.lots = fits ? Number(lots) : Number.MAX_SAFE_INTEGER;
  last.isWhole = fits && lots * one === base;
  return last;
}

const LOTS_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** The most whole lots within an amount of the base asset; rounded down. */
export function lotsWithin(base: Amount, { lot }: Pick<Instrument, 'lot'>): Quantity {
  return base <= 0n ? NO_LOTS : (counted(base, lot).lots as Quantity);
}

/** How many lots an amount of the base asset is; null where it is no whole number of them, or below zero. */
export function wholeLots(base: Amount, { lot }: Pick<Instrument, 'lot'>): Quantity | null {
  if (base <= 0n) return base === 0n ? NO_LOTS : null;
  const { lots, isWhole } = counted(base, lot);
  return isWhole ? (lots as Quantity) : null;
}

const NO_LOTS = 0 as Quantity;

/** Rescales decimal text into an integer at `scale`; used for volumes, which are sums and may be finer than today's lot. */
export function parseVolume(text: string, scale: number = VOLUME_SCALE): Result<bigint> {
  const parsed = parseDecimal(text);
  return parsed.ok ? rescale(parsed.value, scale) : parsed;
}

/** Fractional digits of bar volumes, the exchange's own printing. */
export const VOLUME_SCALE = 8;
