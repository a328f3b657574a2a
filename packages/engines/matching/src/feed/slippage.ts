import { divide, RATE_UNIT } from '@monsta/core';

/**
 * How far from the price that is shown a taker fills. Rates are parts per million; the result is rounded further against the taker, to the tick.
 *
 * - `none`: at the price shown.
 * - `rate`: price × (1 ± ppm); 100 ppm is one basis point.
 * - `ticks`: price ± so many ticks, whatever the price.
 * - `spread`: price ± share × (ask − bid), for feeds that show both.
 * - `square-root`: price × (1 ± ppm × √(size ÷ volume)), the square-root law of market impact (Almgren, Thum, Hauptmann and Li, "Direct estimation of equity market impact",
 *   Risk 18, 2005; Tóth et al., Phys. Rev. X 1, 021006, 2011), with `ppm` for what an order as large as the whole volume pays. The volume is that of the bar, or what was
 *   traded in the minute before; where nothing was traded, or less than the size, the order counts as all of it.
 */
export type SlippageModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'rate'; readonly ppm: number }
  | { readonly kind: 'ticks'; readonly ticks: number }
  | { readonly kind: 'spread'; readonly sharePpm: number }
  | { readonly kind: 'square-root'; readonly ppm: number };

/** What a model may look at: ticks and lots. */
export interface SlippageInput {
  readonly spread: number;
  readonly size: number;
  readonly volume: number;
}

/** A move against the taker: a rate of the price, and ticks on top. */
export interface Move {
  readonly ppm: number;
  readonly ticks: number;
}

const UNMOVED: Move = { ppm: 0, ticks: 0 };

/** The move that a model asks of an order. */
export function moveOf(model: SlippageModel, { spread, size, volume }: SlippageInput): Move {
  switch (model.kind) {
    case 'none':
      return UNMOVED;
    case 'rate':
      return { ppm: model.ppm, ticks: 0 };
    case 'ticks':
      return { ppm: 0, ticks: model.ticks };
    case 'spread':
      return { ppm: 0, ticks: Number(divide(BigInt(spread) * BigInt(model.sharePpm), RATE_UNIT, 'ceil')) };
    case 'square-root': {
      if (size >= volume) return { ppm: model.ppm, ticks: 0 };
      const squared = BigInt(model.ppm) * BigInt(model.ppm) * BigInt(size);
      return { ppm: Number(rootUp(divide(squared, BigInt(volume), 'ceil'))), ticks: 0 };
    }
  }
}

/** A price moved against a taker, rounded further against him: up for a buy, down for a sell, never below one tick. */
export function movedPrice(price: number, isBuy: boolean, { ppm, ticks }: Move): number {
  if (ppm === 0) return isBuy ? price + ticks : Math.max(1, price - ticks);
  const moved = timesRate(price, isBuy ? PPM + ppm : PPM - ppm, isBuy);
  return isBuy ? moved + ticks : Math.max(1, moved - ticks);
}

const PPM = Number(RATE_UNIT);

/** `price × rate / 10^6`, rounded up or down; both are safe integers. */
function timesRate(price: number, rate: number, up: boolean): number {
  const product = price * rate;
  if (!Number.isSafeInteger(product) || product < 0)
    return Number(divide(BigInt(price) * BigInt(rate), RATE_UNIT, up ? 'ceil' : 'floor'));
  // The quotient is rounded: it may be the next whole number, never another.
  const near = Math.floor(product / PPM);
  const whole = near * PPM > product ? near - 1 : near;
  return up && whole * PPM < product ? whole + 1 : whole;
}

/** The least integer whose square is at least `value`. */
function rootUp(value: bigint): bigint {
  if (value < 2n) return value;
  // Newton's method from above: each step comes closer and never below the root rounded down.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (let next = (root + value / root) >> 1n; next < root; next = (root + value / root) >> 1n) root = next;
  return root * root < value ? root + 1n : root;
}
