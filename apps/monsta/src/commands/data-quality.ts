import { ok, type BarSeries, type InstrumentId, type Interval, type Result } from '@monsta/core';
import { barQuality, gapsOf, witnessGaps, type Witness } from '@monsta/market-data';
import type { Catalog } from '@monsta/ports';
import type { WitnessedQuality } from './data-report.ts';

/** What the catalogue has of some time, `toMs` included: every series of bars, with its gaps. Their times are read whole. */
export async function witnessesIn(catalog: Catalog, fromMs: number, toMs: number): Promise<Result<readonly Witness[]>> {
  const listed = await catalog.list();
  if (!listed.ok) return listed;
  const witnesses: Witness[] = [];
  for (const { instrument, interval, first, last } of listed.value) {
    if (interval === null || first > toMs || last < fromMs) continue;
    const coverage = await catalog.coverage(instrument, interval);
    // One that can't be read says nothing; it is told of where it is verified itself.
    if (coverage.ok) witnesses.push({ name: witnessName(instrument, interval), interval, ...coverage.value });
  }
  return ok(witnesses);
}

const witnessName = (instrument: InstrumentId, interval: Interval): string => `${instrument} ${interval}`;

/** The quality of a series, its gaps held against all witnesses but itself. */
export function witnessedQuality(
  series: BarSeries,
  witnesses: readonly Witness[],
  examplesMax: number,
): WitnessedQuality {
  const { instrument, interval } = series;
  const own = witnessName(instrument.id, interval);
  const others = witnesses.filter(({ name }) => name !== own);
  const { gaps, ...quality } = barQuality(series, examplesMax);
  const told = witnessGaps(gapsOf(series), interval, others);
  return {
    ...quality,
    gaps: {
      count: gaps.count,
      missing: gaps.missing,
      missingToo: told.filter(({ missingToo, presentIn }) => missingToo.length > 0 && presentIn.length === 0).length,
      presentElsewhere: told.filter(({ presentIn }) => presentIn.length > 0).length,
      examples: told.toSorted((left, right) => right.missing - left.missing).slice(0, examplesMax),
    },
  };
}
