import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { onTestFinished } from 'vitest';

const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;

/** A folder of its own for a test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-backtest-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes bars of an hour: a seeded walk with wicks, two decimals. */
export function writeHours(path: string, count: number, seed = 1): string {
  const random = seededRandom(seed);
  let price = 100;
  const lines = ['openTimeMs,open,high,low,close,volume'];
  for (let index = 0; index < count; index += 1) {
    const open = price;
    price = Math.max(10, price * (1 + 0.01 * random.gaussian()));
    const [high, low] = [Math.max(open, price) * 1.004, Math.min(open, price) * 0.996];
    const cells = [open, high, low, price].map((each) => each.toFixed(2));
    lines.push(`${START_MS + index * HOUR_MS},${cells.join(',')},10`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** A strategy file whose `onBar` ends with the line given; it is long above its average. */
export function writeStrategy(path: string, line = ''): string {
  writeFileSync(
    path,
    `import { defineStrategy, sma } from 'monsta';
export default defineStrategy({
  name: 'above-average',
  parameters: { length: { kind: 'integer', default: 5, min: 1, max: 500 } },
  intervals: () => ['1h'],
  indicators: ({ length }) => ({ average: sma(length) }),
  state: () => ({ seen: 0 }),
  onBar({ bar, state, indicators: { average }, setTarget }) {
    state.seen += 1;
    setTarget(bar.close > average ? 1 : 0, { reason: 'a test' });
    ${line}
  },
});
`,
  );
  return path;
}
