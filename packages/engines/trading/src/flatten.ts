import { PLAIN_TERMS } from '@monsta/core';
import type { InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { KernelConfig } from './kernel-types.ts';
import type { Emit, OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';

const RETRY_US = 1_000_000;
/** After this many orders that did not close a position a person has to look. */
const ATTEMPTS_MAX = 5;

export interface FlattenState {
  readonly sinceUs: TimestampUs;
  readonly notBeforeUs: TimestampUs;
  readonly attempts: Readonly<Record<string, number>>;
}

interface FlattenParts {
  readonly config: KernelConfig;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly emit: Emit;
}

export const beginFlatten = (nowUs: TimestampUs): FlattenState => ({
  sinceUs: nowUs,
  notBeforeUs: nowUs,
  attempts: {},
});

/**
 * One step of closing every position at the market: waits until no order is working, then sells what is held. Gives the state to go on with, or null
 * when nothing is left to sell or to try.
 */
export function stepFlatten(state: FlattenState, nowUs: TimestampUs, parts: FlattenParts): FlattenState | null {
  const { config, portfolio, desk, emit } = parts;
  if (nowUs < state.notBeforeUs) return state;
  const working = portfolio.workingOrders();
  // A cancel may have been refused, or lost with the program.
  const resting = working.filter(({ type, status }) => type !== 'market' && status !== 'pending_cancel');
  for (const order of resting) desk.cancel(order, nowUs);
  if (resting.length > 0) return { ...state, notBeforeUs: (nowUs + RETRY_US) as TimestampUs };
  if (working.length > 0) return state;
  const open = portfolio
    .positions()
    .map(({ strategyId, instrument }) => ({
      strategyId,
      instrument,
      lots: portfolio.freeToSell(strategyId, instrument, nowUs),
    }))
    .filter(({ lots }) => lots > 0);
  const attempts: Record<string, number> = { ...state.attempts };
  let trying = 0;
  for (const { strategyId, instrument, lots } of open) {
    const key = `${strategyId}:${instrument}`;
    const before = attempts[key] ?? 0;
    if (before > ATTEMPTS_MAX) continue;
    attempts[key] = before + 1;
    if (before === ATTEMPTS_MAX) {
      reportFailure(strategyId, instrument, nowUs, state, config, emit);
      continue;
    }
    trying += 1;
    const placed = desk.place(
      {
        strategyId,
        instrument,
        side: 'sell',
        type: 'market',
        timeInForce: 'gtc',
        quantity: lots,
        limitPrice: null,
        ...PLAIN_TERMS,
        tag: 'flatten',
        reduceOnly: true,
      },
      nowUs,
      { flattening: true },
    );
    if ('denied' in placed) {
      emit({
        kind: 'note',
        level: 'warn',
        code: 'flatten_denied',
        message: `${key}: ${placed.denied.message} (${placed.denied.actual} against ${placed.denied.limit})`,
      });
    }
  }
  if (trying === 0) return null;
  return { ...state, attempts, notBeforeUs: (nowUs + RETRY_US) as TimestampUs };
}

function reportFailure(
  strategyId: StrategyId,
  instrument: InstrumentId,
  nowUs: TimestampUs,
  state: FlattenState,
  config: KernelConfig,
  emit: Emit,
): void {
  emit({
    kind: 'divergence',
    divergence: {
      id: `flatten_failed:${state.sinceUs}:${strategyId}:${instrument}`,
      code: 'flatten_failed',
      message: `the position of ${strategyId} in ${instrument} could not be closed in ${ATTEMPTS_MAX} attempts; close it by hand`,
      accountId: config.accountId,
      tsUs: nowUs,
    },
  });
}
