import { msFromUs, timestampUs } from '@monsta/core';
import type { FileNotice, Understood } from '@monsta/data-files';
import type { BarComparison, BarRuns, PriceJump, TradeQuality } from '@monsta/market-data';
import type { MarketEntry } from '../compose/catalog.ts';
import type { FileReport, StoredReport, TradeFileReport, WitnessedQuality } from './data-report.ts';

/** A moment in UTC to the minute. */
export const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}`;
const momentOfUs = (us: number): string =>
  new Date(msFromUs(timestampUs(us))).toISOString().replace('T', ' ').replace('Z', '');
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

export function listText(entries: readonly MarketEntry[]): string {
  if (entries.length === 0)
    return 'The catalogue is empty: monsta data download --help fetches bars, monsta data import --help reads files';
  return entries
    .map(({ market, kind, instrument, interval, rows, first, last, files, bytes }) => {
      const span = kind === 'bars' ? `${moment(first)} to ${moment(last)}` : `ids ${first} to ${last}`;
      return `${market}  ${instrument}  ${interval ?? kind}  ${rows}  ${span}  ${plural(files, 'file')}, ${bytes} bytes`;
    })
    .join('\n');
}

function gapLines({ gaps }: Pick<WitnessedQuality, 'gaps'>): readonly string[] {
  if (gaps.count === 0) return ['no bar is missing'];
  const named = gaps.examples.map(({ beforeMs, afterMs, missing, missingToo, presentIn }) => {
    const witness =
      presentIn.length > 0
        ? `; there in ${presentIn.join(', ')}`
        : missingToo.length > 0
          ? `; missing in ${missingToo.join(', ')} too`
          : '';
    return `${plural(missing, 'bar')} between ${moment(beforeMs)} and ${moment(afterMs)}${witness}`;
  });
  const told: string[] = [];
  if (gaps.missingToo > 0) told.push(`${gaps.missingToo} of them in others too, as outages of the exchange are`);
  if (gaps.presentElsewhere > 0) told.push(`${gaps.presentElsewhere} of them not in others: lost on the way`);
  const heading = [`${plural(gaps.count, 'gap')}, ${plural(gaps.missing, 'missing bar')}`, ...told].join('; ');
  return listed(heading, named);
}

const listed = (heading: string, examples: readonly string[]): readonly string[] =>
  examples.length === 0 ? [heading] : [`${heading}:`, ...indented(examples)];

const runLines = ({ runs, bars, examples }: BarRuns, what: string): readonly string[] =>
  runs === 0
    ? []
    : listed(
        `${plural(bars, 'bar')} ${what} in ${plural(runs, 'run')}`,
        examples.map((run) => `${plural(run.bars, 'bar')} from ${moment(run.fromMs)}`),
      );

const ratioText = (ratio: number): string =>
  ratio >= 1 ? `${Number(ratio.toPrecision(3))} times` : `1/${Number((1 / ratio).toPrecision(3))} of`;

const jumpText = ({ openTimeMs, price, ratio, backAfterBars }: PriceJump): string =>
  `${moment(openTimeMs)}: ${price} is ${ratioText(ratio)} what is around it${backAfterBars === null ? ', and stays there' : ''}`;

/** Gaps, quiet runs, and what else is odd, and when it was. */
export function qualityText(quality: WitnessedQuality): string {
  const { firstMs, lastMs, zeroVolume, repeated, flat, jumps, clockSetForward } = quality;
  const lines = firstMs === null || lastMs === null ? [] : [`from ${moment(firstMs)} to ${moment(lastMs)} UTC`];
  lines.push(
    ...gapLines(quality),
    ...runLines(zeroVolume, 'without volume'),
    ...runLines(repeated, 'that repeat the one before'),
    ...runLines(flat, 'with volume at one price'),
  );
  if (jumps.count > 0)
    lines.push(...listed(`${plural(jumps.count, 'price')} far from those around`, jumps.examples.map(jumpText)));
  if (clockSetForward.count > 0)
    lines.push(
      ...listed(
        `${plural(clockSetForward.count, 'gap')} of an hour in a Sunday’s night, as a local clock leaves that is set forward`,
        clockSetForward.examples.map(({ beforeMs, afterMs }) => `between ${moment(beforeMs)} and ${moment(afterMs)}`),
      ),
    );
  return lines.join('\n');
}

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const;
const UNITS: Readonly<Record<Understood['times'][number]['unit'], string>> = {
  s: 'seconds since 1970',
  ms: 'ms since 1970',
  us: 'µs since 1970',
  ns: 'ns since 1970',
  date: 'days',
  datetime: 'days with a time of day',
};

function formText({ form }: Understood): string {
  const packing =
    form.packing === 'plain' ? '' : form.packing === 'zip' ? ` in a zip (${form.entry ?? ''})` : ' in gzip';
  if (form.form === 'parquet') return 'Parquet';
  if (form.form === 'json')
    return `JSON${form.lines ? ', line by line' : ''}: ${form.objects ? 'objects' : 'lists'}${packing}`;
  const extras = [form.byteOrderMark ? 'a byte order mark' : '', form.carriageReturns ? 'CR LF' : ''].filter(
    (text) => text !== '',
  );
  return `CSV with ${[form.delimiter === null ? '' : DELIMITERS[form.delimiter], ...extras].join(', ')}${packing}`;
}

/** What the reader took a file for. */
function understoodText(understood: Understood): readonly string[] {
  const { columns, times, zones, tickFrom } = understood;
  const read = Object.entries(columns.read).map(
    ([what, name]) => `${what} = ${columns.by === 'header' ? `'${name}'` : `column ${name}`}`,
  );
  const ignored = columns.ignored.length === 0 ? '' : `; left alone: ${columns.ignored.join(', ')}`;
  const counted = (text: string, rows: number): string =>
    times.length + zones.length > 2 ? `${text} (${plural(rows, 'row')})` : text;
  const zoneTexts = zones.map(({ zone, rows }) =>
    counted(zone === '' ? 'no offset, taken for UTC' : `offset ${zone}`, rows),
  );
  return [
    `read as ${formText(understood)}`,
    `columns by ${columns.by === 'header' ? 'their names' : 'their places'}: ${read.join(', ')}${ignored}`,
    `times in ${times.map(({ unit, rows }) => counted(UNITS[unit], rows)).join(', ')}${zoneTexts.length === 0 ? ', UTC' : `; ${zoneTexts.join(', ')}`}`,
    `the tick is ${tickFrom === 'given' ? 'the one given' : 'the finest digit of the prices'}`,
  ];
}

const FAULT_WORDS: Readonly<Record<string, string>> = {
  corrupt: 'not to be read',
  off_tick: 'with a price between two ticks',
  off_lot: 'with a quantity between two lots',
  impossible: 'as no market makes',
  disorder: 'behind later ones',
  duplicate: 'of which there is one before',
  interval: 'opening on no whole interval',
  offset: 'told by a clock of another zone',
};

const NOTICE_WORDS: Readonly<Record<Exclude<FileNotice['kind'], 'name'>, string>> = {
  time_units: 'with times in another unit than the first',
  zones: 'with times of another offset than the first',
  rounded_price: 'whose prices were rounded',
  rounded_volume: 'whose volume was rounded',
  fine_price: 'with more digits than the others',
  ends_open: 'without an end',
};

function faultLines({ faults, notices, understood }: FileReport | TradeFileReport): readonly string[] {
  const unit = understood.form.form === 'csv' ? 'line' : 'row';
  const named = (examples: FileNotice['examples']): readonly string[] =>
    examples.map(({ line, message }) => `${unit} ${line}: ${message}`);
  return [
    ...faults.flatMap(({ kind, count, examples }) =>
      listed(`Fault: ${plural(count, 'row')} ${FAULT_WORDS[kind] ?? kind}`, named(examples)),
    ),
    ...notices.flatMap(({ kind, count, examples }) =>
      kind === 'name'
        ? examples.map(({ message }) => `Note: ${message}`)
        : listed(`Note: ${plural(count, 'row')} ${NOTICE_WORDS[kind]}`, named(examples)),
    ),
  ];
}

const sizeText = (minutes: number): string => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`);

function overlapLines({ same, fuller, disagreeing, examples, shifts }: BarComparison): readonly string[] {
  return [
    ...(same + disagreeing === 0
      ? []
      : listed(
          `${plural(same + disagreeing, 'bar')} in the catalogue already, ${disagreeing} of which it says otherwise`,
          examples.map(moment),
        )),
    ...(fuller === 0
      ? []
      : [`Of ${plural(fuller, 'bar')} of these the file says more than the catalogue: who took, trades or the book`]),
    ...shifts.map(
      ({ fromMs, toMs, bars, minutes }) =>
        `Fault: moved by ${sizeText(minutes)} the ${plural(bars, 'bar')} from ${moment(fromMs)} to ${moment(toMs)} agree with the catalogue: one of the two was not written in UTC`,
    ),
  ];
}

function barsText(report: FileReport): readonly string[] {
  const { file, instrument, interval, tick, quality, understood, clockSetBack, overlap } = report;
  return [
    `${file}: ${plural(quality.bars, 'sound bar')} of ${instrument} of ${interval}, prices in steps of ${tick}`,
    ...understoodText(understood),
    qualityText(quality),
    ...faultLines(report),
    ...clockSetBack.map(
      ({ line, minutes }) =>
        `Fault: time goes back by ${sizeText(minutes)} at line ${line} and goes on from there: a clock was set back, or a second file begins; write times in UTC, each bar once`,
    ),
    ...(overlap === null ? [] : overlapLines(overlap)),
  ];
}

function tradeQualityLines({ trades, firstId, lastId, firstUs, lastUs, gaps, jumps }: TradeQuality): readonly string[] {
  if (trades === 0 || firstUs === null || lastUs === null) return ['no trade'];
  return [
    `ids ${firstId ?? ''} to ${lastId ?? ''}, from ${momentOfUs(firstUs)} to ${momentOfUs(lastUs)} UTC`,
    ...(gaps.count === 0
      ? ['no id is missing']
      : listed(
          `${plural(gaps.count, 'gap')}, ${plural(gaps.missing, 'missing id')}`,
          gaps.examples.map(
            ({ beforeId, afterId, beforeUs, afterUs, missing }) =>
              `${missing} between ${beforeId} and ${afterId}, ${momentOfUs(beforeUs)} to ${momentOfUs(afterUs)}`,
          ),
        )),
    ...(jumps.count === 0
      ? []
      : listed(
          `${plural(jumps.count, 'price')} far from the one before`,
          jumps.examples.map(
            ({ tradeId, timeUs, ratio }) => `${tradeId} at ${momentOfUs(timeUs)}: ${ratioText(ratio)} it`,
          ),
        )),
  ];
}

function tradesText(report: TradeFileReport): readonly string[] {
  const { file, instrument, tick, lot, quality, understood, overlap } = report;
  return [
    `${file}: ${plural(quality.trades, 'sound trade')} of ${instrument}, prices in steps of ${tick}, quantities of ${lot}`,
    ...understoodText(understood),
    ...tradeQualityLines(quality),
    ...faultLines(report),
    ...(overlap === null
      ? []
      : listed(
          `${plural(overlap.same + overlap.disagreeing, 'trade')} in the catalogue already, ${overlap.disagreeing} of which it says otherwise`,
          overlap.examples.map(String),
        )),
  ];
}

/** What a file is, how it was understood, and what is wrong with it. */
export const fileText = (report: FileReport | TradeFileReport): string =>
  (report.kind === 'bars' ? barsText(report) : tradesText(report)).join('\n');

export function verifyText(items: readonly StoredReport[]): string {
  return items
    .map((item) => {
      const name = `${item.instrument} ${item.kind === 'bars' ? item.interval : 'trades'}`;
      if (item.quality === null) return `${name}: ${item.fault?.code ?? ''}: ${item.fault?.message ?? ''}`;
      return item.kind === 'bars'
        ? `${name}: ${plural(item.quality.bars, 'bar')}\n${qualityText(item.quality)}`
        : [`${name}: ${plural(item.quality.trades, 'trade')}`, ...tradeQualityLines(item.quality)].join('\n');
    })
    .join('\n\n');
}
