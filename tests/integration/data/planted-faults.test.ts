import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expectOk, instrumentId, sliceBarSeries, type BarSeries } from '@monsta/core';
import { surveyBarFile, type BarSurvey } from '@monsta/data-files';
import { barQuality, compareBars, gapsOf } from '@monsta/market-data';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** A Monday: a hundred hours from here hold no night in which clocks are set. */
const START = Date.UTC(2024, 0, 8);
const ALL = 100_000;
const TICK = { units: 1, scale: 2 };
const HEADER = 'openTimeMs,open,high,low,close,volume';

const termsOf = (tick: typeof TICK | null) => ({
  instrument: { id: instrumentId('BTCUSDT'), tick, lot: { units: 1, scale: 8 }, quote: null },
  interval: null,
  fromMs: null,
  toMs: null,
});

function fileOf(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-planted-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'bars.csv');
  writeFileSync(path, content);
  return path;
}

const survey = async (lines: readonly string[], tick: typeof TICK | null = TICK): Promise<BarSurvey> =>
  expectOk(await surveyBarFile(fileOf(`${[HEADER, ...lines].join('\n')}\n`), termsOf(tick), ALL));

/** A bar's cells; no two bars of different hours are the same. */
const cellsOf = (hour: number): string[] => [
  String(START + hour * HOUR),
  `${42_000 + hour}.11`,
  `${42_050 + hour}.25`,
  `${41_990 + hour}.02`,
  `${42_010 + hour}.53`,
  `${hour + 1}.5`,
];

interface Row {
  readonly cells: readonly string[];
  /** What it is to be told as; null: a sound one. */
  readonly fault: string | null;
}

const changed = (hour: number, fault: string, change: (cells: string[]) => void): readonly Row[] => {
  const cells = cellsOf(hour);
  change(cells);
  return [{ cells, fault }];
};
const sound = (hour: number): Row => ({ cells: cellsOf(hour), fault: null });
const put =
  (fault: string, column: number, text: string) =>
  (hour: number): readonly Row[] =>
    changed(hour, fault, (cells) => (cells[column] = text));

/** What takes the place of three sound hours, by the name of what is planted. */
const PLANTS: Readonly<Record<string, (hour: number) => readonly Row[]>> = {
  'a cell of letters': put('corrupt', 2, 'x'),
  'not a number': put('corrupt', 4, 'NaN'),
  'an empty cell': put('corrupt', 1, ''),
  'a time that is none': put('corrupt', 0, '2024-02-30 00:00'),
  'a time of another unit': (hour) => changed(hour, 'corrupt', (cells) => (cells[0] += '000000')),
  'a cell too few': (hour) => changed(hour, 'corrupt', (cells) => cells.pop()),
  'a cell too many': (hour) => changed(hour, 'corrupt', (cells) => cells.push('1')),
  'high and low exchanged': (hour) =>
    changed(hour, 'impossible', (cells) => ([cells[2], cells[3]] = [cells[3] ?? '', cells[2] ?? ''])),
  'a close above the high': put('impossible', 4, '99999.00'),
  'an open below the low': put('impossible', 1, '1.00'),
  'a price below zero': put('impossible', 3, '-41990.02'),
  'a price of zero': put('impossible', 3, '0'),
  'a volume below zero': put('impossible', 5, '-1'),
  'a price between two ticks': (hour) => changed(hour, 'off_tick', (cells) => (cells[4] += '5')),
  'the same bar again': (hour) => [sound(hour), { ...sound(hour), fault: 'duplicate' }],
  'another bar of the time': (hour) => [sound(hour), ...changed(hour, 'duplicate', (cells) => (cells[5] = '777'))],
  'the same bar two lines later': (hour) => [sound(hour), sound(hour + 1), { ...sound(hour), fault: 'duplicate' }],
  'a bar behind later ones': (hour) => [sound(hour + 1), sound(hour + 2), { ...sound(hour), fault: 'disorder' }],
  'a bar ahead of its time': (hour) => [{ ...sound(hour + 2), fault: 'disorder' }, sound(hour), sound(hour + 1)],
  'a bar of next year': (hour) => changed(hour, 'disorder', (cells) => (cells[0] = String(START + 9_000 * HOUR))),
  'a bar off the hour': (hour) =>
    changed(hour, 'interval', (cells) => (cells[0] = String(START + hour * HOUR + 7 * MINUTE))),
  'a missing bar': () => [],
};
const KINDS = Object.keys(PLANTS);

/** Three hours in which something is planted; those that it says nothing of stay as they are. */
function planted(kind: string, hour: number): readonly Row[] {
  const rows = PLANTS[kind]?.(hour) ?? [];
  const used = rows.some(({ cells }) => cells[0] === String(START + (hour + 2) * HOUR))
    ? 3
    : rows.some(({ cells, fault }) => fault === null && cells[0] === String(START + (hour + 1) * HOUR))
      ? 2
      : 1;
  return [...rows, ...[0, 1, 2].slice(used).map((after) => sound(hour + after))];
}

/** One fault in each block of six hours, or none. */
const anyPlan = fc.array(fc.option(fc.constantFrom(...KINDS), { nil: null, freq: 2 }), { minLength: 4, maxLength: 15 });

function rowsOf(plan: readonly (string | null)[]): readonly Row[] {
  return plan.flatMap((kind, block) => {
    const first = 6 * block;
    const middle = kind === null ? [2, 3, 4].map((hour) => sound(first + hour)) : planted(kind, first + 2);
    return [sound(first), sound(first + 1), ...middle, sound(first + 5)];
  });
}

const foundIn = (faults: BarSurvey['faults']): unknown =>
  faults
    .flatMap(({ kind, count, examples }) => {
      expect(count).toBe(examples.length);
      return examples.map(({ line }) => `${line} ${kind}`);
    })
    .toSorted();

describe('a file in which faults are planted', { timeout: 60_000 }, () => {
  it('is told of with each of them, at its line, and of nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan, async (plan) => {
        const rows = rowsOf(plan);
        const found = await survey(rows.map(({ cells }) => cells.join(',')));
        const expected = rows.flatMap(({ fault }, index) => (fault === null ? [] : [`${index + 2} ${fault}`]));
        expect(foundIn(found.faults)).toEqual(expected.toSorted());
        const times = rows.flatMap(({ cells, fault }) => (fault === null ? [Number(cells[0])] : []));
        expect([...found.series.openTimeMs]).toEqual(times);
        const missing = times.flatMap((time, at) => {
          const before = times[at - 1] ?? time - HOUR;
          return time - before > HOUR ? [{ beforeMs: before, afterMs: time, missing: (time - before) / HOUR - 1 }] : [];
        });
        expect(gapsOf(found.series)).toEqual(missing);
        expect({ ...found, faults: null }).toMatchObject({ notices: [], clockSetBack: [], offsetMinutes: 0 });
      }),
      { numRuns: 60, examples: KINDS.map((kind): [(string | null)[]] => [[null, kind, null, null]]) },
    );
  });

  it('is told of wherever its clock was set back, and by how much', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 2, max: 8 }), async (at, hours) => {
        const rows = Array.from({ length: 100 }, (_, hour) => {
          const cells = cellsOf(hour);
          if (hour >= at) cells[0] = String(START + (hour - hours) * HOUR);
          return cells.join(',');
        });
        const found = await survey(rows);
        expect(found.clockSetBack).toEqual([{ line: at + 2, minutes: 60 * hours }]);
        expect(found.faults).toMatchObject([{ kind: 'duplicate', count: hours }]);
      }),
      { numRuns: 20 },
    );
  });

  it('is told of where its times change their unit or their zone, or a price has more digits than the rest', async () => {
    const rows = Array.from({ length: 200 }, (_, hour) => cellsOf(hour));
    const units = rows.map((cells, row) => cells.with(0, row < 150 ? (cells[0] ?? '') : `${cells[0]}000`).join(','));
    const text = `${[HEADER.replace('openTimeMs', 'open_time'), ...units].join('\n')}\n`;
    const mixed = expectOk(await surveyBarFile(fileOf(text), termsOf(TICK), 5));
    expect(mixed.notices).toMatchObject([{ kind: 'time_units', count: 50, examples: [{ line: 152 }] }]);
    expect(mixed.understood.times).toEqual([
      { unit: 'ms', rows: 150 },
      { unit: 'us', rows: 50 },
    ]);
    const zones = rows.map((cells, row) => {
      const at = new Date(Number(cells[0]) + (row < 120 ? 0 : HOUR)).toISOString().slice(0, 19);
      return cells.with(0, row < 120 ? `${at}Z` : `${at}+01:00`).join(',');
    });
    const named = `${[HEADER.replace('openTimeMs', 'date'), ...zones].join('\n')}\n`;
    expect(expectOk(await surveyBarFile(fileOf(named), termsOf(TICK), 5))).toMatchObject({
      faults: [],
      notices: [{ kind: 'zones', count: 80, examples: [{ line: 122 }] }],
    });
    const fine = rows.map((cells, row) => (row === 33 ? cells.with(4, `${cells[4]}77`) : cells).join(','));
    expect(await survey(fine, null)).toMatchObject({
      faults: [],
      notices: [{ kind: 'fine_price', count: 1, examples: [{ line: 35 }] }],
    });
  });

  it('is told of where it was cut short', async () => {
    const whole = `${[HEADER, ...Array.from({ length: 50 }, (_, hour) => cellsOf(hour).join(','))].join('\n')}\n`;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: HEADER.length + 120, max: whole.length - 1 }), async (bytes) => {
        const cut = whole.slice(0, bytes);
        const found = expectOk(await surveyBarFile(fileOf(cut), termsOf(TICK), 5));
        const lines = cut.split('\n');
        // A line that ends where a line ends is whole.
        const open = lines.at(-1) !== '';
        expect(found.notices.map(({ kind }) => kind)).toEqual(open ? ['ends_open'] : []);
        if (!open) return;
        expect(found.notices).toMatchObject([{ examples: [{ line: lines.length }] }]);
      }),
      { numRuns: 40 },
    );
    const packed = gzipSync(whole);
    const torn = await surveyBarFile(fileOf(packed.subarray(0, packed.length - 40)), termsOf(TICK), 5);
    expect(torn).toMatchObject({ fault: { code: 'bars_truncated' } });
  });

  it('is told of when half its zone’s clock is off the whole hour', async () => {
    for (const minutes of [-330, 345, 30]) {
      const rows = Array.from({ length: 50 }, (_, hour) =>
        cellsOf(hour)
          .with(0, String(START + hour * HOUR + minutes * MINUTE))
          .join(','),
      );
      const found = await survey(rows);
      expect(found.offsetMinutes).toBe(((minutes % 60) + 60) % 60);
      expect(found.faults).toMatchObject([{ kind: 'offset', count: 1, examples: [{ line: 2 }] }]);
    }
  });
});

/** Hours of a price that goes its way, so that no bar is like another. */
async function walk(length: number): Promise<BarSeries> {
  const lines = Array.from({ length }, (_, hour) => cellsOf(hour).join(','));
  return (await survey(lines)).series;
}

const copyOf = (series: BarSeries): BarSeries => ({
  ...series,
  openTimeMs: series.openTimeMs.slice(),
  open: series.open.slice(),
  high: series.high.slice(),
  low: series.low.slice(),
  close: series.close.slice(),
  volume: series.volume.slice(),
});

describe('a sound series in which something odd is planted', { timeout: 60_000 }, () => {
  it('is told of with each run and jump, where it is, and of nothing else', async () => {
    const clean = await walk(400);
    expect(barQuality(clean, ALL)).toMatchObject({
      gaps: { count: 0 },
      zeroVolume: { runs: 0 },
      repeated: { runs: 0 },
      flat: { runs: 0 },
      jumps: { count: 0 },
      clockSetForward: { count: 0 },
    });
    const runs = fc.record({ at: fc.integer({ min: 0, max: 30 }), bars: fc.integer({ min: 10, max: 40 }) });
    fc.assert(
      fc.property(runs, runs, runs, fc.constantFrom(10, 100, 0.1, 0.01), (quiet, same, flat, factor) => {
        const series = copyOf(clean);
        const at = (row: number): number => START + row * HOUR;
        for (let row = quiet.at; row < quiet.at + quiet.bars; row += 1) series.volume[row] = 0;
        const [repeats, level, jump] = [100 + same.at, 200 + flat.at, 320 + flat.at];
        for (let row = repeats + 1; row < repeats + same.bars; row += 1)
          for (const column of [series.open, series.high, series.low, series.close, series.volume])
            column[row] = column[repeats] ?? 0;
        for (let row = level; row < level + flat.bars; row += 1)
          for (const column of [series.open, series.high, series.low, series.close])
            column[row] = series.close[level] ?? 0;
        for (const column of [series.open, series.high, series.low, series.close])
          column[jump] = Math.round((column[jump] ?? 0) * factor);
        expect(barQuality(series, ALL)).toMatchObject({
          zeroVolume: { runs: 1, bars: quiet.bars, examples: [{ fromMs: at(quiet.at), bars: quiet.bars }] },
          repeated: { runs: 1, examples: [{ fromMs: at(repeats), bars: same.bars }] },
          flat: { runs: 1, examples: [{ fromMs: at(level), bars: flat.bars }] },
          jumps: { count: 1, examples: [{ openTimeMs: at(jump), price: 'open', backAfterBars: 1 }] },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is told of wherever one price alone has a point that slipped', async () => {
    const clean = await walk(100);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 98 }), fc.constantFrom(10, 100, 1_000), (row, factor) => {
        const up = copyOf(clean);
        up.high[row] = (up.high[row] ?? 0) * factor;
        expect(barQuality(up, 5).jumps).toMatchObject({
          count: 1,
          examples: [{ openTimeMs: START + row * HOUR, price: 'high' }],
        });
        const down = copyOf(clean);
        down.low[row] = Math.round((down.low[row] ?? 0) / factor);
        expect(barQuality(down, 5).jumps).toMatchObject({ count: 1, examples: [{ price: 'low' }] });
        const close = copyOf(clean);
        for (const column of [close.low, close.close]) column[row] = Math.round((column[row] ?? 0) / factor);
        expect(barQuality(close, 5).jumps).toMatchObject({
          count: 1,
          examples: [{ price: 'close', backAfterBars: 1 }],
        });
        // One that stays is told once, as such.
        const split = copyOf(clean);
        for (let after = row; after < split.length; after += 1)
          for (const column of [split.open, split.high, split.low, split.close])
            column[after] = Math.round((column[after] ?? 0) / factor);
        expect(barQuality(split, 5).jumps).toMatchObject({
          count: 1,
          examples: [{ openTimeMs: START + row * HOUR, price: 'open', backAfterBars: null }],
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is told of where a clock was set forward', async () => {
    // Berlin, New York, Sydney: the hour that is missing in local time.
    for (const [year, month, day] of [
      [2024, 3, 31],
      [2024, 3, 10],
      [2024, 10, 6],
    ] as const) {
      const first = Date.UTC(year, month - 1, day - 3);
      const missing = Date.UTC(year, month - 1, day, 2);
      const rows = Array.from({ length: 150 }, (_, hour) => first + hour * HOUR)
        .filter((time) => time !== missing)
        .map((time, hour) => cellsOf(hour).with(0, String(time)).join(','));
      const { series } = await survey(rows);
      expect(barQuality(series, 5)).toMatchObject({
        gaps: { count: 1 },
        clockSetForward: { count: 1, examples: [{ beforeMs: missing - HOUR, afterMs: missing + HOUR }] },
      });
    }
  });

  it('and held against the same in UTC is told of with its zone, also where that changes', async () => {
    const one = await walk(600);
    const shifted = (from: number, to: number, minutesAt: (row: number) => number): BarSeries => {
      const other = copyOf(sliceBarSeries(one, from, to));
      for (let row = 0; row < other.length; row += 1)
        other.openTimeMs[row] = (other.openTimeMs[row] ?? 0) + minutesAt(row) * MINUTE;
      return other;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: -56, max: 56 }).filter((quarters) => quarters !== 0),
        fc.integer({ min: 100, max: 400 }),
        (quarters, from) => {
          const other = shifted(from, from + 100, () => 15 * quarters);
          expect(compareBars(one, other, 5).shifts).toMatchObject([{ bars: 100, minutes: -15 * quarters }]);
        },
      ),
      { numRuns: 60 },
    );
    const berlin = shifted(100, 500, (row) => (row < 200 ? 60 : 120));
    const shifts = compareBars(one, berlin, 5).shifts.map(({ minutes }) => minutes);
    expect(shifts).toEqual([-60, -120]);
    expect(compareBars(one, sliceBarSeries(one, 100, 300), 5)).toEqual({
      same: 200,
      fuller: 0,
      disagreeing: 0,
      examples: [],
      shifts: [],
    });
  });

  it('and held against another that says otherwise is told of with each bar', async () => {
    const one = await walk(300);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { minLength: 1, maxLength: 40 }), (wrong) => {
        const other = copyOf(one);
        for (const row of wrong) other.close[row] = (other.close[row] ?? 0) + 1;
        const sorted = wrong.toSorted((left, right) => left - right);
        expect(compareBars(one, other, ALL)).toMatchObject({
          same: 300 - wrong.length,
          disagreeing: wrong.length,
          examples: sorted.map((row) => START + row * HOUR),
        });
      }),
      { numRuns: 40 },
    );
  });
});
