import { formatUnits, MS_PER_DAY, ok, type BarSeries, type Result, type Step, type TradeSeries } from '@monsta/core';
import { surveyBarFile, surveyTradeFile, type BarTerms } from '@monsta/data-files';
import { compareBars, gapsOf, TradeQualityCount } from '@monsta/market-data';
import type { Catalog } from '@monsta/ports';
import { witnessedQuality, witnessesIn } from './data-quality.ts';
import type { FileReport, TradeFileReport } from './data-report.ts';

const stepText = ({ units, scale }: Step): string => formatUnits(BigInt(units), scale);

/** How many of the smaller step are one of the larger; null where it is no whole number of them. */
function timesFiner(coarse: Step, fine: Step): number | null {
  const factor = (coarse.units * 10 ** (fine.scale - coarse.scale)) / fine.units;
  return factor > 1 && Number.isInteger(factor) ? factor : null;
}

/**
 * The file's bars, and those of the catalogue around their time, in the same steps: the finer ones of both. A day on both sides, so that times that are hours off are found out too.
 */
async function besideStored(
  catalog: Catalog,
  series: BarSeries,
): Promise<Result<{ readonly series: BarSeries; readonly stored: BarSeries }>> {
  const { instrument, interval, openTimeMs, length } = series;
  const { id, tick, lot, quote } = instrument;
  const fromMs = (openTimeMs[0] ?? 0) - MS_PER_DAY;
  const query = { interval, fromMs, toMs: (openTimeMs[length - 1] ?? 0) + MS_PER_DAY, flow: true };
  const own = await catalog.bars({ ...query, instrument: { id, tick: null, lot, quote } });
  if (!own.ok) return own;
  const finest = own.value.instrument.tick;
  const factor = timesFiner(tick, finest);
  if (own.value.length > 0 && factor !== null) {
    const finer = (column: Float64Array): Float64Array => column.map((ticks) => ticks * factor);
    const { open, high, low, close } = series;
    const prices = { open: finer(open), high: finer(high), low: finer(low), close: finer(close) };
    return ok({ series: { ...series, ...prices, instrument: { ...instrument, tick: finest } }, stored: own.value });
  }
  const stored = await catalog.bars({ ...query, instrument: { id, tick, lot, quote } });
  return stored.ok ? ok({ series, stored: stored.value }) : stored;
}

export interface Surveyed<R, S> {
  readonly report: R;
  /** The sound rows. */
  readonly series: S;
}

/** Reads a file of bars to its end, and holds it against the catalogue. Faults: those of `surveyBarFile` and of the catalogue. */
export async function surveyBars(
  catalog: Catalog,
  file: string,
  terms: BarTerms,
  examplesMax: number,
): Promise<Result<Surveyed<FileReport, BarSeries>>> {
  const survey = await surveyBarFile(file, { ...terms, withFlow: true }, examplesMax);
  if (!survey.ok) {
    const { fault } = survey;
    const trades = fault.details?.['looksLike'] === 'trades';
    return trades ? { ok: false, fault: { ...fault, message: `${fault.message}. For trades say --trades` } } : survey;
  }
  const { faults, notices, clockSetBack, offsetMinutes, understood } = survey.value;
  const both = await besideStored(catalog, survey.value.series);
  if (!both.ok) return both;
  const { series, stored } = both.value;
  const gaps = gapsOf(series);
  const witnesses =
    gaps.length === 0 ? ok([]) : await witnessesIn(catalog, gaps[0]?.beforeMs ?? 0, gaps.at(-1)?.afterMs ?? 0);
  if (!witnesses.ok) return witnesses;
  const { instrument, interval } = series;
  const compared = compareBars(stored, series, examplesMax);
  const apart = compared.same + compared.disagreeing === 0 && compared.shifts.length === 0;
  const report: FileReport = {
    kind: 'bars',
    ...{ file, instrument: instrument.id, interval, tick: stepText(instrument.tick), understood },
    quality: witnessedQuality(series, witnesses.value, examplesMax),
    ...{ faults, notices, clockSetBack, offsetMinutes },
    overlap: apart ? null : compared,
  };
  return ok({ report, series });
}

/** Trades by id in the steps of `10^-8`, which those of any catalogue are. */
function agreement(stored: TradeSeries, series: TradeSeries, examplesMax: number): TradeFileReport['overlap'] {
  const worth = (step: Step): number => step.units * 10 ** (8 - step.scale);
  const [price, lot] = [worth(series.instrument.tick), worth(series.instrument.lot)];
  const [storedPrice, storedLot] = [worth(stored.instrument.tick), worth(stored.instrument.lot)];
  const examples: number[] = [];
  let [same, disagreeing, at] = [0, 0, 0];
  for (let row = 0; row < series.length; row += 1) {
    const id = series.tradeId[row] ?? 0;
    while (at < stored.length && (stored.tradeId[at] ?? 0) < id) at += 1;
    if (stored.tradeId[at] !== id) continue;
    const equal =
      stored.timeUs[at] === series.timeUs[row] &&
      (stored.price[at] ?? 0) * storedPrice === (series.price[row] ?? 0) * price &&
      (stored.quantity[at] ?? 0) * storedLot === (series.quantity[row] ?? 0) * lot &&
      stored.buyerIsMaker[at] === series.buyerIsMaker[row];
    if (equal) same += 1;
    else {
      disagreeing += 1;
      if (examples.length < examplesMax) examples.push(id);
    }
  }
  return same + disagreeing === 0 ? null : { same, disagreeing, examples };
}

/** Reads a file of trades to its end, and holds it against the catalogue. Faults: those of `surveyTradeFile` and of the catalogue. */
export async function surveyTrades(
  catalog: Catalog,
  file: string,
  { instrument: terms }: BarTerms,
  examplesMax: number,
): Promise<Result<Surveyed<TradeFileReport, TradeSeries>>> {
  const survey = await surveyTradeFile(file, { instrument: terms, fromMs: null, toMs: null }, examplesMax);
  if (!survey.ok) return survey;
  const { series, faults, notices, understood } = survey.value;
  const { instrument, timeUs, length } = series;
  const { id, lot, quote } = instrument;
  const stored = await catalog.trades({
    instrument: { id, tick: null, lot: { units: 1, scale: 8 }, quote },
    fromMs: Math.floor((timeUs[0] ?? 0) / 1_000),
    toMs: Math.floor((timeUs[length - 1] ?? 0) / 1_000) + 1,
  });
  if (!stored.ok) return stored;
  const quality = new TradeQualityCount(examplesMax);
  quality.take(series);
  const report: TradeFileReport = {
    kind: 'trades',
    ...{ file, instrument: id, tick: stepText(instrument.tick), lot: stepText(lot), understood, faults, notices },
    quality: quality.result(),
    overlap: agreement(stored.value, series, examplesMax),
  };
  return ok({ report, series });
}

/** Whether a file is not to be stored: something in it is wrong, or denies what is stored. */
export function isFaulty(report: FileReport | TradeFileReport): boolean {
  const { faults, overlap } = report;
  if (faults.length > 0 || (overlap !== null && overlap.disagreeing > 0)) return true;
  return report.kind === 'bars' && (report.clockSetBack.length > 0 || (report.overlap?.shifts.length ?? 0) > 0);
}
