import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { systemClock } from '@monsta/clock-system';
import { optimizationSpecSchema, type OptimizationResult, type OptimizationSpec } from '@monsta/contracts';
import { seededRandom, type Result } from '@monsta/core';
import { onTestFinished } from 'vitest';
import { BacktestStore } from '../backtest/store.ts';
import { executeOptimization, type OptimizationRequest } from './execute.ts';
import { OptimizationStore, type OptimizationFolder } from './store.ts';

const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
const role = aiTradingConfigSchema.parse({});

/** A folder that goes with its test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-optimize-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bars of an hour of a price that swings; from `garbageFrom` on it is another market altogether. */
export function barFile(folder: string, count: number, garbageFrom = Infinity): string {
  const random = seededRandom(7);
  let close = 100;
  const rows = Array.from({ length: count }, (_, index) => {
    const open = close;
    const step = random.gaussian();
    close =
      index < garbageFrom ? Math.max(5, 100 + 15 * Math.sin(index / 25) + 0.5 * step) : 20 + ((index * 7_919) % 60);
    const [high, low] = [Math.max(open, close) + 0.2, Math.min(open, close) - 0.2];
    return [START_MS + index * HOUR_MS, ...[open, high, low, close].map((each) => each.toFixed(2)), 5].join(',');
  });
  const path = join(folder, `bars-${count}-${garbageFrom}.csv`);
  writeFileSync(path, `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}\n`);
  return path;
}

/** Hours of a price that swings, and the quarters that they are made of. */
export function barFiles(folder: string, count: number): { readonly hours: string; readonly quarters: string } {
  const random = seededRandom(11);
  const [hours, quarters]: [string[], string[]] = [[], []];
  let close = 100;
  for (let hour = 0; hour < count; hour += 1) {
    const open = close;
    const extremes: number[] = [open];
    for (let quarter = 0; quarter < 4; quarter += 1) {
      const from = close;
      close = Number(Math.max(5, close * (1 + 0.003 * random.gaussian())).toFixed(2));
      const [high, low] = [Math.max(from, close) + 0.1, Math.min(from, close) - 0.1];
      extremes.push(high, low);
      const cells = [from, high, low, close].map((each) => each.toFixed(2));
      quarters.push([START_MS + (hour * HOUR_MS + (quarter * HOUR_MS) / 4), ...cells, 5].join(','));
    }
    const cells = [open, Math.max(...extremes), Math.min(...extremes), close].map((each) => each.toFixed(2));
    hours.push([START_MS + hour * HOUR_MS, ...cells, 20].join(','));
  }
  const written = (name: string, rows: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}\n`);
    return path;
  };
  return { hours: written('hours.csv', hours), quarters: written('quarters.csv', quarters) };
}

/** A strategy file: buys above a plain average of `length` closes, after `before` has run. */
export function strategyFile(folder: string, before: string, after = 'setTarget(bar.close > mean ? 1 : 0);'): string {
  const path = join(folder, 'above.ts');
  writeFileSync(
    path,
    `export default {
  name: 'above',
  parameters: { length: { kind: 'integer', default: 10, min: 2, max: 50 } },
  intervals: () => ['1h'],
  warmUpBars: ({ length }) => length,
  onBar({ bar, bars, parameters, position, setTarget, bracket }) {
    ${before}
    const mean = bars.slice(-parameters.length).reduce((sum, { close }) => sum + close, 0) / parameters.length;
    ${after}
  },
};
`,
  );
  return path;
}

export const specOf = (bars: string, given: object = {}, strategy = 'sma-cross'): OptimizationSpec =>
  optimizationSpecSchema.parse({
    backtest: { strategy, data: { kind: 'file', paths: [bars] }, instruments: ['BTCUSDT'] },
    space: { fast: [2, 20], slow: [10, 60] },
    trials: 12,
    walkForward: { train: '50%', test: '25%' },
    mapReach: 1,
    ...given,
  });

export interface Started {
  readonly dataDir: string;
  readonly folder: OptimizationFolder;
}

/** A folder with a specification, ready to run; in a data directory of its own, or the one given. */
export function started(
  spec: OptimizationSpec,
  { dataDir = testFolder(), name = 'test' }: { readonly dataDir?: string; readonly name?: string } = {},
): Started {
  const folder = new OptimizationStore(dataDir).create(START_MS, name);
  if (!folder.ok) throw new Error(folder.fault.message);
  folder.value.writeStored({ createdMs: START_MS, spec, begun: null });
  return { dataDir, folder: folder.value };
}

/** Runs what was started on two threads; `stopAfter`: Ctrl-C once so many trials are done. */
export function execute(
  { dataDir, folder }: Started,
  { stopAfter = Infinity, ...given }: Partial<OptimizationRequest> & { readonly stopAfter?: number } = {},
): Promise<Result<OptimizationResult | null>> {
  const stop = new AbortController();
  return executeOptimization({
    folder,
    backtests: new BacktestStore(dataDir),
    role,
    workers: 2,
    heapMbMax: 2_048,
    clock: systemClock(),
    stuckAfterMs: 20_000,
    signal: stop.signal,
    onProgress: ({ trials }) => {
      if (trials >= stopAfter) stop.abort();
    },
    ...given,
  });
}

/** The result of a whole run. */
export async function optimized(
  spec: OptimizationSpec,
  given: Partial<OptimizationRequest> = {},
): Promise<OptimizationResult> {
  const ended = await execute(started(spec), given);
  if (!ended.ok) throw new Error(`${ended.fault.code}: ${ended.fault.message}`);
  if (ended.value === null) throw new Error('it was canceled');
  return ended.value;
}

/** A result without what another run of the same may have otherwise. */
export function comparable({ id: _id, run: _run, trials, ...result }: OptimizationResult): unknown {
  const { remembered: _remembered, ...counts } = trials;
  const { honesty: _honesty, deflatedSharpe: _deflated, ...outOfSample } = result.outOfSample ?? {};
  return { ...result, outOfSample, trials: counts, warnings: [] };
}
