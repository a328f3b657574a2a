import { timestampUs } from '@monsta/core';
import type { InstrumentId, Quantity, StrategyId, TimestampUs } from '@monsta/core';
import { FLATTEN_TAG } from './exit-cause.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import { isTooSmall, marketExit, nextExitAfterUs, TELL_AFTER } from './market-exit.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { positionKey } from './position.ts';

/** How far the closing of one position is. */
interface Closing {
  readonly attempts: number;
  readonly notBeforeUs: TimestampUs;
  /** What was left when risk found it too small to sell; null: nothing of the kind. */
  readonly tooSmall: Quantity | null;
}

export interface FlattenState {
  readonly sinceUs: TimestampUs;
  readonly notBeforeUs: TimestampUs;
  /** What its orders are called; left out: that a person wants it. */
  readonly tag?: string;
  /** By strategy and instrument. */
  readonly closings: Readonly<Record<string, Closing>>;
}

interface FlattenParts {
  readonly config: KernelConfig;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly emit: Emit;
}

interface Open {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly lots: Quantity;
}

export const beginFlatten = (nowUs: TimestampUs, tag: string | null = null): FlattenState => ({
  ...(tag === null ? {} : { tag }),
  sinceUs: nowUs,
  notBeforeUs: nowUs,
  closings: {},
});

const keyOf = ({ strategyId, instrument }: Open): string => positionKey(strategyId, instrument);

/**
 * One step of closing every position at the market: waits until no order is working, then sells what is held. What is refused is tried again, after twice the time at each attempt
 * and at least once a minute, until it is sold or a person resumes trading: the venue may be out of reach for long. Gives the state to go on with, or null when nothing is left
 * that can be sold.
 */
export function stepFlatten(state: FlattenState, nowUs: TimestampUs, parts: FlattenParts): FlattenState | null {
  const { portfolio, desk } = parts;
  if (nowUs < state.notBeforeUs) return state;
  const working = portfolio.workingOrders();
  // A cancel may have been refused, or lost with the program.
  const resting = working.filter(({ type, status }) => type !== 'market' && status !== 'pending_cancel');
  for (const order of resting) desk.cancel(order, nowUs);
  if (resting.length > 0) return { ...state, notBeforeUs: timestampUs(nowUs + nextExitAfterUs(0)) };
  if (working.length > 0) return state;
  const closings: Record<string, Closing> = { ...state.closings };
  const open = portfolio
    .positions()
    .map(({ strategyId, instrument }) => ({
      strategyId,
      instrument,
      lots: portfolio.freeToSell(strategyId, instrument, nowUs),
    }))
    .filter((each) => each.lots > 0 && closings[keyOf(each)]?.tooSmall !== each.lots);
  if (open.length === 0) return null;
  for (const each of open) {
    const before = closings[keyOf(each)];
    if (before === undefined || nowUs >= before.notBeforeUs)
      closings[keyOf(each)] = close(each, before?.attempts ?? 0, state, nowUs, parts);
  }
  const dues = open.map((each) => closings[keyOf(each)]?.notBeforeUs ?? nowUs);
  return { ...state, closings, notBeforeUs: timestampUs(Math.min(...dues)) };
}

function close(open: Open, before: number, state: FlattenState, nowUs: TimestampUs, parts: FlattenParts): Closing {
  const { strategyId, instrument, lots } = open;
  const { desk, emit, portfolio } = parts;
  const position = portfolio.position(strategyId, instrument, nowUs);
  if (before === TELL_AFTER) report(open, state, nowUs, parts);
  const placed = desk.place(marketExit(position, lots, state.tag ?? FLATTEN_TAG), nowUs, { flattening: true });
  const notBeforeUs = timestampUs(nowUs + nextExitAfterUs(before));
  if (!('denied' in placed)) return { attempts: before + 1, notBeforeUs, tooSmall: null };
  const { message, actual, limit } = placed.denied;
  const text = `${keyOf(open)}: ${message} (${actual} against ${limit})`;
  emit({ kind: 'note', level: 'warn', code: 'flatten_denied', message: text });
  return { attempts: before + 1, notBeforeUs, tooSmall: isTooSmall(placed.denied) ? lots : null };
}

function report({ strategyId, instrument }: Open, state: FlattenState, nowUs: TimestampUs, parts: FlattenParts): void {
  parts.emit({
    kind: 'divergence',
    divergence: {
      id: `flatten_failed:${state.sinceUs}:${strategyId}:${instrument}`,
      code: 'flatten_failed',
      message: `the position of ${strategyId} in ${instrument} could not be closed in ${TELL_AFTER} attempts; it is tried on, at least once a minute, until trading is resumed`,
      accountId: parts.config.accountId,
      tsUs: nowUs,
    },
  });
}
