import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHIPPED_STRATEGIES } from '@monsta/trading';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';

const RUNNER = fileURLToPath(new URL('./run-strategy.test-support.ts', import.meta.url));

interface Run {
  readonly decisions: readonly { readonly action: string; readonly wanted: { readonly reason: string } }[];
  readonly fills: readonly { readonly side: string; readonly quantity: number }[];
}

/** The first TypeScript of a page, in a file of its own outside the project. */
function example(page: string): string {
  const [, code = ''] = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(ROOT, 'docs', page), 'utf8')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'monsta-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'breakout.ts');
  writeFileSync(path, code);
  return path;
}

function run(file: string, closes: readonly number[]): Run {
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUNNER, file, closes.join()], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`the strategy did not run (${status}): ${stderr}`);
  return JSON.parse(stdout) as Run;
}

describe('the strategy of docs/strategies.md', { timeout: 60_000 }, () => {
  it('loads as it stands, waits for its bars, enters at a breakout, leaves below, and trades no more than it holds', () => {
    const flat = Array.from({ length: 25 }, () => 60_000);
    const { decisions, fills } = run(example('strategies.md'), [...flat, 60_100, 60_200, 60_150, 59_900, 59_800]);
    const actions = decisions.map(({ action }) => action);
    expect(actions.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'warm_up'));
    expect(actions.slice(20)).toEqual([
      ...Array.from({ length: 5 }, () => 'hold'),
      'enter',
      'hold',
      'hold',
      'exit',
      'hold',
    ]);
    expect(decisions[25]?.wanted.reason).toBe('60100 is above 60000');
    // 9.5 % of 10,000 USDT at 60,100 is 0.0158 BTC; the fee is taken from what is bought.
    expect(fills).toMatchObject([
      { side: 'buy', quantity: 0.0158 },
      { side: 'sell', quantity: 0.01578 },
    ]);
  });
});

it('docs/strategies.md lists the strategies that come with it, with the parameters and defaults that they have', () => {
  const [, after = ''] = readFileSync(join(ROOT, 'docs/strategies.md'), 'utf8').split('## Those that come with it');
  const rows = (after.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const shown = rows.map((row) => {
    const [, name = '', , parameters = ''] = row.split('|').map((cell) => cell.trim());
    return [
      name.replaceAll('`', ''),
      [...parameters.matchAll(/`(\w+)` \(([^)]+)\)/g)].map(([, key, value]) => `${key} ${value}`),
    ];
  });
  const known = SHIPPED_STRATEGIES.map((each) => [
    each.name,
    Object.entries(each.parameters).map(([key, spec]) => `${key} ${String(spec.default)}`),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(known));
});
