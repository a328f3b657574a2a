import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { backtestSpecSchema } from '@monsta/contracts';
import { expectOk, formatAmount } from '@monsta/core';
import { Backtest } from '@monsta/simulation/backtest';
import { expect, it, onTestFinished } from 'vitest';
import { prepareBacktest } from './prepare.ts';
import { warningsOf } from './warnings.ts';

const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
const role = aiTradingConfigSchema.parse({});

/** Bars of an hour around a price; `without` are left out. */
function barFile(count: number, without: readonly number[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-prepare-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const rows = Array.from({ length: count }, (_, index) => {
    const close = (100 + 10 * Math.sin(index / 9)).toFixed(2);
    return without.includes(index) ? '' : `${START_MS + index * HOUR_MS},${close},${close},${close},${close},5\n`;
  });
  const path = join(folder, 'bars.csv');
  writeFileSync(path, `openTimeMs,open,high,low,close,volume\n${rows.join('')}`);
  return path;
}

const specOf = (path: string, given: object = {}) =>
  backtestSpecSchema.parse({
    strategy: 'sma-cross',
    params: { fast: 3, slow: 8 },
    data: { kind: 'file', paths: [path] },
    instruments: ['BTCUSDT'],
    ...given,
  });

it('a specification becomes a backtest that runs', async () => {
  const prepared = await prepareBacktest(specOf(barFile(200)), { role });
  if (!prepared.ok) throw new Error(prepared.fault.message);
  expect(prepared.value).toMatchObject({ interval: '1h', warmUpBars: 8, parameters: { interval: '1h' } });
  expect(prepared.value.series[0]?.instrument).toMatchObject({ base: 'BTC', quote: 'USDT' });
  expect(prepared.value.account.balances.map(({ free }) => formatAmount(free))).toEqual(['10000']);
  const backtest = new Backtest(prepared.value);
  while (backtest.step(50));
  expect(backtest.outcome().fillCount).toBeGreaterThan(0);
});

it('what is taken for granted is said with its numbers', async () => {
  const prepared = await prepareBacktest(specOf(barFile(60, [20, 21, 40])), { role });
  expect(prepared.ok && prepared.value.assumptions.map(({ text }) => text).join('\n')).toMatchInlineSnapshot(`
    "Data: BTCUSDT, 57 bars of 1h from 2024-01-01 00:00 to 2024-01-03 12:00 UTC; 3 bars are missing in 2 gaps; behind each gap indicators begin anew, as they do live.
    Warm-up: the strategy needs 8 closed bars of 1h before its first decision; the first bars of the data are used for that, and the curve begins with them.
    Fills: what is decided at the close of a bar acts at the open of the next one. A stop fills at its trigger, or at the open where the bar opens beyond it; a limit fills when the price goes through it, at its price or better at the open. Size is no obstacle: any order fills whole, as far as the account pays for it with fee and slippage; what it can’t pay for is left off.
    Inside a bar of 1h nobody knows the path: where stop and take-profit both lie within one, the stop is taken to come first.
    Fees: 10 bps of each fill’s value, in USDT, rounded up to eight digits.
    Slippage: market orders and stops fill 0.5 bps worse than the price of the bar, rounded against them to the tick.
    Sizing: the account begins with 10000 USDT; a target of 1 is worth 100 % of equity, in whole lots, rounded down, reckoned from the close that the order was decided at. A target nearer to what is held than 20 % of that changes nothing.
    Terms of BTCUSDT: tick 0.01, the finest digit in the data; lot 0.00000001; orders have no least value.
    Long only: a target below 0, or selling what is not held, is denied.
    Limits of risk: none; what the strategy asks for is sent, so far as the cash goes.
    A year: 365 days of 24 hours; annual figures go by the time that went by.
    End: what is still open is valued at the last close and listed as open; nothing is closed.
    Bars can’t tell: the spread, the depth of the book, how late orders arrive, and whether this market would have moved for the orders."
  `);
});

it('bars before the beginning warm up, and no more of them than that needs', async () => {
  const prepared = await prepareBacktest(specOf(barFile(200), { fromMs: START_MS + 100 * HOUR_MS }), { role });
  expect(prepared.ok && prepared.value.series[0]?.openTimeMs[0]).toBe(START_MS + 91 * HOUR_MS);
});

it('with limits as configured an entry is no larger than trading allows', async () => {
  const prepared = await prepareBacktest(specOf(barFile(60), { limits: 'configured' }), { role });
  expect(prepared.ok && prepared.value.config).toMatchObject({
    allocationPpm: 95_000,
    limits: { positionPpmMax: 100_000 },
  });
});

it.each([
  [{ instruments: ['BTCUSDT', 'BTCUSDT'] }, 'backtest_spec', /BTCUSDT is named twice/],
  [{ instruments: ['BTCUSDT', 'ETHUSDT'] }, 'backtest_spec', /2 instruments and 1 file of bars/],
  [{ costs: { slippage: { kind: 'spread', share: 0.5 } } }, 'backtest_spec', /no spread/],
  [{ costs: { feesFrom: 'received', feePerOrder: '1' } }, 'backtest_spec', /--fee-per-order.*--fees-from received/],
  [{ costs: { feesFrom: 'received', feePerUnit: '1' } }, 'backtest_spec', /--fee-per-unit.*--fees-from received/],
  [{ costs: { feesFrom: 'received', feeMinimum: '1' } }, 'backtest_spec', /--fee-minimum.*--fees-from received/],
  [{ latency: { feedMs: 1, orderMs: 1, responseMs: 1 } }, 'backtest_spec', /ticks/],
  [{ fromMs: 2, toMs: 1 }, 'backtest_spec', /--from is not before --to/],
  [{ toMs: START_MS }, 'backtest_data', /no bar of BTCUSDT lies between/],
  [{ params: { fast: 3, slow: 100 } }, 'backtest_data', /needs 100 bars/],
  [{ params: { interval: '1m' } }, 'backtest_interval', /wants bars of 1m, and the data has bars of 1h/],
  [{ params: { fats: 3 } }, 'parameters_invalid', /'fats' is unknown/],
  [{ strategy: 'sma-crosses' }, 'strategy_unknown', /there are: /],
  [{ cash: '10000000000' }, 'backtest_lot', /--lot, at least 0.0000001/],
])('%o is refused as %s', async (given, code, message) => {
  const prepared = await prepareBacktest(specOf(barFile(60), given), { role });
  expect(prepared).toMatchObject({ ok: false, fault: { code, message: expect.stringMatching(message) as string } });
});

it('instruments of two quote assets are refused', async () => {
  const data = { kind: 'file', paths: [barFile(60), barFile(60)] };
  const prepared = await prepareBacktest(specOf('', { data, instruments: ['BTCUSDT', 'ETHBTC'] }), { role });
  expect(prepared).toMatchObject({ ok: false, fault: { code: 'backtest_quote' } });
});

it('every way of filling and sizing that the specification names reaches the engines', async () => {
  const fills = { sizedAt: 'fill', gaps: 'join', endOfData: 'close' };
  const given = { short: {}, lot: '1', fills, params: { fast: 3, slow: 8, short: true } };
  const prepared = await prepareBacktest(specOf(barFile(200, [150]), given), { role });
  if (!prepared.ok) throw new Error(prepared.fault.message);
  expect(prepared.value.config).toMatchObject({
    sizedAt: 'next-open',
    joinsGaps: true,
    short: { initialMarginPpm: 1_000_000 },
  });
  const backtest = new Backtest(prepared.value);
  while (backtest.step(50));
  const { trades, denials } = backtest.outcome();
  expect(new Set(trades.map(({ direction }) => direction))).toEqual(new Set(['long', 'short']));
  expect(trades.at(-1)?.exitCause).toBe('end_of_data');
  expect(denials).toEqual({});
});

it('fees on entries alone are what fills cost, and what the assumptions say', async () => {
  const given = { params: { fast: 3, slow: 8 }, costs: { feesOn: 'entry' } };
  const prepared = await prepareBacktest(specOf(barFile(200), given), { role });
  if (!prepared.ok) throw new Error(prepared.fault.message);
  const codes = prepared.value.assumptions.map(({ code }) => code);
  expect(codes).toContain('fees-on-entries');
  expect(codes).not.toContain('fees');
  const backtest = new Backtest(prepared.value);
  while (backtest.step(50));
  const { fills } = backtest.outcome();
  expect(fills.filter(({ side }) => side === 'sell').length).toBeGreaterThan(0);
  for (const { side, fee } of fills) expect(fee > 0n).toBe(side === 'buy');
});

it('commissions are what orders cost, what the assumptions say, and what holding pays too', async () => {
  const costs = { takerFeeBps: 0, makerFeeBps: 0, slippage: { kind: 'none' } };
  const given = { params: { fast: 3, slow: 8 }, lot: '1', cash: '100000' };
  const run = async (more: object) => {
    const prepared = await prepareBacktest(specOf(barFile(200), { ...given, costs: { ...costs, ...more } }), { role });
    if (!prepared.ok) throw new Error(prepared.fault.message);
    const backtest = new Backtest(prepared.value);
    while (backtest.step(50));
    const open = (prepared.value.series[0]?.open[1] ?? Number.NaN) / 100;
    return { open, outcome: backtest.outcome(), texts: prepared.value.assumptions.map(({ text }) => text) };
  };
  const free = await run({});
  const charged = await run({ feePerOrder: '1', feePerUnit: '0.5', feeMinimum: '3' });
  expect(charged.texts).toContain(
    'Commission, beside the fees above: 1 USDT for each order, with its first fill; 0.5 USDT for each unit filled; with all fees of an order at least 3 USDT, from its first fill on. A fill that costs no fee counts in none of it.',
  );
  expect(free.texts.join('')).not.toContain('Commission');
  const { fills, benchmark, initialCash } = charged.outcome;
  expect(fills.length).toBeGreaterThan(4);
  for (const { quantity, fee } of fills) expect(Number(formatAmount(fee))).toBe(Math.max(3, 1 + 0.5 * quantity));
  // Buying and holding is one order: 1, and a half for each unit.
  const { open } = free;
  const share = (initialCash - 1) / (open + 0.5) / (initialCash / open);
  expect((benchmark.at(-1) ?? NaN) / (free.outcome.benchmark.at(-1) ?? NaN)).toBeCloseTo(share, 10);
  const least = await run({ feeMinimum: '50000' });
  expect((least.outcome.benchmark.at(-1) ?? NaN) / (free.outcome.benchmark.at(-1) ?? NaN)).toBeCloseTo(0.5, 10);
  // What does not pay for its fees stays cash.
  expect((await run({ feePerOrder: '100000' })).outcome.benchmark.at(-1)).toBe(100_000);
});

it('instruments that share an account are told how a sale pays for a purchase, where none does', async () => {
  const data = { kind: 'file', paths: [barFile(60), barFile(60)] };
  const given = { data, instruments: ['BTCUSDT', 'ETHUSDT'], strategy: 'buy-and-hold', params: {} };
  const codes = async (sizedAt: string): Promise<readonly string[]> => {
    const spec = specOf('', { ...given, fills: { sizedAt } });
    const prepared = expectOk(await prepareBacktest(spec, { role }));
    const backtest = new Backtest(prepared);
    while (backtest.step(50));
    return warningsOf(spec, prepared.facts, backtest.outcome()).map(({ code }) => code);
  };
  expect(await codes('decision')).toEqual(expect.arrayContaining(['denied', 'cash-shared']));
  expect(await codes('fill')).not.toContain('cash-shared');
});

it('what acts at the close is sized there, once all instruments have been decided', async () => {
  const prepared = await prepareBacktest(specOf(barFile(60), { fills: { sizedAt: 'fill', acts: 'close' } }), { role });
  expect(prepared.ok && prepared.value.config.sizedAt).toBe('close');
});

it('shorts are refused where a strategy asks for them and the specification does not allow them, and with fees from what was received', async () => {
  const asks = await prepareBacktest(specOf(barFile(60), { params: { fast: 3, slow: 8, short: true } }), { role });
  expect(asks.ok ? null : asks.fault).toMatchObject({
    code: 'parameters_invalid',
    message: expect.stringContaining('--allow-short') as string,
  });
  const fees = await prepareBacktest(specOf(barFile(60), { short: {}, costs: { feesFrom: 'received' } }), { role });
  expect(fees.ok ? null : fees.fault.message).toContain('pays its fees in the quote asset');
});

it('finer bars decide the path, where they are shorter ones', async () => {
  const path = barFile(60);
  const finer = (barsPath: string) => prepareBacktest(specOf(path, { finer: { paths: [barsPath] } }), { role });
  const same = await finer(path);
  expect(same.ok ? null : same.fault.message).toContain('the finer bars of BTCUSDT are of 1h');
  const quarters = join(path, '..', 'quarters.csv');
  const rows = Array.from({ length: 240 }, (_, index) => {
    const close = (100 + 10 * Math.sin(Math.floor(index / 4) / 9)).toFixed(2);
    return `${START_MS + (index * HOUR_MS) / 4},${close},${close},${close},${close},1\n`;
  });
  writeFileSync(quarters, `openTimeMs,open,high,low,close,volume\n${rows.join('')}`);
  const prepared = await finer(quarters);
  if (!prepared.ok) throw new Error(prepared.fault.message);
  expect(prepared.value.account.rules).toMatchObject({ interval: '15m' });
  const backtest = new Backtest(prepared.value);
  while (backtest.step(50));
  expect(backtest.outcome().fillCount).toBeGreaterThan(0);
});
