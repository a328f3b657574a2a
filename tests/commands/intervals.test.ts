import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backtestDocumentSchema } from '@monsta/contracts';
import { intervalMs, seededRandom, type Interval } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';

const TIMEOUT = { timeout: 120_000 };
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;
const OF_BTC = ['--instrument', 'BTCUSDT'];

/** A walk in the plain layout: bars that open at these times. */
function rowsAt(times: readonly number[]): string {
  const random = seededRandom(4);
  let close = 4_200_000;
  return times
    .map((ms) => {
      const open = close;
      close += random.integer(60_001) - 30_000;
      const text = (ticks: number): string => (ticks / 100).toFixed(2);
      return `${ms},${text(open)},${text(Math.max(open, close))},${text(Math.min(open, close))},${text(close)},${1 + random.integer(9)}\n`;
    })
    .join('');
}

const regular = (interval: Interval, count: number, fromMs = MONDAY): readonly number[] =>
  Array.from({ length: count }, (_, at) => fromMs + at * intervalMs(interval));

function world() {
  const folder = testFolder();
  const run = (...words: readonly string[]): Promise<CommandOutcome> =>
    runCommand([...words, '--data-dir', join(folder, 'data'), '--json']);
  const file = (times: readonly number[], name = 'BTCUSDT.csv'): string => {
    const path = join(folder, name);
    writeFileSync(path, rowsAt(times));
    return path;
  };
  const backtest = (bars: string, ...words: readonly string[]): Promise<CommandOutcome> =>
    run('backtest', '--strategy', 'ema-cross', '--bars', bars, ...OF_BTC, ...words);
  return { run, file, backtest };
}

describe('bars of each interval that the exchange has', TIMEOUT, () => {
  it.each(['30m', '8h', '1w'] as const)('of %s are imported, described and traded on', async (interval) => {
    const { run, file, backtest } = world();
    const bars = file(regular(interval, 300));
    expect(await run('data', 'import', bars, ...OF_BTC)).toMatchObject({
      status: 0,
      document: { interval, added: 300, notices: [] },
    });
    expect(await run('data', 'list')).toMatchObject({
      document: { items: [{ interval, rows: 300, first: MONDAY }] },
    });
    expect(await run('data', 'verify')).toMatchObject({
      status: 0,
      document: { items: [{ interval, quality: { bars: 300, gaps: { count: 0 } } }] },
    });
    const ofFile = await run('data', 'describe', ...OF_BTC, '--file', bars);
    expect(ofFile).toMatchObject({ status: 0, document: { interval, bars: 300, missing: { missing: 0 } } });
    const described = await run('data', 'describe', ...OF_BTC, '--interval', interval);
    expect(described).toMatchObject({ status: 0, document: { interval, fromMs: MONDAY, bars: 300 } });
    const traded = await backtest(bars);
    expect(traded).toMatchObject({ status: 0, document: { summary: { interval, bars: 300 } } });
    const ofCatalogue = await backtest('catalogue', '--interval', interval);
    expect(ofCatalogue).toMatchObject({ status: 0, document: { summary: { interval, bars: 300 } } });
  });

  it('of three days lie as the exchange counts them', async () => {
    const { run, file } = world();
    const own = regular('3d', 40, Date.UTC(2025, 0, 1));
    expect(await run('data', 'import', file(own), ...OF_BTC)).toMatchObject({
      status: 0,
      document: { interval: '3d' },
    });
    const later = file(
      own.map((ms) => ms + DAY),
      'a-day-later.csv',
    );
    const { status, document } = await run('data', 'import', later, ...OF_BTC);
    expect([status, JSON.stringify(document)]).toEqual([1, expect.stringContaining('behind a third day 00:00 UTC')]);
  });

  it('make longer ones that a strategy wants, where whole ones do', async () => {
    const { file, backtest } = world();
    const days = file(regular('1d', 400));
    const weekly = await backtest(days, '--params', '{"interval":"1w","fast":2,"slow":4}');
    expect(weekly).toMatchObject({ status: 0, document: { summary: { interval: '1d' } } });
    const unmade = await backtest(file(regular('6h', 400), 'six.csv'), '--params', '{"interval":"8h"}');
    expect(unmade).toMatchObject({
      status: 2,
      document: {
        error: {
          code: 'backtest_interval',
          message: expect.stringContaining(
            'whole ones don’t make it; give data of one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h,',
          ) as string,
        },
      },
    });
  });

  it('that open at half past, as those of a stock exchange, are described and traded on as they are, and not stored', async () => {
    const { run, file, backtest } = world();
    // Seven hours of each of 60 days, from 14:30 on.
    const session = Array.from(
      { length: 60 * 7 },
      (_, at) => MONDAY + Math.floor(at / 7) * DAY + (14.5 + (at % 7)) * 3_600_000,
    );
    const bars = file(session, 'AAPLUSD.csv');
    const described = await run('data', 'describe', ...OF_BTC, '--file', bars);
    expect(described).toMatchObject({ status: 0, document: { interval: '1h', bars: 420, fromMs: session[0] } });
    const traded = await backtest(bars, '--gaps', 'join');
    expect(traded).toMatchObject({ status: 0, document: { summary: { interval: '1h', bars: 420 } } });
    const { assumptions, orders, fills } = backtestDocumentSchema.parse(traded.document);
    expect(assumptions.map(({ text }) => text).join('\n')).toContain('open 30 minutes behind whole intervals of 1h');
    expect(orders?.length).toBeGreaterThan(0);
    expect(fills?.every(({ timeMs }) => (timeMs - MONDAY) % 3_600_000 === 1_800_000)).toBe(true);
    const longer = await backtest(bars, '--params', '{"interval":"4h"}');
    expect(longer).toMatchObject({
      status: 2,
      document: { error: { message: expect.stringContaining('30 min behind a whole 1h of UTC') as string } },
    });
    expect(await run('data', 'import', bars, ...OF_BTC)).toMatchObject({ status: 1, document: { added: 0 } });
  });

  it('are refused where they are of months, or weeks that begin on another day', async () => {
    const { run, file } = world();
    const refusal = async (times: readonly number[]): Promise<string> => {
      const { status, document } = await run('data', 'import', file(times), ...OF_BTC);
      expect(status).toBe(1);
      return JSON.stringify(document);
    };
    const months = Array.from({ length: 30 }, (_, at) => Date.UTC(2020, at, 1));
    expect(await refusal(months)).toContain('months, quarters and years differ in length');
    const sundays = regular('1w', 50, MONDAY - DAY);
    expect(await refusal(sundays)).toContain('behind a Monday 00:00 UTC');
    for (const words of [
      ['data', 'describe', ...OF_BTC, '--interval', '1M'],
      ['data', 'download', ...OF_BTC, '--interval', '1M', '--from', '2024-01-01'],
      ['backtest', '--strategy', 'ema-cross', '--bars', 'catalogue', ...OF_BTC, '--interval', '1M'],
    ]) {
      const { status, document } = await run(...words);
      expect([status, JSON.stringify(document)]).toEqual([2, expect.stringContaining('months differ in length')]);
    }
  });
});
