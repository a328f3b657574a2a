import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { backtestSpecSchema } from '@monsta/contracts';
import { expectOk, instrumentId, parseStep, seededRandom } from '@monsta/core';
import { TickBacktest } from '@monsta/simulation/backtest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prepareTicks } from './prepare-ticks.ts';
import { openTicks } from './trade-ticks.ts';

const START_MS = Date.UTC(2024, 7, 8);
const role = aiTradingConfigSchema.parse({});
const terms = (id: string) => ({ id: instrumentId(id), tick: null, lot: expectOk(parseStep('0.00001')), quote: null });

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-trades-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Trades of Binance's archive, one a second, of a price that swings; every third takes the ask. */
function archive(path: string, from: number, count: number, digits = 2): string {
  const random = seededRandom(5);
  const rows = Array.from({ length: count }, (_, index) => {
    const at = from + index;
    const buyerIsMaker = at % 3 !== 0;
    const price = (100 + 3 * Math.sin(at / 200) + 0.02 * random.gaussian() + (buyerIsMaker ? -0.02 : 0.02)).toFixed(
      digits,
    );
    return [at + 1, price, '0.50000', '50', START_MS + at * 1_000, buyerIsMaker ? 'True' : 'False', 'True'].join(',');
  });
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

describe('tables of trades', () => {
  it('of one instrument are one run in the order of time, on the finest of their ticks', async () => {
    const folder = testFolder();
    const paths = [archive(join(folder, 'a.csv'), 0, 50, 1), archive(join(folder, 'b.csv'), 50, 70, 3)];
    const [ticks] = expectOk(await openTicks(paths, [terms('BTCUSDT')]));
    expect(ticks).toMatchObject({ trades: 120, quotes: 0, startMs: START_MS, endMs: START_MS + 119_000 });
    expect(ticks?.instrument.tick).toEqual({ units: 1, scale: 3 });
    const events = [...(ticks?.events() ?? [])];
    expect(events.map((event) => (event.kind === 'trade' ? event.tradeId : 0))).toEqual(
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
    expect(events[0]).toMatchObject({ quantity: 50_000, buyerIsMaker: false, tsEventUs: START_MS * 1_000 });
    const wrong = await openTicks(paths.toReversed(), [terms('BTCUSDT')]);
    expect(wrong).toMatchObject({ ok: false, fault: { code: 'ticks_order' } });
  });

  it('are one for each of several instruments, and do not go with recordings', async () => {
    const folder = testFolder();
    const [one, other] = [archive(join(folder, 'a.csv'), 0, 9), archive(join(folder, 'b.csv'), 0, 9)];
    const both = expectOk(await openTicks([one, other], [terms('BTCUSDT'), terms('ETHUSDT')]));
    expect(both.map(({ instrument }) => instrument.id)).toEqual(['BTCUSDT', 'ETHUSDT']);
    for (const [paths, message] of [
      [[one], /give one for each of the 2 instruments/],
      [[one, join(folder, 'tape.ndjson')], /given together/],
    ] as const)
      expect(await openTicks(paths, [terms('BTCUSDT'), terms('ETHUSDT')])).toMatchObject({
        ok: false,
        fault: { code: 'ticks_mismatch', message: expect.stringMatching(message) as string },
      });
  });

  it('are traded at the quotes that they imply, and say so; a queue is not made up', async () => {
    const folder = testFolder();
    const given = {
      strategy: 'sma-cross',
      params: { fast: 2, slow: 5, interval: '1m' },
      data: { kind: 'ticks', paths: [archive(join(folder, 'trades.csv'), 0, 3_600)] },
      instruments: ['BTCUSDT'],
      lot: '0.00001',
    };
    const refused = await prepareTicks(backtestSpecSchema.parse(given), { role });
    expect(refused).toMatchObject({
      ok: false,
      fault: { code: 'backtest_data', message: expect.stringContaining('--queue through, or touch') as string },
    });
    const spec = backtestSpecSchema.parse({ ...given, fills: { queue: 'through' } });
    const { options, assumptions } = expectOk(await prepareTicks(spec, { role }));
    expect(assumptions.map(({ text }) => text).join()).toContain(
      'what the trades imply, since no quotes were recorded',
    );
    const run = new TickBacktest({ ...options, records: 'orders' });
    while (run.step(1_000));
    expect(run.progress.done).toBeLessThanOrEqual(run.progress.total);
    const { fills, failures, denials } = run.outcome();
    expect([failures, denials]).toEqual([[], {}]);
    expect(fills.length).toBeGreaterThan(4);
  });
});
