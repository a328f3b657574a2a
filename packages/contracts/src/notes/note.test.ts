import { describe, expect, it } from 'vitest';
import { noteOf, noteText, type Note } from './note.ts';
import { noteSchema } from './note-schema.ts';
import type { NoteCode, NoteValues } from './note-values.ts';
import { NOTES_EN } from './notes-en.ts';
import { NOTES_KO } from './notes-ko.ts';

const MS = Date.UTC(2024, 7, 1);
const END_MS = Date.UTC(2025, 1, 3, 4);

/** Of each code at least one note, of each branch of its words one. */
const EXAMPLES: { readonly [C in NoteCode]: readonly NoteValues[C][] } = {
  'data-bars': [
    {
      ...{ instrument: 'BTCUSDT', bars: 1_234, interval: '1h', startMs: MS, endMs: END_MS },
      ...{ gaps: 3, missingBars: 17, emptyBars: 29, gapRule: 'break' },
    },
    {
      ...{ instrument: 'BTCUSDT', bars: 1_234, interval: '1h', startMs: MS, endMs: END_MS },
      ...{ gaps: 3, missingBars: 17, emptyBars: 0, gapRule: 'join' },
    },
  ],
  'warm-up': [
    { bars: 53, interval: '4h', before: null },
    { bars: 53, interval: '4h', before: { fromMs: MS, bars: 31 } },
  ],
  'fills-bars': [
    { acts: 'next-open', limits: 'through', volumeShare: 0.07 },
    { acts: 'next-close', limits: 'through', volumeShare: 0.07 },
    { acts: 'close', limits: 'touch', volumeShare: null },
  ],
  'path-unknown': [{ interval: '1h' }],
  'path-finer': [{ interval: '1h' }],
  fees: [
    { makerFeeBps: 3, takerFeeBps: 7, feesFrom: 'quote', quote: 'USDT' },
    { makerFeeBps: 7, takerFeeBps: 7, feesFrom: 'received', quote: 'USDT' },
  ],
  'fees-on-entries': [
    { makerFeeBps: 3, takerFeeBps: 7, feesFrom: 'quote', quote: 'USDT' },
    { makerFeeBps: 7, takerFeeBps: 7, feesFrom: 'received', quote: 'USDT' },
  ],
  commission: [
    { feePerOrder: '1.5', feePerUnit: '0.005', feeMinimum: '2', quote: 'USD' },
    { feePerOrder: '1.5', feePerUnit: '0', feeMinimum: '0', quote: 'USD' },
    { feePerOrder: '0', feePerUnit: '0.005', feeMinimum: '0', quote: 'USD' },
    { feePerOrder: '0', feePerUnit: '0', feeMinimum: '2', quote: 'USD' },
  ],
  slippage: (['bars', 'ticks'] as const).flatMap((data) => [
    { slippage: { kind: 'none' }, data },
    { slippage: { kind: 'rate', bps: 1.25 }, data },
    { slippage: { kind: 'ticks', ticks: 3 }, data },
    { slippage: { kind: 'square-root', bps: 1.25 }, data },
    { slippage: { kind: 'spread', share: 0.25 }, data },
  ]),
  sizing: (
    [
      { kind: 'fraction', share: 0.5 },
      { kind: 'fixed', amount: '750' },
      { kind: 'units', quantity: '0.125' },
      { kind: 'volatility', target: 0.35, bars: 41 },
      { kind: 'kelly', tradesMin: 31, tradesMax: 211, scale: 0.45, cap: 0.85, fallback: 0.11 },
    ] as const
  ).map((sizing) => ({
    ...{ cash: '10000', quote: 'USDT', rebalanceBand: 0.23, from: 'close' as const },
    sizing: { ...sizing, equityShare: 0.85 },
  })),
  terms: [
    { instrument: 'BTCUSDT', tick: '0.01', tickFrom: 'data', lot: '0.001', notionalMin: '0' },
    { instrument: 'BTCUSDT', tick: '0.01', tickFrom: 'given', lot: '0.001', notionalMin: '5.5' },
  ],
  'long-only': [{}],
  shorts: [{ initialMargin: 0.35 }],
  limits: [{ limits: 'none' }, { limits: 'configured' }],
  year: [{ yearDays: null }, { yearDays: 252 }],
  'end-of-training': [{ endOfData: 'mark' }, { endOfData: 'close' }, { endOfData: 'open' }],
  end: [
    { endOfData: 'mark', data: 'bars' },
    { endOfData: 'mark', data: 'ticks' },
    { endOfData: 'close', data: 'bars' },
    { endOfData: 'open', data: 'bars' },
  ],
  'bars-off-grid': [{ instrument: 'AAPL', interval: '1h', minutes: 30 }],
  'bars-cannot-tell': [
    { instruments: 1, days: false },
    { instruments: 2, days: true },
  ],
  'data-ticks': [{ instrument: 'BTCUSDT', trades: 1_234, quotes: 77, bookChanges: 999, startMs: MS, endMs: END_MS }],
  'bars-from-trades': [{}],
  'fills-ticks': (['quotes', 'depth', 'both', 'trades'] as const).flatMap((offers) =>
    (['through', 'queue', 'queue-probable', 'touch'] as const).map((queue) => ({ offers, queue })),
  ),
  latency: [{ latency: null }, { latency: { feedMs: 5, orderMs: 17, responseMs: 23 } }],
  'ticks-cannot-tell': [{ pointMs: 60_000 }],
  search: [
    {
      ...{ sampler: 'tpe', parameters: ['fast', 'slow'], points: 3_750, trials: 220 },
      ...{ direction: 'max', objective: 'sharpe', seed: 19, ahead: 8 },
    },
    {
      ...{ sampler: 'cma-es', parameters: ['fast'], points: null, trials: 220 },
      ...{ direction: 'min', objective: 'maxDrawdown', seed: 19, ahead: 8 },
    },
  ],
  'walk-forward': [
    {
      windows: 6,
      train: { fromMs: MS, toMs: END_MS },
      tests: { fromMs: MS + 60_000, toMs: END_MS + 60_000 },
    },
  ],
  'no-walk-forward': [{}],
  'early-stopping': [{ kind: 'median' }, { kind: 'halving' }],
  'strategy-failed': [
    { strategyId: 'own', message: 'TypeError: no', file: 'own.ts', line: 31 },
    { strategyId: 'own', message: 'TypeError: no', file: null, line: null },
  ],
  'account-worthless': [{}],
  'looks-ahead': [{}],
  'nothing-traded': [{}],
  'few-trades': [{ closed: 12, enough: 30 }],
  'trades-open': [{ open: 2 }],
  denied: [{ rules: { cash: 3, notional_min: 41 } }],
  'cash-shared': [
    { denied: 1, instruments: 2 },
    { denied: 12, instruments: 3 },
  ],
  'bars-missing': [{ instrument: 'BTCUSDT', bars: 990, missingBars: 10, gaps: 4 }],
  'not-tested': [{}],
  'trials-failed': [
    { failed: 12, run: 240, first: 'Error: never' },
    { failed: 12, run: 240, first: null },
  ],
  'windows-without-choice': [{ without: 2, windows: 7 }],
  'tests-failed': [{ tests: 3, first: 'Error: never' }],
  'few-trades-tested': [{ closed: 12 }],
  'earned-nothing': [{}],
  'below-holding': [{}],
  overfitted: [{ probability: 0.62 }],
  'on-a-peak': [{ stability: 0.31 }],
  'at-range-end': [{ parameters: ['fast', 'slow'] }],
};

const notes: readonly Note[] = Object.entries(EXAMPLES).flatMap(([code, each]) =>
  each.map((values) => noteOf(code as NoteCode, values as never)),
);
/** Numbers and names of the text, wherever they stand: not what a language says in words. */
const figures = (text: string): readonly string[] => (text.match(/\d[\d,.:-]*\d|\d/g) ?? []).toSorted();

describe('notes', () => {
  it('have words in both languages for every code', () => {
    expect(Object.keys(NOTES_KO)).toEqual(Object.keys(NOTES_EN));
    expect(Object.keys(EXAMPLES)).toEqual(Object.keys(NOTES_EN));
  });

  it.each(notes)('$code is told in Korean with the same figures', (note) => {
    const korean = noteText(note, 'ko');
    expect(korean.language).toBe('ko');
    expect(korean.text).toMatch(/[가-힣]{2}/);
    expect(figures(korean.text)).toEqual(figures(note.text));
    for (const { text } of [note, korean]) expect(text).not.toMatch(/undefined|NaN|\[object|null|true|false/);
  });

  it('say something else for each value that decides between words', () => {
    for (const each of Object.values(Object.groupBy(notes, ({ code }) => code)))
      for (const language of ['en', 'ko'] as const)
        expect(new Set(each?.map((note) => noteText(note, language).text)).size).toBe(
          new Set(each?.map(({ text }) => text)).size,
        );
  });

  it('are the same after a way through JSON', () => {
    for (const note of notes) expect(noteSchema.parse(JSON.parse(JSON.stringify(note)))).toEqual(note);
  });

  it('of a version that is not known stay in English', () => {
    const note = { code: 'of-another-day', values: {}, text: 'Something.' };
    expect(noteText(note, 'ko')).toEqual({ text: 'Something.', language: 'en' });
    expect(noteText({ ...note, code: 'toString' }, 'ko').language).toBe('en');
  });
});
