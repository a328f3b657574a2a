import { expect, it } from 'vitest';
import type { FlagValues } from '../cli/arguments.ts';
import { specFromFlags } from './spec-from-flags.ts';

const NEEDED = { strategy: 'sma-cross', bars: ['bars.csv'], instrument: ['BTCUSDT'] };
const read = (flags: FlagValues) => specFromFlags({ ...NEEDED, ...flags });
const messageOf = (flags: FlagValues): string => {
  const spec = read(flags);
  return spec.ok ? '' : spec.fault.message;
};

it('flags become the specification, what is left out its defaults', () => {
  const spec = read({
    ...{ 'fee-bps': '20', 'slippage-bps': '0', lot: '1', sizing: 'fraction=0.5', 'sized-at': 'fill', gaps: 'join' },
    ...{ end: 'close', 'allow-short': true, margin: '0.5', from: '2024-01-02', to: '2024-01-31' },
    'latency-ms': '1,2,3',
    'year-days': '252',
    ...{ 'fee-per-order': '1.5', 'fee-per-unit': '0.005', 'fee-minimum': '2' },
  });
  expect(spec).toMatchObject({
    ok: true,
    value: {
      data: { kind: 'file', paths: ['bars.csv'] },
      instruments: ['BTCUSDT'],
      cash: '10000',
      lot: '1',
      fromMs: Date.UTC(2024, 0, 2),
      // A day alone counts whole.
      toMs: Date.UTC(2024, 1, 1),
      costs: {
        ...{ takerFeeBps: 20, makerFeeBps: 20, slippage: { kind: 'none' } },
        ...{ feePerOrder: '1.5', feePerUnit: '0.005', feeMinimum: '2' },
      },
      fills: { acts: 'next-open', sizedAt: 'fill', gaps: 'join', endOfData: 'close' },
      sizing: { kind: 'fraction', share: 0.5 },
      short: { initialMargin: 0.5 },
      yearDays: 252,
      latency: { feedMs: 1, orderMs: 2, responseMs: 3 },
    },
  });
});

it.each([
  ['2024-01-31T18:30Z', Date.UTC(2024, 0, 31, 18, 30)],
  ['2024-01-31 18:30:05', Date.UTC(2024, 0, 31, 18, 30, 5)],
  ['1706725800000', 1_706_725_800_000],
])('%s is a time in UTC', (from, fromMs) => {
  expect(read({ from })).toMatchObject({ ok: true, value: { fromMs } });
});

it.each([
  ['all', { kind: 'fraction', share: 1 }],
  ['units=10', { kind: 'units', quantity: '10' }],
  ['fixed=250.5', { kind: 'fixed', amount: '250.5' }],
  ['volatility=0.5,30', { kind: 'volatility', target: 0.5, bars: 30 }],
  ['{"kind":"kelly","cap":0.4}', { kind: 'kelly', cap: 0.4, tradesMin: 30 }],
])('the sizing %s', (sizing, expected) => {
  expect(read({ sizing })).toMatchObject({ ok: true, value: { sizing: expected } });
});

it.each([
  ['0', { kind: 'none' }],
  ['2.5', { kind: 'rate', bps: 2.5 }],
  ['ticks=3', { kind: 'ticks', ticks: 3 }],
  ['square-root=10', { kind: 'square-root', bps: 10 }],
])('the slippage %s', (slippage, expected) => {
  expect(read({ 'slippage-bps': slippage })).toMatchObject({ ok: true, value: { costs: { slippage: expected } } });
});

it('catalogue names no file, and a maker’s fee of its own stays', () => {
  expect(read({ bars: ['catalogue'], 'fee-bps': '20', 'maker-fee-bps': '5' })).toMatchObject({
    ok: true,
    value: { data: { kind: 'catalogue' }, costs: { takerFeeBps: 20, makerFeeBps: 5 } },
  });
});

it.each([
  [{ 'fee-bps': 'x' }, /^--fee-bps 'x' is not a number$/],
  [{ 'fee-bps': '0.001' }, /^--fee-bps: /],
  [{ 'year-days': 'trading' }, /^--year-days 'trading' is not a number of days, such as 252$/],
  [{ 'year-days': '0' }, /^--year-days: a year has 1 to 366 days, such as 252$/],
  [{ 'year-days': '-252' }, /^--year-days: a year has 1 to 366 days/],
  [{ 'year-days': '98280' }, /^--year-days: a year has 1 to 366 days/],
  [{ 'fee-per-order': 'free' }, /^--fee-per-order: an amount as plain decimal text/],
  [{ 'fee-per-order': '-1' }, /^--fee-per-order: an amount as plain decimal text/],
  [{ 'fee-per-order': '0.000000001' }, /^--fee-per-order: .* at most 8 digits behind the point/],
  [{ 'fee-per-unit': '1e-3' }, /^--fee-per-unit: .* at most 18 digits behind the point/],
  [{ 'fee-minimum': '1,50' }, /^--fee-minimum: an amount as plain decimal text/],
  [{ 'fee-minimum': '10000000000' }, /^--fee-minimum: an amount as plain decimal text/],
  [{ 'fees-on': 'exit' }, /^--fees-on: there are both and entry$/],
  [{ fill: 'now' }, /^--fill: .*next-open/],
  [{ from: '2024-02-31' }, /^--from '2024-02-31' is not a time in UTC/],
  [{ params: '{' }, /^--params '\{' is not a JSON object/],
  [{ interval: '3h' }, /^--interval: .*4h/],
  [{ interval: '1M' }, /^--interval: .*months differ in length/],
  [{ margin: '0.5' }, /^--margin belongs to --allow-short/],
  [{ tick: 'small' }, /^--tick: a plain decimal/],
  [{ sizing: 'half' }, /^--sizing 'half' is not fraction=/],
  [{ 'slippage-bps': 'ticks=0.5' }, /^--slippage-bps: /],
  [{ sizing: 'fraction=2' }, /^--sizing: a share is a number from 0 to 1$/],
  [{ 'latency-ms': '1,2' }, /^--latency-ms '1,2' is not one number of milliseconds/],
  [{ ticks: ['x'] }, /^--bars and --ticks are two ways/],
  [{ spec: '/nowhere/spec.json' }, /^--spec: \/nowhere\/spec\.json can't be read/],
  [{ cash: '1e5', lot: 'x' }, /--lot: [^]*--cash: |--cash: [^]*--lot: /],
])('%j is refused by the name of the flag', (flags, message) => {
  expect(messageOf(flags)).toMatch(message);
});

it('all that is missing is told at once', () => {
  const spec = specFromFlags({});
  expect(spec.ok ? '' : spec.fault.message).toMatch(
    /--strategy is missing[^]*--instrument is missing[^]*--bars is missing/,
  );
});
