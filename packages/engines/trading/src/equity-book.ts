import { addAmounts, AMOUNT_SCALE, divide, pow10, subtractAmounts, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, TimestampUs } from '@monsta/core';

const ONE = pow10(AMOUNT_SCALE) as Amount;

/** What returns are measured by. */
export interface EquityState {
  /** Deposits less withdrawals since the first valuation. */
  readonly deposits: Amount;
  /** Money that came or went while the equity was not known, or since it was last looked at. */
  readonly pending: Amount;
  /** The growth when money last came or went, and the equity right after it; null before the first valuation. */
  readonly link: { readonly growth: Amount; readonly equity: Amount } | null;
  /** The next sample is due by then. */
  readonly sampleUs: number;
  readonly dayStartUs: TimestampUs | null;
}

export const NEW_EQUITY: EquityState = {
  deposits: ZERO_AMOUNT,
  pending: ZERO_AMOUNT,
  link: null,
  sampleUs: 0,
  dayStartUs: null,
};

/** A valuation that is kept: what one unit of money has become. */
export interface Valued {
  readonly state: EquityState;
  readonly growth: Amount;
  /** Money has come or gone, or the first valuation was made: the state must be recorded. */
  readonly linked: boolean;
}

/**
 * Growth of one unit of money since the first valuation, time-weighted: the equity's own growth between two cash flows, multiplied over all of them
 * (true time-weighted return; CFA Institute, Global Investment Performance Standards). While there is no equity at work there is no growth either.
 */
function growthOf({ growth, equity }: NonNullable<EquityState['link']>, now: Amount): Amount {
  return equity <= 0n ? growth : (divide(growth * (now > 0n ? now : ZERO_AMOUNT), equity, 'half-even') as Amount);
}

/** Whether a valuation now would be kept; between those that are it changes nothing. */
export const isSampleDue = (
  { link, pending, sampleUs, dayStartUs: since }: EquityState,
  nowUs: TimestampUs,
  dayStartUs: TimestampUs | null,
): boolean => link === null || pending !== 0n || nowUs >= sampleUs || dayStartUs !== since;

/** Takes the equity of a moment at which a sample is due (`isSampleDue`): at multiples of `everyUs`, when money came or went, and when a day began. */
export function valued(
  before: EquityState,
  equity: Amount,
  nowUs: TimestampUs,
  dayStartUs: TimestampUs | null,
  everyUs: number,
): Valued {
  const flow = before.pending;
  const earned = before.link === null ? ONE : growthOf(before.link, subtractAmounts(equity, flow));
  const linked = before.link === null || flow !== 0n;
  // What came before the first valuation is the capital that growth is counted from.
  const deposits = before.link === null ? before.deposits : addAmounts(before.deposits, flow);
  const state: EquityState = {
    deposits,
    pending: ZERO_AMOUNT,
    link: linked ? { growth: earned, equity } : before.link,
    sampleUs: Math.floor(nowUs / everyUs) * everyUs + everyUs,
    dayStartUs,
  };
  return { state, growth: earned, linked };
}

/** Money came (or went, below zero) without a trade of ours. */
export const withFlow = (state: EquityState, by: Amount): EquityState => ({
  ...state,
  pending: addAmounts(state.pending, by),
});
