import { expectOk, strategyId } from '@monsta/core';
import { parseParameters, SHIPPED_STRATEGIES, type ConfiguredStrategy } from '@monsta/trading';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { measureParity } from '../../../apps/monsta/src/parity/measure-parity.ts';
import { BTC, scripted, World } from './world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

const CLOSES = [6_000_000, 6_010_000, 6_020_000, 6_000_000, 5_985_000, 6_000_000, 6_020_000, 6_000_000, 5_990_000];

function crossing(): ConfiguredStrategy {
  const definition = SHIPPED_STRATEGIES.find(({ name }) => name === 'sma-cross');
  if (definition === undefined) throw new Error('sma-cross is shipped');
  const parameters = expectOk(parseParameters(definition, { fast: 1, slow: 2, interval: '1m' }));
  return { id: strategyId('sma-cross'), definition, parameters, instruments: [BTC.id] };
}

async function run(strategies: readonly ConfiguredStrategy[], source: string, kills: readonly number[] = []) {
  const world = new World();
  worlds.push(world);
  const options = {
    config: { risk: { staleAfterMs: 120_000, lossCooldownMs: 0 } },
    life: { sources: [{ strategy: source, sha256: null }] },
  };
  let life = await world.live(strategies, options);
  expectOk(await world.start(life));
  for (const [minute, close] of CLOSES.entries()) {
    if (kills.includes(minute)) {
      await life.kill();
      life = await world.live(strategies, options);
      expectOk(await world.start(life));
    }
    await world.minute(life, close);
  }
  await life.kill();
  return join(world.directory, 'journal');
}

test('a paper run is held against a backtest of its own bars, trade by trade', async () => {
  const report = expectOk(await measureParity(await run([crossing()], 'sma-cross'), { slippagePpm: 0 }));
  expect(report).toMatchObject({ interval: '1m', instruments: ['BTCUSDT'], onlyRun: [], onlyBacktest: [] });
  expect(report.runTrades).toBeGreaterThanOrEqual(2);
  expect(report.pairs).toHaveLength(report.runTrades);
  // The run met the quotes behind each close; the backtest the open that followed, which is the price of the next minute here.
  expect(report.entryCostBps?.count).toBe(report.runTrades);
  expect(Math.abs(report.entryCostBps?.worst ?? Infinity)).toBeLessThan(60);
  const costs = report.pairs.map(({ entryCostBps }) => entryCostBps);
  expect(report.entryCostBps?.mean).toBeCloseTo(costs.reduce((sum, each) => sum + each, 0) / costs.length, 9);
});

test('a run with a restart is measured as one, and the report says so', async () => {
  const report = expectOk(await measureParity(await run([crossing()], 'sma-cross', [4]), { slippagePpm: 0 }));
  expect(report.runTrades).toBeGreaterThanOrEqual(1);
  expect(report.notes).toContain('2 lives: a backtest knows no restarts');
});

test('a journal whose strategy is another now is refused, as is a folder without one', async () => {
  const tampered = await measureParity(await run([scripted([1, 0, 1, 0])], 'buy-and-hold'), { slippagePpm: 0 });
  expect(tampered).toMatchObject({
    ok: false,
    fault: { code: expect.stringMatching(/^(parity_differs|replay_)/) as string },
  });
  const empty = await measureParity(join(worlds[0]?.directory ?? '', 'nowhere'), { slippagePpm: 0 });
  expect(empty.ok).toBe(false);
});
