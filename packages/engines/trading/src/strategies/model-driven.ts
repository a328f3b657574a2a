import { INTERVALS, intervalMs } from '@monsta/core';
import { absoluteReturn } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';
import type { ParameterSpecs } from '../parameters.ts';
import type { StrategyContext, StrategyFill, StrategyPrediction } from '../strategy/vocabulary.ts';
import { expectedGainBps, roundTripCosts, type RoundTripCosts } from './expected-edge.ts';

/** The executors of the model server. */
const MODELS = ['logistic-regression', 'xgboost', 'lightgbm', 'random-forest'] as const;

const PARAMETERS = {
  interval: { kind: 'choice', default: '1h', options: INTERVALS },
  horizonBars: { kind: 'integer', default: 1, min: 1, max: 1_000 },
  model: { kind: 'choice', default: 'best', options: ['best', ...MODELS] },
  moveBars: { kind: 'integer', default: 168, min: 20, max: 4_000 },
  minEdgeBps: { kind: 'number', default: 5, min: 0, max: 1_000 },
  size: { kind: 'number', default: 1, min: 0.01, max: 1 },
  feeBps: { kind: 'number', default: 10, min: 0, max: 100 },
  slippageBps: { kind: 'number', default: 2, min: 0, max: 100 },
  graceSeconds: { kind: 'integer', default: 30, min: 1, max: 600 },
} as const satisfies ParameterSpecs;

interface Memory {
  /** The bar of which a model with a vote spoke last. */
  saidMs: number | null;
  /** What a taker paid last, in basis points; null before the first fill. */
  feeBps: number | null;
}

const indicatorsOf = (horizonBars: number, moveBars: number) => ({ move: absoluteReturn(horizonBars, moveBars) });

type Context = StrategyContext<typeof PARAMETERS, ReturnType<typeof indicatorsOf>, Memory>;

/** Silence that is the program's own, and will pass: it says nothing of the market, and selling blindly would not be better informed. */
const PASSING: ReadonlySet<string> = new Set(['training', 'feed_stale', 'other_missing']);
/** A fee above this is none of this instrument's. */
const FEE_BPS_MAX = 100;

/** What the models have to say: a probability to act on; silence that may be waited out; or a reason to have no position. */
type Word =
  | { readonly kind: 'said'; readonly said: StrategyPrediction; readonly up: number }
  | { readonly kind: 'silent' | 'unfit'; readonly why: string };

const horizonMsOf = ({ parameters: { interval, horizonBars } }: Context): number => horizonBars * intervalMs(interval);

const isOurs = (context: Context, { model, interval, horizonMs }: StrategyPrediction): boolean =>
  interval === context.parameters.interval &&
  horizonMs === horizonMsOf(context) &&
  (context.parameters.model === 'best' || context.parameters.model === model);

const nameOf = ({ model, interval }: StrategyPrediction): string => `${model} ${interval}`;

function wordOf(context: Context): Word {
  const { nowMs, parameters } = context;
  const { interval, horizonBars, graceSeconds } = parameters;
  // The best vote comes first: of several models that of the highest skill, by the lower end of its interval.
  const best = context.predictions
    .filter((each) => isOurs(context, each))
    .toSorted(
      (one, other) =>
        Number(isFit(other)) - Number(isFit(one)) ||
        (other.skillLow ?? -Infinity) - (one.skillLow ?? -Infinity) ||
        (one.model < other.model ? -1 : 1),
    )[0];
  if (best === undefined)
    return { kind: 'silent', why: `no model has spoken that looks ${horizonBars} bars of ${interval} ahead` };
  const { probabilityUp: up, absence } = best;
  if (up === null) {
    const code = absence?.code ?? 'unknown';
    return {
      kind: PASSING.has(code) ? 'silent' : 'unfit',
      why: `${nameOf(best)} has nothing to say (${absence?.reason ?? code})`,
    };
  }
  if (!best.calibrated)
    return { kind: 'unfit', why: `the probability of ${nameOf(best)} is not calibrated (it says ${percent(up)} up)` };
  if (!best.hasVote)
    return { kind: 'unfit', why: `${nameOf(best)} has no vote: ${unproven(best)} (it says ${percent(up)} up)` };
  if (nowMs - best.timeMs > best.horizonMs + 1_000 * graceSeconds)
    return { kind: 'unfit', why: `what ${nameOf(best)} said last (${percent(up)} up) is older than its horizon` };
  return { kind: 'said', said: best, up };
}

/** What a model lacks for a vote, with the numbers where they are known. */
function unproven({ evidence }: StrategyPrediction): string {
  if (evidence === undefined || evidence === null) return 'its skill is not proven';
  const { skill, netBps } = evidence;
  const ends = ({ low, high }: typeof skill, scale: number, unit: string): string =>
    `${(scale * low).toFixed(2)} to ${(scale * high).toFixed(2)} ${unit}`;
  if (skill.low <= 0) return `its skill over the best baseline, ${ends(skill, 100, 'points')}, is not above zero`;
  if (netBps === null) return 'too few of its forecasts pay for their costs to tell what it brings after them';
  if (netBps.low <= 0) return `its result after costs, ${ends(netBps, 1, 'bps a bar')}, is not above zero`;
  return 'its figures would earn one, but a vote is won only at a look at new bars, which is not due';
}

const isFit = ({ probabilityUp, calibrated, hasVote }: StrategyPrediction): boolean =>
  probabilityUp !== null && calibrated && hasVote;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const bps = (value: number): string => `${value.toFixed(1)} bps`;

const costsText = (costs: RoundTripCosts | null): string =>
  costs === null
    ? 'costs unknown'
    : `costs ${bps(costs.totalBps)} (fees ${costs.feesBps.toFixed(1)}, spread ${costs.spreadBps.toFixed(1)}, slippage ${costs.slippageBps.toFixed(1)})`;

/** Looks at what is known and says what to hold; each call leaves a sentence with the probability, the expected move, the costs and the edge. */
function decide(context: Context): void {
  const { parameters, position, indicators, quote, slippage, state } = context;
  const costs = roundTripCosts(quote, state.feeBps ?? parameters.feeBps, parameters.slippageBps, slippage);
  const word = wordOf(context);
  const move = `expected move ${bps(10_000 * indicators.move)}`;
  if (word.kind !== 'said') {
    const figures = `${move}, ${costsText(costs)}, edge unknown`;
    if (position.quantity > 0) holdOn(context, word, figures);
    else context.setTarget(0, { reason: `${figures}: no trade, because ${word.why}` });
    return;
  }
  const { said, up } = word;
  if (state.saidMs !== said.timeMs) state.saidMs = said.timeMs;
  const gain = expectedGainBps(up, indicators.move);
  const edge = costs === null ? null : gain - costs.totalBps;
  const figures = `${nameOf(said)} says ${percent(up)} up, ${move}, ${costsText(costs)}, edge ${edge === null ? 'unknown' : bps(edge)}`;
  if (position.quantity > 0) {
    if (gain < 0) context.setTarget(0, { reason: `${figures}: left, because holding on is worth ${bps(gain)}` });
    else hold(context, `${figures}: held, because holding on is worth ${bps(gain)}`);
    return;
  }
  const hindrance = whyNot(context, said, edge);
  if (hindrance === null) {
    const reason = `${figures}: entered, because the edge is at least ${bps(parameters.minEdgeBps)}`;
    context.setTarget(parameters.size, { reason, confidence: up });
  } else context.setTarget(0, { reason: `${figures}: no trade, because ${hindrance}` });
}

function whyNot({ nowMs, parameters }: Context, said: StrategyPrediction, edge: number | null): string | null {
  // What was said of an earlier bar is worth holding on to, but is no reason to begin.
  if (nowMs >= said.timeMs + intervalMs(parameters.interval))
    return `${nameOf(said)} has not spoken of the newest bar yet`;
  if (edge === null) return 'without a quote the costs are unknown';
  return edge >= parameters.minEdgeBps ? null : `the edge is below ${bps(parameters.minEdgeBps)}`;
}

/** Nobody speaks, or nobody fit to: a silence that passes is waited out while what was said last still holds. */
function holdOn(context: Context, { kind, why }: Exclude<Word, { kind: 'said' }>, figures: string): void {
  const { nowMs, parameters, state } = context;
  const untilMs = state.saidMs === null ? null : state.saidMs + horizonMsOf(context) + 1_000 * parameters.graceSeconds;
  if (kind === 'silent' && untilMs !== null && nowMs <= untilMs)
    hold(context, `${figures}: held, because ${why}, and what was said last still holds`);
  else context.setTarget(0, { reason: `${figures}: left, because ${why}` });
}

/** Asks for what is held, so that the sentence stands beside it. More than its allocation can't be asked for, and less would be sold down to. */
function hold({ position: { fraction }, setTarget, log }: Context, reason: string): void {
  if (fraction === null || fraction > 1) log(reason);
  else setTarget(fraction, { reason });
}

/** What one side of a trade cost, in basis points; null where the fee was paid in a third asset. */
function feeBpsOf(instrument: string, { fee, feeAsset, price, quantity }: StrategyFill): number | null {
  const of = instrument.endsWith(feeAsset) ? price * quantity : instrument.startsWith(feeAsset) ? quantity : 0;
  const paid = (10_000 * fee) / of;
  return of > 0 && paid <= FEE_BPS_MAX ? paid : null;
}

/** Long while a model with proven skill expects the price to rise by more than a round trip costs. */
export const modelDriven = defineStrategy({
  name: 'model-driven',
  description:
    'In when a calibrated model with a vote expects a rise that pays for fees, spread and slippage; out when it no longer expects one, or has nothing valid to say.',
  parameters: PARAMETERS,
  intervals: ({ interval }) => [interval],
  indicators: ({ horizonBars, moveBars }) => indicatorsOf(horizonBars, moveBars),
  state: (): Memory => ({ saidMs: null, feeBps: null }),
  onBar: decide,
  onPrediction(context, said) {
    if (!isOurs(context, said)) return;
    const { nowMs, parameters, setTimer } = context;
    // Looked at again when it has grown old, even if no bar closes then.
    const oldMs = said.timeMs + said.horizonMs + 1_000 * parameters.graceSeconds;
    if (isFit(said)) setTimer('horizon', { afterMs: Math.max(100, oldMs + 1 - nowMs) });
    decide(context);
  },
  onTimer: decide,
  onFill({ instrument, state }, fill) {
    const paid = fill.liquidity === 'taker' ? feeBpsOf(instrument, fill) : null;
    if (paid !== null && paid !== state.feeBps) state.feeBps = paid;
  },
});
