import {
  assetId,
  err,
  formatUnits,
  instrumentId,
  MS_PER_DAY,
  msFromUs,
  ok,
  parseInterval,
  parseStep,
  timestampUs,
  VOLUME_SCALE,
  type BarSeries,
  type InstrumentTerms,
  type Interval,
  type Result,
  type Step,
  type TradeSeries,
} from '@monsta/core';
import { readTradeFile, surveyBarFile, writeTable, type BarTerms } from '@monsta/data-files';
import { barQuality, compareBars, type BarQuality } from '@monsta/market-data';
import type { Catalog, CatalogEntry } from '@monsta/ports';
import { asDay } from '../backtest/flag-readers.ts';
import { argumentOf, textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { Catalogs } from '../compose/catalog.ts';
import { configExitCode } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';
import type { FileReport, StoredReport } from './data-report.ts';
import { importText, listText, qualityText, tradesText, verifyText, type MarketEntry } from './data-text.ts';

const BAD_USAGE = 2;
const USAGE_FAULTS: ReadonlySet<string> = new Set(['flag_invalid', 'market_unknown']);

/** Opens a catalogue of the data directory, Binance’s unless --market says otherwise, does the work, and closes it. */
function withCatalog(
  flags: FlagValues,
  output: Output,
  work: (catalog: Catalog) => Promise<Result<number>>,
): Promise<number> {
  return withCatalogs(flags, output, async (catalogs) => {
    const catalog = catalogs.of(textOf(flags, 'market'));
    return catalog.ok ? work(catalog.value) : catalog;
  });
}

/** Opens the catalogues of the data directory, does the work, and closes them. */
async function withCatalogs(
  flags: FlagValues,
  output: Output,
  work: (catalogs: Catalogs) => Promise<Result<number>>,
): Promise<number> {
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const catalogs = new Catalogs(config.value.dataDir, config.value.catalog);
  try {
    const done = await work(catalogs);
    if (done.ok) return done.value;
    output.fault(done.fault);
    return USAGE_FAULTS.has(done.fault.code) ? BAD_USAGE : 1;
  } finally {
    await catalogs.close();
  }
}

function stepFlag(flags: FlagValues, name: string): Result<Step | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const step = parseStep(text);
  return step.ok ? step : err('flag_invalid', `--${name} ${text} is no step; give one such as 0.01`);
}

function intervalFlag(flags: FlagValues): Result<Interval | null> {
  const text = textOf(flags, 'interval');
  if (text === null) return ok(null);
  const interval = parseInterval(text);
  return interval.ok ? interval : err('flag_invalid', `--interval: ${interval.fault.message}`);
}

function instrumentFlag(flags: FlagValues): Result<string> {
  const text = textOf(flags, 'instrument');
  return text === null || text.trim() === ''
    ? err('flag_invalid', '--instrument is missing: whose bars they are, e.g. --instrument BTCUSDT')
    : ok(text.trim().toUpperCase());
}

/** How the flags say that a file is to be read. */
function termsFrom(flags: FlagValues): Result<BarTerms> {
  const id = instrumentFlag(flags);
  if (!id.ok) return id;
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  const tick = stepFlag(flags, 'tick');
  if (!tick.ok) return tick;
  const lot = stepFlag(flags, 'lot');
  if (!lot.ok) return lot;
  const offTick = textOf(flags, 'off-tick') ?? 'refuse';
  if (offTick !== 'refuse' && offTick !== 'round')
    return err('flag_invalid', `--off-tick ${offTick}: there are refuse and round`);
  if (offTick === 'round' && tick.value === null)
    return err('flag_invalid', '--off-tick round needs the tick to round to: --tick 0.01');
  const quote = textOf(flags, 'quote');
  const instrument: InstrumentTerms = {
    id: instrumentId(id.value),
    tick: tick.value,
    lot: lot.value ?? { units: 1, scale: 8 },
    quote: quote === null ? null : assetId(quote.toUpperCase()),
  };
  return ok({ instrument, interval: interval.value, fromMs: null, toMs: null, offTick });
}

const stepText = ({ units, scale }: Step): string => formatUnits(BigInt(units), scale);

/**
 * The file's bars, and those of the catalogue around their time, in the same steps: the finer ones of both. A day on both sides, so that times that are hours off are found out too.
 */
async function besideStored(
  catalog: Catalog,
  series: BarSeries,
  { firstMs, lastMs }: BarQuality,
): Promise<Result<{ readonly series: BarSeries; readonly stored: BarSeries }>> {
  const { instrument, interval } = series;
  const { id, tick, lot, quote } = instrument;
  const query = { interval, fromMs: (firstMs ?? 0) - MS_PER_DAY, toMs: (lastMs ?? 0) + MS_PER_DAY };
  const own = await catalog.bars({ ...query, instrument: { id, tick: null, lot, quote } });
  if (!own.ok) return own;
  const finest = own.value.instrument.tick;
  const factor = (tick.units * 10 ** (finest.scale - tick.scale)) / finest.units;
  if (own.value.length > 0 && factor > 1 && Number.isInteger(factor)) {
    const finer = (column: Float64Array): Float64Array => column.map((ticks) => ticks * factor);
    const { open, high, low, close } = series;
    const prices = { open: finer(open), high: finer(high), low: finer(low), close: finer(close) };
    return ok({ series: { ...series, ...prices, instrument: { ...instrument, tick: finest } }, stored: own.value });
  }
  const stored = await catalog.bars({ ...query, instrument: { id, tick, lot, quote } });
  return stored.ok ? ok({ series, stored: stored.value }) : stored;
}

async function surveyed(
  catalog: Catalog,
  file: string,
  terms: BarTerms,
): Promise<Result<{ readonly report: FileReport; readonly series: BarSeries }>> {
  const survey = await surveyBarFile(file, terms);
  if (!survey.ok) return survey;
  const { faults, clockSetBack } = survey.value;
  const quality = barQuality(survey.value.series);
  const both = await besideStored(catalog, survey.value.series, quality);
  if (!both.ok) return both;
  const { series, stored } = both.value;
  const { instrument, interval } = series;
  const { id, tick } = instrument;
  const compared = compareBars(stored, series);
  const overlap = compared.same + compared.disagreeing === 0 ? null : compared;
  const report = { file, instrument: id, interval, tick: stepText(tick), quality, faults, clockSetBack, overlap };
  return ok({ report, series });
}

const isFaulty = ({ faults, overlap }: FileReport): boolean =>
  faults.length > 0 || (overlap !== null && overlap.disagreeing > 0);

/** `monsta data list` */
export function dataList(flags: FlagValues, output: Output): Promise<number> {
  return withCatalogs(flags, output, async (catalogs) => {
    const items: MarketEntry[] = [];
    for (const market of catalogs.markets()) {
      const catalog = catalogs.of(market);
      const listed = catalog.ok ? await catalog.value.list() : catalog;
      if (!listed.ok) return listed;
      items.push(...listed.value.map((entry) => ({ market, ...entry })));
    }
    output.document({ items }, listText(items));
    return ok(0);
  });
}

/** `monsta data import FILE` */
export function dataImport(flags: FlagValues, output: Output): Promise<number> {
  const file = argumentOf(flags);
  const dryRun = flags['dry-run'] === true;
  return withCatalog(flags, output, async (catalog) => {
    const terms = termsFrom(flags);
    if (!terms.ok) return terms;
    if (flags['trades'] === true) return importTrades(catalog, file, terms.value, dryRun, output);
    const read = await surveyed(catalog, file, terms.value);
    if (!read.ok) return read;
    const { report, series } = read.value;
    const known = report.overlap?.same ?? 0;
    if (isFaulty(report)) {
      const outcome = { dryRun, added: 0, known };
      output.document({ ...report, ...outcome }, `${importText(report, null)}\nNothing was stored.`);
      return ok(1);
    }
    if (dryRun) {
      const outcome = { dryRun, added: series.length - known, known };
      output.document({ ...report, ...outcome }, `${importText(report, outcome)}\nNothing was stored: a dry run.`);
      return ok(0);
    }
    const appended = await catalog.appendBars(series);
    if (!appended.ok) return appended;
    output.document({ ...report, dryRun, ...appended.value }, importText(report, appended.value));
    return ok(0);
  });
}

const tradesReport = (file: string, series: TradeSeries): object => ({
  file,
  instrument: series.instrument.id,
  tick: stepText(series.instrument.tick),
  lot: stepText(series.instrument.lot),
  trades: series.length,
  firstId: series.tradeId[0] ?? null,
  lastId: series.tradeId[series.length - 1] ?? null,
  firstMs: series.length === 0 ? null : msFromUs(timestampUs(series.timeUs[0] ?? 0)),
  lastMs: series.length === 0 ? null : msFromUs(timestampUs(series.timeUs[series.length - 1] ?? 0)),
});

async function importTrades(
  catalog: Catalog,
  file: string,
  { instrument }: BarTerms,
  dryRun: boolean,
  output: Output,
): Promise<Result<number>> {
  const read = await readTradeFile(file, { instrument, fromMs: null, toMs: null });
  if (!read.ok) return read;
  const report = tradesReport(file, read.value);
  if (dryRun) {
    output.document({ ...report, dryRun }, `${tradesText(file, read.value)}\nNothing was stored: a dry run.`);
    return ok(0);
  }
  const appended = await catalog.appendTrades(read.value);
  if (!appended.ok) return appended;
  const { added, known } = appended.value;
  output.document(
    { ...report, dryRun, ...appended.value },
    `${tradesText(file, read.value)}\nStored: ${added} new, ${known} known.`,
  );
  return ok(0);
}

/** `monsta data export FILE` */
export function dataExport(flags: FlagValues, output: Output): Promise<number> {
  const file = argumentOf(flags);
  return withCatalog(flags, output, async (catalog) => {
    const id = instrumentFlag(flags);
    if (!id.ok) return id;
    const interval = intervalFlag(flags);
    if (!interval.ok) return interval;
    if (interval.value === null) return err('flag_invalid', '--interval is missing: which bars, e.g. --interval 1h');
    const from = dayFlag(flags, 'from', 'start');
    if (!from.ok) return from;
    const to = dayFlag(flags, 'to', 'end');
    if (!to.ok) return to;
    const series = await catalog.bars({
      instrument: { id: instrumentId(id.value), tick: null, lot: { units: 1, scale: 8 }, quote: null },
      interval: interval.value,
      fromMs: from.value,
      toMs: to.value,
    });
    if (!series.ok) return series;
    const { length } = series.value;
    if (length === 0)
      return err('data_none', `the catalogue has no such bars of ${id.value}; 'monsta data list' tells what it has`);
    const written = await writeTable(file, barTable(series.value));
    if (!written.ok) return written;
    const quality = barQuality(series.value);
    output.document(
      { file, instrument: id.value, interval: interval.value, quality },
      `${file}: ${length} bars of ${id.value} of ${interval.value}\n${qualityText(quality)}`,
    );
    return ok(0);
  });
}

function dayFlag(flags: FlagValues, name: 'from' | 'to', side: 'start' | 'end'): Result<number | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const ms = asDay(side)(text);
  return ms === undefined
    ? err('flag_invalid', `--${name} ${text} is no time in UTC: 2024-01-31, or 2024-01-31T18:30`)
    : ok(ms);
}

/** Bars as a table, in the layout that `monsta data import` takes. */
function barTable(series: BarSeries): Parameters<typeof writeTable>[1] {
  const { tick } = series.instrument;
  const prices = (column: Float64Array): string[] =>
    Array.from(column, (ticks) => formatUnits(BigInt(ticks) * BigInt(tick.units), tick.scale));
  return [
    { name: 'openTimeMs', kind: 'integer', values: series.openTimeMs },
    { name: 'open', kind: 'decimal', values: prices(series.open) },
    { name: 'high', kind: 'decimal', values: prices(series.high) },
    { name: 'low', kind: 'decimal', values: prices(series.low) },
    { name: 'close', kind: 'decimal', values: prices(series.close) },
    {
      name: 'volume',
      kind: 'decimal',
      values: Array.from(series.volume, (units) => formatUnits(BigInt(units), VOLUME_SCALE)),
    },
  ];
}

/** `monsta data verify` */
export function dataVerify(flags: FlagValues, output: Output): Promise<number> {
  const file = textOf(flags, 'file');
  return withCatalog(flags, output, async (catalog) => {
    if (file !== null) {
      const terms = termsFrom(flags);
      if (!terms.ok) return terms;
      const read = await surveyed(catalog, file, terms.value);
      if (!read.ok) return read;
      output.document({ items: [read.value.report] }, importText(read.value.report, null));
      return ok(isFaulty(read.value.report) ? 1 : 0);
    }
    const interval = intervalFlag(flags);
    if (!interval.ok) return interval;
    const listed = await catalog.list();
    if (!listed.ok) return listed;
    const asked = textOf(flags, 'instrument')?.toUpperCase() ?? null;
    const wanted = listed.value.filter(
      (entry) =>
        entry.kind === 'bars' &&
        (asked === null || entry.instrument === asked) &&
        (interval.value === null || entry.interval === interval.value),
    );
    const items: StoredReport[] = [];
    for (const entry of wanted) items.push(await storedReport(catalog, entry));
    output.document({ items }, items.length === 0 ? 'The catalogue has no such bars.' : verifyText(items));
    return ok(items.some(({ fault }) => fault !== null) ? 1 : 0);
  });
}

async function storedReport(catalog: Catalog, { instrument, interval }: CatalogEntry): Promise<StoredReport> {
  const of = interval ?? '1m';
  const series = await catalog.bars({
    instrument: { id: instrument, tick: null, lot: { units: 1, scale: 8 }, quote: null },
    interval: of,
    fromMs: null,
    toMs: null,
  });
  const { code, message } = series.ok ? { code: '', message: '' } : series.fault;
  return {
    instrument,
    interval: of,
    quality: series.ok ? barQuality(series.value) : null,
    fault: series.ok ? null : { code, message },
  };
}
