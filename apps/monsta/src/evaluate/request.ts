import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, ok, type Interval, type Result } from '@monsta/core';
import type { BarTerms } from '@monsta/data-files';
import { DEFAULT_SCORING_OPTIONS, type ScoringOptions, type TradingCosts } from '@monsta/models';
import type { ReportLanguage } from '@monsta/simulation';
import { textOf, textsOf, type FlagValues } from '../cli/arguments.ts';
import { dayFlag, instrumentFlag, intervalFlag, termsFrom } from '../commands/data.ts';
import { EXECUTOR_NAMES, isExecutorName, type ExecutorName } from './executors.ts';

/** Where the bars come from. */
type BarsSource =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly terms: BarTerms;
      /** Files of the instruments that features read beside it. */
      readonly others: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'catalogue'; readonly market: string | null; readonly interval: Interval };

export const EVALUATION_TASKS = ['direction', 'return', 'both'] as const;
export type EvaluationTask = (typeof EVALUATION_TASKS)[number];

/** What `monsta evaluate` is asked for; plain data, so that it crosses to a thread. */
export interface EvaluationRequest {
  readonly model: ExecutorName;
  readonly task: EvaluationTask;
  readonly params: Readonly<Record<string, unknown>>;
  readonly bars: BarsSource;
  readonly instrument: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly horizonMs: number;
  /** A user's own file; null: none. */
  readonly features: string | null;
  /** Name or JSON file of a set; null: the model's own default. */
  readonly featureSet: string | null;
  readonly scoring: Omit<ScoringOptions, 'seed'>;
  readonly seed: number | null;
  readonly costs: TradingCosts;
  readonly learningCurve: boolean;
}

/** How the outcome is shown. */
export interface EvaluationReport {
  readonly path: string | null;
  readonly language: ReportLanguage;
}

const UNITS: Readonly<Record<string, number>> = { m: MS_PER_MINUTE, h: MS_PER_HOUR, d: MS_PER_DAY };

const invalid = (name: string, given: string, wanted: string): Result<never> =>
  err('flag_invalid', `--${name} ${given}: ${wanted}`);

function horizonOf(flags: FlagValues): Result<number> {
  const text = textOf(flags, 'horizon') ?? '1h';
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  return ms > 0 ? ok(ms) : invalid('horizon', text, 'how far ahead, such as 1h, 4h or 1d');
}

function numberOf(
  flags: FlagValues,
  name: string,
  given: number,
  { least, most, whole = false }: { readonly least: number; readonly most: number; readonly whole?: boolean },
): Result<number> {
  const text = textOf(flags, name);
  if (text === null) return ok(given);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value >= least && value <= most && (!whole || Number.isInteger(value))
    ? ok(value)
    : invalid(name, text, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}

/** Hyper-parameters: JSON, or a file that holds it. */
function paramsOf(flags: FlagValues): Result<Readonly<Record<string, unknown>>> {
  const text = textOf(flags, 'params');
  if (text === null) return ok({});
  const inline = text.trimStart().startsWith('{');
  try {
    const value: unknown = JSON.parse(inline ? text : readFileSync(resolve(text), 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok({ ...value });
    return err('params_invalid', `--params ${inline ? '' : text}: an object of names and values is wanted`);
  } catch (thrown) {
    return err('params_invalid', `--params: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/** Files of other instruments, by instrument. Fault `flag_invalid`. */
function othersOf(flags: FlagValues): Result<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const given of textsOf(flags, 'others')) {
    const at = given.indexOf('=');
    const [instrument, file] = [given.slice(0, Math.max(0, at)).trim().toUpperCase(), given.slice(at + 1)];
    if (instrument === '' || file === '')
      return invalid('others', given, 'another instrument and the file of its bars, such as ETHUSDT=ETHUSDT-1h.csv');
    if (Object.hasOwn(files, instrument)) return invalid('others', given, `${instrument} is given twice`);
    files[instrument] = resolve(file);
  }
  return ok(files);
}

function barsOf(flags: FlagValues): Result<BarsSource> {
  const bars = textOf(flags, 'bars');
  if (bars === null || bars === '')
    return err('flag_invalid', '--bars is missing: a file of bars, or catalogue for those of monsta data download');
  const others = othersOf(flags);
  if (!others.ok) return others;
  if (bars !== 'catalogue') {
    const terms = termsFrom(flags);
    return terms.ok ? ok({ kind: 'file', path: resolve(bars), terms: terms.value, others: others.value }) : terms;
  }
  if (Object.keys(others.value).length > 0)
    return err('flag_invalid', '--others is for files: with --bars catalogue all are taken from there by themselves');
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  return interval.value === null
    ? err('flag_invalid', '--interval is missing: which bars of the catalogue, e.g. --interval 1h')
    : ok({ kind: 'catalogue', market: textOf(flags, 'market'), interval: interval.value });
}

function scoringOf(flags: FlagValues): Result<Omit<ScoringOptions, 'seed'>> {
  const { seed: _, ...usual } = DEFAULT_SCORING_OPTIONS;
  const folds = numberOf(flags, 'folds', usual.folds, { least: 2, most: 100, whole: true });
  if (!folds.ok) return folds;
  const level = numberOf(flags, 'level', usual.level, { least: 0.5, most: 0.999 });
  if (!level.ok) return level;
  const resamples = numberOf(flags, 'resamples', usual.resamples, { least: 200, most: 20_000, whole: true });
  if (!resamples.ok) return resamples;
  const trainRowsMax = numberOf(flags, 'train-rows', 0, { least: 100, most: 10_000_000, whole: true });
  if (!trainRowsMax.ok) return trainRowsMax;
  return ok({
    ...usual,
    folds: folds.value,
    level: level.value,
    resamples: resamples.value,
    trainRowsMax: trainRowsMax.value === 0 ? null : trainRowsMax.value,
  });
}

/** Reads the flags of `monsta evaluate`. Faults: `flag_invalid`, `params_invalid`. */
export function requestFrom(flags: FlagValues): Result<EvaluationRequest & { readonly report: EvaluationReport }> {
  const model = textOf(flags, 'model') ?? '';
  if (!isExecutorName(model)) return invalid('model', model, `there are ${EXECUTOR_NAMES.join(', ')}`);
  const task = EVALUATION_TASKS.find((each) => each === (textOf(flags, 'task') ?? 'both'));
  if (task === undefined)
    return invalid('task', textOf(flags, 'task') ?? '', `there are ${EVALUATION_TASKS.join(', ')}`);
  const language = textOf(flags, 'language') ?? 'en';
  if (language !== 'en' && language !== 'ko') return invalid('language', language, 'there are en and ko');
  const bars = barsOf(flags);
  if (!bars.ok) return bars;
  const instrument = instrumentFlag(flags);
  if (!instrument.ok) return instrument;
  const horizonMs = horizonOf(flags);
  if (!horizonMs.ok) return horizonMs;
  const params = paramsOf(flags);
  if (!params.ok) return params;
  const scoring = scoringOf(flags);
  if (!scoring.ok) return scoring;
  const costBps = numberOf(flags, 'cost-bps', 12, { least: 0, most: 1_000 });
  if (!costBps.ok) return costBps;
  const seed = numberOf(flags, 'seed', -1, { least: 0, most: 4_294_967_295, whole: true });
  if (!seed.ok) return seed;
  const from = dayFlag(flags, 'from', 'start');
  if (!from.ok) return from;
  const to = dayFlag(flags, 'to', 'end');
  if (!to.ok) return to;
  const report = textOf(flags, 'report');
  const features = textOf(flags, 'features');
  return ok({
    model,
    task,
    params: params.value,
    bars: bars.value,
    instrument: instrument.value,
    fromMs: from.value,
    toMs: to.value,
    horizonMs: horizonMs.value,
    features: features === null ? null : resolve(features),
    featureSet: textOf(flags, 'feature-set'),
    scoring: scoring.value,
    seed: seed.value === -1 ? null : seed.value,
    costs: { feeShare: costBps.value / 10_000, slippageShare: 0 },
    learningCurve: flags['no-learning-curve'] !== true,
    report: { path: report === null ? null : resolve(report), language },
  });
}
