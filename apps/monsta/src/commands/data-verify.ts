import { ok, type InstrumentId, type InstrumentTerms, type Interval, type Result } from '@monsta/core';
import { TradeQualityCount, type Witness } from '@monsta/market-data';
import type { Catalog } from '@monsta/ports';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { examplesFlag, intervalFlag, termsFrom, withCatalog } from './data.ts';
import { witnessedQuality, witnessesIn } from './data-quality.ts';
import type { StoredReport } from './data-report.ts';
import { isFaulty, surveyBars, surveyTrades } from './data-survey.ts';
import { fileText, verifyText } from './data-text.ts';
import { tradePieces } from './trade-pieces.ts';

/** `monsta data verify`: the catalogue, or a file beside it. */
export function dataVerify(flags: FlagValues, output: Output): Promise<number> {
  const file = textOf(flags, 'file');
  return withCatalog(flags, output, async (catalog) => {
    const examples = examplesFlag(flags);
    if (!examples.ok) return examples;
    return file === null
      ? verifyStored(catalog, flags, examples.value, output)
      : verifyFile(catalog, file, flags, examples.value, output);
  });
}

async function verifyFile(
  catalog: Catalog,
  file: string,
  flags: FlagValues,
  examplesMax: number,
  output: Output,
): Promise<Result<number>> {
  const terms = termsFrom(flags);
  if (!terms.ok) return terms;
  const read =
    flags['trades'] === true
      ? await surveyTrades(catalog, file, terms.value, examplesMax)
      : await surveyBars(catalog, file, terms.value, examplesMax);
  if (!read.ok) return read;
  output.document({ items: [read.value.report] }, fileText(read.value.report));
  return ok(isFaulty(read.value.report) ? 1 : 0);
}

async function verifyStored(
  catalog: Catalog,
  flags: FlagValues,
  examplesMax: number,
  output: Output,
): Promise<Result<number>> {
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  const listed = await catalog.list();
  if (!listed.ok) return listed;
  const asked = textOf(flags, 'instrument')?.toUpperCase() ?? null;
  const tradesAlone = flags['trades'] === true;
  const wanted = listed.value.filter(
    (entry) =>
      (asked === null || entry.instrument === asked) &&
      (entry.kind === 'trades' ? interval.value === null : !tradesAlone) &&
      (interval.value === null || entry.interval === interval.value),
  );
  const bars = wanted.filter(({ kind }) => kind === 'bars');
  const fromMs = Math.min(...bars.map(({ first }) => first));
  const witnesses = await witnessesIn(catalog, fromMs, Math.max(...bars.map(({ last }) => last)));
  if (!witnesses.ok) return witnesses;
  const items: StoredReport[] = [];
  for (const entry of wanted) {
    const { instrument } = entry;
    items.push(
      entry.interval === null
        ? await tradesReport(catalog, instrument, examplesMax)
        : await barsReport(catalog, instrument, entry.interval, witnesses.value, examplesMax),
    );
  }
  output.document({ items }, items.length === 0 ? 'The catalogue has nothing of that.' : verifyText(items));
  return ok(items.some(({ fault }) => fault !== null) ? 1 : 0);
}

const termsOf = (id: InstrumentId): InstrumentTerms => ({ id, tick: null, lot: { units: 1, scale: 8 }, quote: null });

async function barsReport(
  catalog: Catalog,
  instrument: InstrumentId,
  interval: Interval,
  witnesses: readonly Witness[],
  examplesMax: number,
): Promise<StoredReport> {
  const series = await catalog.bars({ instrument: termsOf(instrument), interval, fromMs: null, toMs: null });
  if (series.ok)
    return {
      kind: 'bars',
      instrument,
      interval,
      quality: witnessedQuality(series.value, witnesses, examplesMax),
      fault: null,
    };
  const { code, message } = series.fault;
  return { kind: 'bars', instrument, interval, quality: null, fault: { code, message } };
}

async function tradesReport(catalog: Catalog, instrument: InstrumentId, examplesMax: number): Promise<StoredReport> {
  const quality = new TradeQualityCount(examplesMax);
  for await (const piece of tradePieces(catalog, instrument, null, null)) {
    if (!piece.ok) {
      const { code, message } = piece.fault;
      return { kind: 'trades', instrument, quality: null, fault: { code, message } };
    }
    const { units, scale } = piece.value.instrument.tick;
    quality.take(piece.value, units / 10 ** scale);
  }
  return { kind: 'trades', instrument, quality: quality.result(), fault: null };
}
