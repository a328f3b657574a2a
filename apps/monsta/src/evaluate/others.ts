import { basename } from 'node:path';
import { err, intervalMs, ok, type BarSeries, type Result } from '@monsta/core';
import { seriesColumns, type BarColumns, type FeatureSet } from '@monsta/features';
import type { EvaluationRequest } from './request.ts';

/** Bars of another instrument that features were made of. */
export interface OtherFacts {
  readonly instrument: string;
  readonly source: string;
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Bars of the instrument itself at whose time the other has none: what is made of them is not known there. */
  readonly absent: number;
}

export interface Others {
  readonly bars: ReadonlyMap<string, BarColumns>;
  readonly facts: readonly OtherFacts[];
}

/** Where the bars came from, in words. */
export const sourceOf = ({ bars }: Pick<EvaluationRequest, 'bars'>): string =>
  bars.kind === 'file' ? basename(bars.path) : `catalogue of ${bars.market ?? 'binance'}`;

/** The same request of another instrument's bars. Fault `flag_invalid`: no file of them was given. */
function requestOf(other: string, request: EvaluationRequest, set: FeatureSet): Result<EvaluationRequest> {
  const { bars } = request;
  if (bars.kind === 'catalogue') return ok({ ...request, instrument: other });
  const path = bars.others[other];
  if (path === undefined)
    return err(
      'flag_invalid',
      `--others is missing: the feature set ${set.id} reads the bars of ${other}; give their file as --others ${other}=FILE`,
    );
  // Its finest digit, whatever that of the instrument itself is.
  const terms = { ...bars.terms, offTick: 'refuse' as const };
  const instrument = { ...terms.instrument, id: terms.instrument.id, tick: null };
  return ok({ ...request, instrument: other, bars: { ...bars, path, terms: { ...terms, instrument } } });
}

/** How many bars of `own` open when none of the other does. */
function absentIn({ openTimeMs }: BarColumns, other: BarColumns): number {
  const there = new Set(other.openTimeMs);
  return openTimeMs.reduce((count, time) => (there.has(time) ? count : count + 1), 0);
}

/**
 * The bars of the instruments that a set reads beside its own: from their files, or from the catalogue that its own came from.
 * Faults: those of reading; `flag_invalid` (a file that is missing, or that no feature reads), `features_others` (the set reads the instrument itself as another), `interval_mismatch`, `data_none` (no bar of the same time).
 */
export async function readOthers(
  request: EvaluationRequest,
  set: FeatureSet,
  own: BarColumns,
  read: (request: EvaluationRequest) => Promise<Result<BarSeries>>,
): Promise<Result<Others>> {
  const { bars, instrument } = request;
  const unread = Object.keys(bars.kind === 'file' ? bars.others : {}).find((each) => !set.others.includes(each));
  if (unread !== undefined)
    return err('flag_invalid', `--others ${unread}: no feature of the set ${set.id} reads it; leave it out`);
  if (set.others.includes(instrument))
    return err(
      'features_others',
      `the feature set ${set.id} reads ${instrument} as another instrument, and ${instrument} is what is evaluated; name others in its features`,
    );
  const columns = new Map<string, BarColumns>();
  const facts: OtherFacts[] = [];
  for (const other of set.others) {
    const asked = requestOf(other, request, set);
    if (!asked.ok) return asked;
    const series = await read(asked.value);
    if (!series.ok) return series;
    const source = sourceOf(asked.value);
    if (series.value.interval !== own.interval)
      return err(
        'interval_mismatch',
        `the bars of ${other} in ${source} are ${series.value.interval} bars, those of ${instrument} ${own.interval} bars; give bars of the same length`,
      );
    const made = seriesColumns(series.value);
    if (!made.ok) return made;
    const { length: count, openTimeMs } = made.value;
    const absent = absentIn(own, made.value);
    if (absent === own.length)
      return err(
        'data_none',
        `${source} has no bar of ${other} that opens when one of ${instrument} does; give bars of the same times`,
      );
    const [fromMs = 0, lastMs = 0] = [openTimeMs[0], openTimeMs.at(-1)];
    facts.push({ instrument: other, source, count, fromMs, toMs: lastMs + intervalMs(own.interval), absent });
    columns.set(other, made.value);
  }
  return ok({ bars: columns, facts });
}
