import { intervalUs, type AccountId, type Bar, type InstrumentId, type Interval, type TimestampUs } from '@monsta/core';
import type { DecisionRecord } from '../records.ts';
import { isDenied } from '../risk.ts';
import type { GateState } from '../trading-gate.ts';
import { reasonText } from './asks.ts';
import type { Answered } from './carry-out.ts';
import type { StrategyFailure } from './failure.ts';
import type { StrategySlot } from './slot.ts';
import type { StrategyPrediction } from './vocabulary.ts';
import type { StrategyWish } from './wish.ts';

/** What a decision is about. */
export interface Occasion {
  readonly slot: StrategySlot;
  /** Tells it from all others of the strategy and instrument, the same whenever the same inputs come again. A number is when the bar of the slot's main interval opened, ms: most bars leave no record. */
  readonly key: string | number;
  readonly tsEventUs: TimestampUs;
  readonly predictions: readonly StrategyPrediction[];
}

export type Verdict = Pick<DecisionRecord, 'action' | 'wanted' | 'risk' | 'orders'>;

export const verdict = (action: Verdict['action'], wanted: unknown): Verdict => ({
  action,
  wanted,
  risk: null,
  orders: [],
});

export function decisionOf(
  { slot, key, tsEventUs, predictions }: Occasion,
  accountId: AccountId,
  what: Verdict,
  instrument: InstrumentId = slot.instrument,
): DecisionRecord {
  const name = typeof key === 'number' ? `${slot.interval}:${key}` : key;
  const other = instrument === slot.instrument ? '' : `:${slot.instrument}`;
  return {
    id: `${slot.strategy.id}:${instrument}:${name}${other}`,
    accountId,
    strategyId: slot.strategy.id,
    instrument,
    tsEventUs,
    prediction: predictions.length === 0 ? null : predictions,
    ...what,
  };
}

/** Timers are set and forgotten without a record; everything else is one. */
const isSpoken = ({ kind }: StrategyWish): boolean => kind !== 'set-timer' && kind !== 'cancel-timer';

/** True where something was asked for that belongs into the log. */
export const asksForMore = (wishes: readonly StrategyWish[]): boolean => wishes.some(isSpoken);

const SILENT: ReadonlySet<string> = new Set(['kind', 'instrument', 'reason', 'confidence', 'text']);

type Seen = StrategySlot['indicators'];

/** A wish as it is shown: what it asks for, and what was said to be left out left out. */
function shown(wish: StrategyWish, indicators: Seen): Readonly<Record<string, unknown>> {
  const details = Object.entries(wish).filter(([name, value]) => !SILENT.has(name) && value !== null);
  return { ask: wish.kind, ...Object.fromEntries(details), ...reasonOf(wish, indicators) };
}

function reasonOf(wish: StrategyWish, indicators: Seen): { readonly reason?: string; readonly confidence?: number } {
  if (!('reason' in wish)) return {};
  const { reason, confidence } = wish;
  const words = reasonText(reason, indicators);
  return { ...(words === null ? {} : { reason: words }), ...(confidence === null ? {} : { confidence }) };
}

function wantedOf(answered: readonly Answered[], indicators: Seen): unknown {
  const wishes = answered.map(({ wish }) => wish).filter(isSpoken);
  const log = wishes.flatMap((wish) => (wish.kind === 'log' ? [wish.text] : []));
  const said = log.length === 0 ? {} : { log };
  const target = wishes.find((wish) => wish.kind === 'target');
  const others = wishes.filter((wish) => wish !== target && wish.kind !== 'log').map((wish) => shown(wish, indicators));
  const asked = others.length === 0 ? {} : { asked: others };
  if (target !== undefined) {
    const { fraction, reason, confidence, limitPrice } = target;
    const sure = confidence === null ? {} : { confidence };
    return { target: fraction, reason: reasonText(reason, indicators), limitPrice, ...sure, ...asked, ...said };
  }
  const reason = wishes.map((wish) => reasonOf(wish, indicators).reason).find((text) => text !== undefined);
  const nothing = others.length === 0 ? 'the strategy asked for nothing' : null;
  return { target: null, reason: reason ?? nothing, ...asked, ...said };
}

/** Everything that was asked for in one instrument, as one verdict: an entry or exit where an order went out, what was refused before what was not. `indicators`: of that instrument, as of now. */
export function verdictOn(answered: readonly Answered[], indicators: Seen): Verdict {
  const spoken = answered.filter(({ wish }) => isSpoken(wish));
  const answers = spoken.flatMap(({ risk }) => (risk === null ? [] : [risk]));
  const [first] = answers;
  const risk = answers.length > 1 ? { ...(answers.find(isDenied) ?? first), answers } : (first ?? null);
  const actions = new Set(spoken.map(({ action }) => action));
  const action = (['enter', 'exit', 'not_trading'] as const).find((each) => actions.has(each)) ?? 'hold';
  const orders = answered.flatMap((each) => each.orders.map(({ clientOrderId }) => clientOrderId));
  return { action, wanted: wantedOf(answered, indicators), risk, orders };
}

/** Why a bar is not decided by its strategy; null where it is. `behind`: an interval whose newest bar is missing. */
export function hindranceOf(
  slot: StrategySlot,
  bar: Bar,
  { failure, gate, behind, nowUs }: Hindrances,
): Verdict | null {
  if (failure !== null) {
    const reason = `the strategy is stopped because it failed: ${failure.message}`;
    return verdict('not_trading', { reason, ...failure });
  }
  if (gate.state === 'HALTED')
    return verdict('not_trading', { reason: `the strategy is paused: ${gate.reason ?? 'no reason given'}` });
  const lateUs = nowUs - bar.closeTimeUs;
  if (lateUs > intervalUs(bar.interval)) {
    const reason = `the bar arrived ${Math.round(lateUs / 1_000_000)} s after its close; the past is not traded`;
    return verdict('not_trading', { reason });
  }
  for (const [interval, window] of slot.windows) {
    if (window.full) continue;
    const of = slot.windows.size > 1 ? ` of ${interval}` : '';
    const reason = `${window.size} of ${window.capacity} closed bars${of} without a gap are there`;
    return verdict('warm_up', { reason });
  }
  return behind === null ? null : verdict('warm_up', { reason: `the bar of ${behind} that closed last has not come` });
}

interface Hindrances {
  readonly failure: StrategyFailure | null;
  readonly gate: GateState;
  readonly behind: Interval | null;
  readonly nowUs: TimestampUs;
}
