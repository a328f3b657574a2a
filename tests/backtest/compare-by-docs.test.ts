import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backtestDocumentSchema } from '@monsta/contracts';
import { MS_PER_DAY, seededRandom } from '@monsta/core';
import { expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { ONLY_PROGRESS, runCommand } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const CASH = 10_000;
const FEE = 0.002;

interface Day {
  readonly ms: number;
  readonly cells: readonly string[];
  readonly open: number;
  readonly close: number;
}

/** Days of a share: none at weekends. */
function shareDays(count: number): readonly Day[] {
  const random = seededRandom(5);
  let price = 100;
  const days: Day[] = [];
  for (let ms = Date.UTC(2020, 0, 1); days.length < count; ms += MS_PER_DAY) {
    if ([0, 6].includes(new Date(ms).getUTCDay())) continue;
    const open = price * (1 + 0.005 * random.gaussian());
    const close = open * (1 + 0.015 * random.gaussian());
    price = close;
    const cells = [open, Math.max(open, close) * 1.004, Math.min(open, close) * 0.996, close].map((each) =>
      each.toFixed(2),
    );
    days.push({ ms, cells, open: Number(cells[0]), close: Number(cells[3]) });
  }
  return days;
}

/** What an engine for whole units makes of it, written down anew: all in at the next open, turned at each crossing of 10 and 20, commission on each side or on entries alone, the last position marked at the last close. */
function byAnotherEngine(days: readonly Day[], leaving = FEE) {
  const mean = (length: number, last: number): number =>
    days.slice(last - length + 1, last + 1).reduce((sum, { close }) => sum + close, 0) / length;
  let [cash, held, wanted] = [CASH, 0, 0];
  let fills = 0;
  const trade = (units: number, price: number, fee: number): void => {
    if (units === 0) return;
    cash -= units * price + Math.abs(units) * price * fee;
    held += units;
    fills += 1;
  };
  for (const [index, { open }] of days.entries()) {
    if (wanted !== 0 && Math.sign(held) !== wanted) {
      trade(-held, open, leaving);
      trade(wanted * Math.floor(cash / (open * (1 + FEE))), open, FEE);
    }
    if (index < 20) continue;
    const [fast, slow, fastBefore, slowBefore] = [
      mean(10, index),
      mean(20, index),
      mean(10, index - 1),
      mean(20, index - 1),
    ];
    if (fastBefore < slowBefore && fast > slow) wanted = 1;
    if (fastBefore > slowBefore && fast < slow) wanted = -1;
  }
  return { equity: cash + held * (days.at(-1)?.close ?? 0), fills };
}

/** The strategy file and the flags as the page has them. */
function fromTheDocs(): { readonly strategy: string; readonly flags: readonly string[] } {
  const page = readFileSync(join(ROOT, 'docs/backtesting.md'), 'utf8');
  const section = page.slice(page.indexOf('## Compare with another engine'));
  const [, strategy = ''] = /```ts\n([^]*?)```/.exec(section) ?? [];
  const [, command = ''] = /```sh\n(monsta backtest [^]*?)```/.exec(section) ?? [];
  return { strategy, flags: command.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(1) };
}

it.each([
  { like: 'commission on both sides', more: [], leaving: FEE },
  { like: 'commission on entries alone', more: ['--fees-on', 'entry'], leaving: 0 },
])(
  'the page’s own example of another engine’s rules comes to what such an engine makes of it, to the cent: $like',
  { timeout: 60_000 },
  async ({ more, leaving }) => {
    const folder = testFolder();
    const days = shareDays(400);
    const lines = days.map(({ ms, cells }) => `${new Date(ms).toISOString().slice(0, 10)},${cells.join(',')},1000000`);
    writeFileSync(join(folder, 'GOOG.csv'), `Date,Open,High,Low,Close,Volume\n${lines.join('\n')}\n`);
    const { strategy, flags } = fromTheDocs();
    writeFileSync(join(folder, 'flips.ts'), strategy);
    const here = flags.map((flag) => (/^(\.\/flips\.ts|GOOG\.csv)$/.test(flag) ? join(folder, flag) : flag));
    const run = await runCommand([...here, ...more, '--data-dir', join(folder, 'data'), '--json']);
    expect(run).toMatchObject({ status: 0, stderr: ONLY_PROGRESS });
    const { summary, trades, warnings } = backtestDocumentSchema.parse(run.document);
    const other = byAnotherEngine(days, leaving);
    expect(other.fills).toBeGreaterThan(20);
    expect(summary.fills).toBe(other.fills);
    expect(summary.finalEquity).toBeCloseTo(other.equity, 2);
    expect(new Set(trades.map(({ direction }) => direction))).toEqual(new Set(['long', 'short']));
    expect(trades.at(-1)).toMatchObject({ closedMs: null });
    expect(warnings.map(({ code }) => code)).not.toContain('denied');
  },
);
