import type { BacktestDataFacts, BacktestSpec, Note } from '@monsta/contracts';
import { ok, type Instrument, type Interval, type Result } from '@monsta/core';
import {
  Backtest,
  TickBacktest,
  type BacktestOutcome,
  type BacktestSnapshot,
  type TickBacktestSnapshot,
} from '@monsta/simulation/backtest';
import type { AnyParameterValues } from '@monsta/trading';
import { dataFingerprint, filesFingerprint } from './fingerprints.ts';
import { prepareBacktest, type BacktestSources } from './prepare.ts';
import { keptPrices, type KeptPrices } from './price-file.ts';

/** A run under way. */
export interface Playable {
  readonly progress: { readonly done: number; readonly total: number };
  /** Plays so many closes, or events; false when nothing is left. */
  step(count: number): boolean;
  outcome(): BacktestOutcome;
  /** How far it is, for `begin` of the same plan: plain data. */
  snapshot(): unknown;
}

/** A run that is ready, on bars or on ticks, and what its result tells of it. */
export interface RunPlan {
  readonly strategyName: string;
  readonly parameters: AnyParameterValues;
  readonly instruments: readonly Instrument[];
  /** Null: ticks. */
  readonly interval: Interval | null;
  readonly quoteAsset: string;
  readonly warmUpBars: number;
  readonly assumptions: readonly Note[];
  readonly facts: readonly BacktestDataFacts[];
  /** Of all that was read. */
  readonly data: string;
  /** From a time on, for charts; empty where none are kept. */
  prices(fromMs: number): readonly KeptPrices[];
  /** `from`: goes on there; null: from the beginning. */
  begin(from: unknown): Playable;
}

/** Prepares what a specification asks for. Faults: those of `prepareBacktest` and `prepareTicks`. */
export const planRun = (
  spec: BacktestSpec,
  sources: BacktestSources,
  records: 'orders' | 'trades',
): Promise<Result<RunPlan>> =>
  spec.data.kind === 'ticks' ? tickPlan(spec, sources, records) : barPlan(spec, sources, records);

async function barPlan(
  spec: BacktestSpec,
  sources: BacktestSources,
  records: 'orders' | 'trades',
): Promise<Result<RunPlan>> {
  const prepared = await prepareBacktest(spec, sources);
  if (!prepared.ok) return prepared;
  const {
    strategies,
    series,
    finer = [],
    config,
    interval,
    parameters,
    warmUpBars,
    assumptions,
    facts,
  } = prepared.value;
  return ok({
    strategyName: strategies[0]?.definition.name ?? '',
    instruments: series.map(({ instrument }) => instrument),
    quoteAsset: config.quoteAsset,
    ...{ parameters, interval, warmUpBars, assumptions, facts },
    data: dataFingerprint([...series, ...finer]),
    prices: (fromMs) => series.map((each) => keptPrices(each, fromMs)),
    begin: (from) => new Backtest({ ...prepared.value, records }, from as BacktestSnapshot | null),
  });
}

async function tickPlan(
  spec: BacktestSpec,
  sources: BacktestSources,
  records: 'orders' | 'trades',
): Promise<Result<RunPlan>> {
  const { prepareTicks } = await import('./prepare-ticks.ts');
  const prepared = await prepareTicks(spec, sources);
  if (!prepared.ok) return prepared;
  const { options, parameters, assumptions, facts, strategyName } = prepared.value;
  const data = await filesFingerprint(spec.data.kind === 'ticks' ? spec.data.paths : []);
  return ok({
    ...{ strategyName, parameters, assumptions, facts, data },
    instruments: options.instruments,
    interval: null,
    quoteAsset: options.config.quoteAsset,
    warmUpBars: 0,
    prices: () => [],
    begin: (from) => new TickBacktest({ ...options, records }, from as TickBacktestSnapshot | null),
  });
}
