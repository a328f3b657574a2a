import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'monsta-checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOUR_MS = 3_600_000;
const BEGIN_MS = 1_704_067_200_000;

/** Hours of a random walk as a file. */
function barsFile(): string {
  const random = seededRandom(5);
  const path = join(folder, 'bars.csv');
  let last = 100;
  const rows = Array.from({ length: 300 }, (_, index) => {
    const open = last;
    last = Math.max(1, open * Math.exp(0.01 * random.gaussian()));
    const prices = [open, Math.max(open, last) * 1.002, Math.min(open, last) / 1.002, last];
    return [BEGIN_MS + index * HOUR_MS, ...prices.map((price) => price.toFixed(2)), 10].join(',');
  });
  writeFileSync(path, ['openTimeMs,open,high,low,close,volume', ...rows].join('\n'));
  return path;
}

function strategyFile(name: string, onBar: string): string {
  const path = join(folder, `${name}.ts`);
  const text = `import { defineStrategy, sma } from 'monsta';
const seen = new Map<number, number>();
export default defineStrategy({
  name: '${name}',
  parameters: {},
  intervals: () => ['1h'],
  indicators: () => ({ mean: sma(5) }),
  onBar(context) {
    ${onBar}
  },
});
`;
  writeFileSync(path, text);
  return path;
}

const HONEST = 'context.setTarget(context.bar.close > context.indicators.mean ? 1 : 0);';
/** Remembers the bars of earlier runs, and looks at the next one there. */
const PEEKING = `seen.set(context.bar.openTimeMs, context.bar.close);
    context.setTarget((seen.get(context.bar.closeTimeMs) ?? context.indicators.mean) > context.bar.close ? 1 : 0);`;

const check = (strategy: string, ...flags: readonly string[]) =>
  runCommand([
    ...['backtest', '--strategy', strategy, '--bars', barsFile(), '--instrument', 'BTCUSDT', '--cuts', '4'],
    ...['--data-dir', join(folder, 'data'), '--json', ...flags],
  ]);

describe('monsta backtest --check-lookahead and --check-warmup', { timeout: 60_000 }, () => {
  it('find nothing in an honest strategy', async () => {
    const { status, document } = await check(strategyFile('honest', HONEST), '--check-lookahead', '--check-warmup');
    expect(document).toMatchObject({ lookahead: { runs: 8, findings: [] }, warmUp: { neededBars: 6, findings: [] } });
    expect(status).toBe(0);
  });

  it('name what a peeking strategy asked for, and end with 1', async () => {
    const { status, document } = await check(strategyFile('peeking', PEEKING), '--check-lookahead');
    expect(document).toMatchObject({
      lookahead: { findings: [{ kind: 'ask', name: 'onBar', whole: expect.stringMatching(/^setTarget/) as string }] },
      warmUp: null,
    });
    expect(status).toBe(1);
  });

  it('say what is wrong with their own flags, and with the data', async () => {
    const strategy = strategyFile('honest', HONEST);
    expect(await check(strategy, '--check-lookahead', '--cuts', 'many')).toMatchObject({
      status: 2,
      document: { error: { code: 'flag_invalid' } },
    });
    const early = new Date(BEGIN_MS + 2 * HOUR_MS).toISOString();
    expect(await check(strategy, '--check-warmup', '--from', early)).toMatchObject({
      status: 2,
      document: { error: { code: 'backtest_data', message: expect.stringContaining('need 6 bars') as string } },
    });
  });

  it('cut off a strategy that never returns, and name the call', async () => {
    const { status, document } = await check(strategyFile('endless', 'for (;;) context.log;'), '--check-lookahead');
    expect(document).toMatchObject({
      error: { code: 'strategy_stuck', message: expect.stringContaining('onBar') as string },
    });
    expect(status).toBe(1);
  });
});
