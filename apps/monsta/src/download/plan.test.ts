import { ceilMsToInterval, instrumentId, INTERVALS, MS_PER_DAY, MS_PER_MINUTE } from '@monsta/core';
import { barMonthAround, dayAround, monthAround, type ArchiveContent } from '@monsta/venue-binance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPieces, otherPieces, type Piece, type PieceSource } from './plan.ts';
import { joined, lengthOf, within, type Span } from './spans.ts';

const BTC = instrumentId('BTCUSDT');
const BARS: ArchiveContent = { kind: 'bars', instrument: BTC, interval: '1m' };
const at = (text: string): number => Date.parse(`${text}Z`);
const span = (from: string, to: string): Span => ({ fromMs: at(from), toMs: at(to) });
const NOW = at('2024-09-11T15:30');
const MS_PER_WEEK = 7 * MS_PER_DAY;
/** The month of a content's bars, or of trades. */
const periodOf = (content: ArchiveContent, ms: number): Span =>
  content.kind === 'bars' ? barMonthAround(ms, content.interval) : monthAround(ms);
const namesOf = (pieces: readonly Piece[]): readonly string[] =>
  pieces.map(({ source, file }) => `${source} ${file?.name ?? ''}`.trim());

describe('which files are fetched', () => {
  it('is the one of the month when it is over', () => {
    const pieces = firstPieces(BARS, [span('2024-08-01T00:00', '2024-09-01T00:00')], NOW);
    expect(namesOf(pieces)).toEqual(['archive-monthly BTCUSDT-1m-2024-08.zip']);
  });

  it('are those of the days of a running month, and REST for today', () => {
    const pieces = firstPieces(BARS, [span('2024-09-09T06:00', '2024-09-11T15:30')], NOW);
    expect(namesOf(pieces)).toEqual([
      'archive-daily BTCUSDT-1m-2024-09-09.zip',
      'archive-daily BTCUSDT-1m-2024-09-10.zip',
      'rest',
    ]);
    expect(pieces.at(-1)?.spans).toEqual([span('2024-09-11T00:00', '2024-09-11T15:30')]);
  });

  it('are those of the days where no more than three of an old month are wanted', () => {
    const pieces = firstPieces(
      BARS,
      [span('2024-05-03T00:00', '2024-05-03T01:00'), span('2024-05-30T23:00', '2024-06-01T00:00')],
      NOW,
    );
    expect(namesOf(pieces)).toEqual([
      'archive-daily BTCUSDT-1m-2024-05-03.zip',
      'archive-daily BTCUSDT-1m-2024-05-30.zip',
      'archive-daily BTCUSDT-1m-2024-05-31.zip',
    ]);
  });

  it('are those of months for bars that are longer than a day: the month in which a bar opens, however many are wanted', () => {
    const weeks: ArchiveContent = { kind: 'bars', instrument: BTC, interval: '1w' };
    // The week of Monday, 2024-07-29 ends in August, and is in the file of July.
    const july = [span('2024-07-29T00:00', '2024-08-05T00:00')];
    expect(namesOf(firstPieces(weeks, july, NOW))).toEqual(['archive-monthly BTCUSDT-1w-2024-07.zip']);
    expect(namesOf(firstPieces(weeks, july, at('2024-08-04T00:00')))).toEqual(['rest']);
    expect(namesOf(otherPieces(weeks, july, new Set(['archive-monthly']), NOW))).toEqual(['rest']);
    const thrice: ArchiveContent = { kind: 'bars', instrument: BTC, interval: '3d' };
    expect(namesOf(firstPieces(thrice, [span('2024-08-31T00:00', '2024-09-03T00:00')], NOW))).toEqual([
      'archive-monthly BTCUSDT-3d-2024-08.zip',
    ]);
  });

  it('are those of days for trades, always', () => {
    const trades: ArchiveContent = { kind: 'trades', instrument: BTC };
    expect(namesOf(firstPieces(trades, [span('2020-02-03T00:00', '2020-02-04T00:00')], NOW))).toEqual([
      'archive-daily BTCUSDT-trades-2020-02-03.zip',
    ]);
  });

  it('are others where the archive lacks them: days for a month, the month for days, REST at last', () => {
    const august = [span('2024-08-01T00:00', '2024-08-04T00:00')];
    expect(namesOf(otherPieces(BARS, august, new Set(['archive-monthly']), NOW))).toEqual(
      ['01', '02', '03'].map((day) => `archive-daily BTCUSDT-1m-2024-08-${day}.zip`),
    );
    expect(namesOf(otherPieces(BARS, august, new Set(['archive-daily']), NOW))).toEqual([
      'archive-monthly BTCUSDT-1m-2024-08.zip',
    ]);
    expect(namesOf(otherPieces(BARS, august, new Set(['archive-daily', 'archive-monthly']), NOW))).toEqual(['rest']);
    // Yesterday's file is not there yet, and neither is the month's.
    const yesterday = [span('2024-09-10T00:00', '2024-09-11T00:00')];
    expect(namesOf(otherPieces(BARS, yesterday, new Set(['archive-daily']), NOW))).toEqual(['rest']);
  });
});

describe('any plan', () => {
  /** Spans of one month, in whole minutes, and a time that they are over by. */
  const cases = fc
    .tuple(
      fc.integer({ min: 0, max: 120 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 44_640 }), fc.integer({ min: 1, max: 9_000 })), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.integer({ min: 0, max: 60 * MS_PER_DAY }),
      fc.constantFrom<ArchiveContent>(
        ...INTERVALS.map((interval) => ({ kind: 'bars', instrument: BTC, interval }) as const),
        { kind: 'trades', instrument: BTC },
      ),
    )
    .map(([month, parts, later, content]) => {
      const period = periodOf(content, Date.UTC(2017, month, 15));
      const whole = (ms: number): number => (content.kind === 'bars' ? ceilMsToInterval(ms, content.interval) : ms);
      const wanted = within(
        joined(
          parts.map(([from, length]) => ({
            fromMs: whole(period.fromMs + from * MS_PER_MINUTE),
            toMs: whole(period.fromMs + (from + length) * MS_PER_MINUTE),
          })),
        ),
        period,
      );
      return { wanted, nowMs: (wanted.at(-1)?.toMs ?? period.toMs) + later, content };
    })
    .filter(({ wanted }) => wanted.length > 0);

  const sound = (pieces: readonly Piece[], wanted: readonly Span[], nowMs: number): void => {
    const all = pieces.flatMap((piece) => piece.spans);
    expect(joined(all)).toEqual(wanted);
    // Nothing is fetched twice.
    expect(lengthOf(all)).toBe(lengthOf(wanted));
    for (const { source, file, spans } of pieces) {
      expect(spans.length).toBeGreaterThan(0);
      if (file === null) expect(source).toBe('rest');
      else {
        const isMonth = source === 'archive-monthly';
        const told = isMonth ? periodOf(file.content, file.fromMs + MS_PER_WEEK) : dayAround(file.fromMs);
        expect(told.toMs).toBeLessThanOrEqual(nowMs);
        expect(within(spans, told)).toEqual(spans);
        const period = isMonth ? monthAround(file.fromMs) : dayAround(file.fromMs);
        expect({ fromMs: file.fromMs, toMs: file.toMs }).toEqual(period);
        if (!isMonth && file.content.kind === 'bars') expect(['3d', '1w']).not.toContain(file.content.interval);
      }
    }
    const files = pieces.flatMap(({ file }) => (file === null ? [] : [file.path]));
    expect(new Set(files).size).toBe(files.length);
  };

  it('fetches all that is wanted, once, and asks for no file whose span is not over; a file that is missing has another in its place until REST is asked', () => {
    fc.assert(
      fc.property(cases, fc.func(fc.boolean()), ({ wanted, nowMs, content }, isThere) => {
        let pieces = firstPieces(content, wanted, nowMs);
        let left = wanted;
        const tried = new Set<PieceSource>();
        for (let round = 0; pieces.length > 0; round += 1) {
          expect(round).toBeLessThan(4);
          sound(pieces, left, nowMs);
          const missing = pieces.filter(({ file }) => file !== null && !isThere(file.path));
          for (const { source } of pieces) tried.add(source);
          left = joined(missing.flatMap(({ spans }) => spans));
          pieces = otherPieces(content, left, tried, nowMs);
        }
        expect(left).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
