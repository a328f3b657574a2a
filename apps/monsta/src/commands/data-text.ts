import { msFromUs, timestampUs, type TradeSeries } from '@monsta/core';
import type { BarQuality } from '@monsta/market-data';
import type { AppendOutcome, CatalogEntry } from '@monsta/ports';
import type { FileReport, StoredReport } from './data-report.ts';

/** A moment in UTC to the minute. */
const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}`;
const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** What the catalogue of a market holds. */
export interface MarketEntry extends CatalogEntry {
  readonly market: string;
}

export function listText(entries: readonly MarketEntry[]): string {
  if (entries.length === 0) return 'The catalogue is empty: monsta data import --help';
  return entries
    .map(({ market, kind, instrument, interval, rows, first, last, files, bytes }) => {
      const span = kind === 'bars' ? `${moment(first)} to ${moment(last)}` : `ids ${first} to ${last}`;
      return `${market}  ${instrument}  ${interval ?? kind}  ${rows}  ${span}  ${plural(files, 'file')}, ${bytes} bytes`;
    })
    .join('\n');
}

/** Gaps and quiet runs, and when they were. */
export function qualityText({ firstMs, lastMs, gaps, zeroVolume }: BarQuality): string {
  const lines = firstMs === null || lastMs === null ? [] : [`from ${moment(firstMs)} to ${moment(lastMs)} UTC`];
  const longest = gaps.examples.map(
    ({ beforeMs, afterMs, missing }) =>
      `  ${plural(missing, 'bar')} between ${moment(beforeMs)} and ${moment(afterMs)}`,
  );
  lines.push(
    gaps.count === 0
      ? 'no bar is missing'
      : [`${plural(gaps.count, 'gap')}, ${plural(gaps.missing, 'missing bar')}, the longest:`, ...longest].join('\n'),
  );
  if (zeroVolume.bars > 0) {
    const quiet = zeroVolume.examples.map(({ fromMs, bars }) => `  ${plural(bars, 'bar')} from ${moment(fromMs)}`);
    lines.push(
      `${plural(zeroVolume.bars, 'bar')} without volume in ${plural(zeroVolume.runs, 'run')}, the longest:\n${quiet.join('\n')}`,
    );
  }
  return lines.join('\n');
}

/** What a file is and what is wrong with it; `stored`: what became of it. */
export function importText(report: FileReport, stored: AppendOutcome | null): string {
  const { file, instrument, interval, tick, quality, faults, clockSetBack, overlap } = report;
  const lines = [
    `${file}: ${quality.bars} sound bars of ${instrument} of ${interval}, prices in steps of ${tick}`,
    qualityText(quality),
  ];
  for (const { kind, count, examples } of faults)
    lines.push(
      `${plural(count, 'row')} ${FAULT_WORDS[kind] ?? kind}:`,
      ...examples.map(({ line, message }) => `  line ${line}: ${message}`),
    );
  if (clockSetBack.length > 0)
    lines.push(
      `Time goes back by an hour at line ${clockSetBack.join(', ')}: a local clock wrote this file; write times in UTC.`,
    );
  if (overlap !== null) {
    lines.push(
      `${plural(overlap.same, 'bar')} in the catalogue already, ${overlap.disagreeing} of which it says otherwise`,
    );
    if (overlap.disagreeing > 0) lines.push(...overlap.examples.map((openMs) => `  ${moment(openMs)}`));
    if (overlap.shiftHours !== null)
      lines.push(`Moved by ${overlap.shiftHours} h almost all agree: one of the two was not written in UTC.`);
  }
  if (stored !== null) lines.push(`${stored.added} new, ${stored.known} known`);
  return lines.join('\n');
}

const FAULT_WORDS: Readonly<Record<string, string>> = {
  corrupt: 'that can’t be read',
  off_tick: 'with a price between two ticks',
  impossible: 'that no market makes',
  disorder: 'that stand behind later ones',
  duplicate: 'of a time that was there before',
};

export function tradesText(file: string, series: TradeSeries): string {
  const { length, tradeId, timeUs, instrument } = series;
  const at = (index: number): string => moment(msFromUs(timestampUs(timeUs[index] ?? 0)));
  return `${file}: ${plural(length, 'trade')} of ${instrument.id}, ids ${tradeId[0] ?? ''} to ${tradeId[length - 1] ?? ''}, from ${at(0)} to ${at(length - 1)} UTC`;
}

export function verifyText(items: readonly StoredReport[]): string {
  return items
    .map(({ instrument, interval, quality, fault }) =>
      quality === null
        ? `${instrument} ${interval}: ${fault?.code ?? ''}: ${fault?.message ?? ''}`
        : `${instrument} ${interval}: ${plural(quality.bars, 'bar')}\n${qualityText(quality)}`,
    )
    .join('\n\n');
}
