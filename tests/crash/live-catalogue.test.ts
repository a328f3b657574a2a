import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { expectOk, formatUnits, instrumentId, VOLUME_SCALE, type BarSeries } from '@monsta/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { getJson, runProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const MINUTE_MS = 60_000;
const BTC = { id: instrumentId('BTCUSDT'), tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 }, quote: null };
/** Every second, so that each kill meets an append. */
const STORE = { MONSTA_COLLECTOR__STORE__FLUSH_INTERVAL_MS: '1000', MONSTA_MANAGEMENT__PORT: '0' };

type Kline = readonly [number, string, string, string, string, string, ...unknown[]];

/** Bars as the exchange prints them. */
function printed({ openTimeMs, open, high, low, close, volume, length, instrument }: BarSeries): readonly string[] {
  const price = (ticks = 0): string =>
    formatUnits(BigInt(ticks) * BigInt(instrument.tick.units), instrument.tick.scale);
  return Array.from({ length }, (_, row) =>
    [
      openTimeMs[row],
      ...[open[row], high[row], low[row], close[row]].map(price).map(Number),
      Number(formatUnits(BigInt(volume[row] ?? 0), VOLUME_SCALE)),
    ].join(),
  );
}

describe('a catalogue that is collected live', () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-live-catalogue-'));
  let exchange: RunningProgram;
  let program: RunningProgram | null = null;

  beforeAll(async () => {
    exchange = await runProgram(['venue', 'simulate', '--port', '0', '--seed', '11']);
  });
  afterAll(async () => {
    await program?.kill();
    await exchange.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const collect = (): Promise<RunningProgram> =>
    runProgram(
      [
        'start',
        '--json',
        '--data-dir',
        folder,
        '--roles',
        'price-collector',
        '--venue',
        'binance',
        '--instruments',
        'BTCUSDT',
      ],
      {
        ...STORE,
        MONSTA_VENUE__REST_URL: textOf(exchange, 'restUrl'),
        MONSTA_VENUE__WS_URL: textOf(exchange, 'wsUrl'),
      },
    );

  it(
    'is read by backtests of other processes, loses nothing to kill -9 that the exchange still has, and is never mixed with another market',
    { timeout: 600_000 },
    async () => {
      program = await collect();
      const market = await until(
        () => Promise.resolve(readdirSync(join(folder, 'catalogs'))),
        ([name]) => name !== undefined,
        60_000,
        'the folder of the market',
      );
      expect(market).toEqual([expect.stringMatching(/^binance_[0-9a-f]{8}$/)]);
      const catalog = new ParquetCatalog({
        path: join(folder, 'catalogs', market[0] ?? ''),
        memoryMaxMb: 256,
        threads: 1,
      });
      const minutes = async (): Promise<BarSeries> =>
        expectOk(await catalog.bars({ instrument: BTC, interval: '1m', fromMs: null, toMs: null }));
      const storedUpTo = (ms: number): Promise<BarSeries> =>
        until(minutes, ({ openTimeMs, length }) => (openTimeMs[length - 1] ?? 0) >= ms, 200_000, `the minute ${ms}`);
      await until(minutes, ({ length }) => length >= 1_500, 60_000, 'the history');

      // Another process reads what this one is writing.
      const backtest = await runCommand([
        ...['backtest', '--data-dir', folder, '--strategy', 'ema-cross', '--instrument', 'BTCUSDT', '--interval', '1h'],
        ...['--bars', 'catalogue:binance_', '--json'],
      ]);
      expect([backtest.status, backtest.stderr.includes('error')]).toEqual([0, false]);

      for (const pauseMs of [0, 3_000]) {
        const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
        await storedUpTo(minute);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await program.kill();
        program = await collect();
      }
      const last = await storedUpTo(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
      expect(expectOk(await catalog.coverage(BTC.id, '1m')).missing).toBe(0);
      const newest = 100;
      const klines = await getJson<readonly Kline[]>(
        `${textOf(exchange, 'restUrl')}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=${newest}&endTime=${(last.openTimeMs[last.length - 1] ?? 0) + 1}`,
      );
      expect(printed(last).slice(-newest)).toEqual(
        klines.map(([openMs, ...values]) => [openMs, ...values.slice(0, 5).map(Number)].join()),
      );
      await catalog.close();
      expect(await program.stop()).toBe(0);

      // The simulated market of a start without flags, beside it.
      program = await runProgram(['start', '--json', '--data-dir', folder, '--roles', 'price-collector'], STORE);
      await until(
        () => Promise.resolve(readdirSync(join(folder, 'catalogs'))),
        (names) => names.length === 2,
        60_000,
        'the folder of the simulated market',
      );
      expect(await program.stop()).toBe(0);
      const { document } = await runCommand(['data', 'list', '--data-dir', folder, '--json']);
      const { items } = document as {
        readonly items: readonly { readonly market: string; readonly instrument: string }[];
      };
      const markets = new Set(items.filter(({ instrument }) => instrument === 'BTCUSDT').map((item) => item.market));
      expect([...markets]).toEqual([market[0], 'simulated_1_0.05']);
      // Nothing of either is taken for Binance's.
      const refused = await runCommand([
        ...['backtest', '--data-dir', folder, '--strategy', 'ema-cross', '--instrument', 'BTCUSDT', '--interval', '1h'],
        ...['--bars', 'catalogue', '--json'],
      ]);
      expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('no bars of BTCUSDT')]);
    },
  );
});
