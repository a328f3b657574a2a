import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const TIMEOUT = { timeout: 240_000 };
const TAKERS = {
  id: 'takers',
  version: 1,
  features: [
    { feature: 'taker_imbalance', bars: 1 },
    { feature: 'trade_count_ratio', bars: 24 },
  ],
};

const skillOf = (document: unknown): number => {
  const { direction } = document as {
    readonly direction: { readonly score: { readonly skill: { readonly best: { readonly low: number } } } };
  };
  return direction.score.skill.best.low;
};

/** Hours as the exchange publishes its klines, twelve cells and no header, whose takers tell where the next one goes; `cells`: fewer. */
function klines(count: number, cells = 12): string {
  const random = seededRandom(9);
  let [close, last] = [1_000, 0];
  return Array.from({ length: count }, (_, hour) => {
    const next = 0.01 * random.gaussian();
    const open = close;
    close *= Math.exp(last + 0.01 * random.gaussian());
    last = next;
    const share = 1 / (1 + Math.exp(-100 * next));
    const volume = 100 + random.integer(900);
    const text = (value: number): string => value.toFixed(2);
    const openMs = START + hour * HOUR;
    const row = [
      ...[openMs, text(open), text(Math.max(open, close) * 1.001), text(Math.min(open, close) / 1.001), text(close)],
      ...[`${volume}.00000000`, openMs + HOUR - 1, text(volume * close), 1 + random.integer(500)],
      ...[(volume * share).toFixed(8), text(volume * close * share), 0],
    ];
    return `${row.slice(0, cells).join(',')}\n`;
  }).join('');
}

function world(content: string) {
  const folder = testFolder();
  const [bars, set] = [join(folder, 'bars.csv'), join(folder, 'takers.json')];
  writeFileSync(bars, content);
  writeFileSync(set, JSON.stringify(TAKERS));
  const place = ['--data-dir', join(folder, 'data')];
  const series = ['--instrument', 'BTCUSDT', ...place];
  const evaluate = (...more: readonly string[]) =>
    runCommand([
      'evaluate',
      ...series,
      '--task',
      'direction',
      '--cost-bps',
      '1',
      '--resamples',
      '400',
      '--no-learning-curve',
      '--json',
      ...more,
    ]);
  return { bars, set, series, evaluate };
}

describe('monsta evaluate with trade flow', TIMEOUT, () => {
  it('finds in the takers of a file and of the catalogue what its prices do not tell, the same in both', async () => {
    const { bars, set, series, evaluate } = world(klines(4_000));
    const logistic = ['--model', 'logistic-regression'] as const;
    const prices = await evaluate(...logistic, '--bars', bars);
    expect(prices).toMatchObject({ status: 0, document: { direction: { hasVote: false }, features: { unknown: [] } } });
    const takers = await evaluate(...logistic, '--bars', bars, '--feature-set', set);
    expect(takers).toMatchObject({
      status: 0,
      document: { direction: { hasVote: true }, features: { set: 'takers', unknown: [] } },
    });
    const imported = await runCommand(['data', 'import', bars, ...series, '--json']);
    expect(imported).toMatchObject({ status: 0, document: { added: 4_000, known: 0 } });
    const stored = await evaluate(...logistic, '--bars', 'catalogue', '--interval', '1h', '--feature-set', set);
    const { direction, looks } = stored.document as { readonly direction: unknown; readonly looks: unknown };
    expect(direction).toEqual((takers.document as { readonly direction: unknown }).direction);
    // The same bars, flow and all: no other look at them.
    expect(looks).toMatchObject({ look: 2, looks: 2 });
  });

  it('names the columns of which no bar tells anything, and takes what there is of the others', async () => {
    const { bars, evaluate } = world(klines(2_000));
    const run = await evaluate('--model', 'lightgbm', '--bars', bars, '--feature-set', 'flow', '--folds', '2');
    expect(run).toMatchObject({
      status: 0,
      document: { features: { set: 'flow', columns: 54, unknown: ['book_imbalance_1', 'book_imbalance_12'] } },
    });
    expect(skillOf(run.document)).toBeGreaterThan(0.15);
  });

  it('of a model that needs complete rows ends with these names, since no row is complete', async () => {
    const { bars, evaluate } = world(klines(1_000, 6));
    const run = await evaluate('--model', 'logistic-regression', '--bars', bars, '--feature-set', 'flow');
    expect(run).toMatchObject({ status: 1, document: { error: { code: 'features_unknown' } } });
    expect(run.stderr).toMatch(/no bar tells what taker_imbalance_1, .*book_imbalance_12 of the set flow are made of/);
  });
});

describe('monsta data import with trade flow', TIMEOUT, () => {
  it('says of how many bars that are there a file says more, and stores it', async () => {
    const { bars, series } = world(klines(300, 6));
    const imported = (...more: readonly string[]) => runCommand(['data', 'import', bars, ...series, '--json', ...more]);
    expect(await imported()).toMatchObject({ status: 0, document: { added: 300, known: 0 } });
    expect(await imported()).toMatchObject({ status: 0, document: { added: 0, known: 300 } });
    writeFileSync(bars, klines(300));
    expect(await imported('--dry-run')).toMatchObject({
      document: { added: 300, known: 0, overlap: { same: 300, fuller: 300, disagreeing: 0 } },
    });
    expect(await imported()).toMatchObject({ status: 0, document: { added: 300, known: 0 } });
    expect(await imported()).toMatchObject({ status: 0, document: { added: 0, known: 300, overlap: { fuller: 0 } } });
    writeFileSync(bars, klines(300).replace(/,(\d+\.\d{8}),([\d.]+),0\n/, ',0.5,$2,0\n'));
    expect(await imported()).toMatchObject({ status: 1, document: { overlap: { same: 299, disagreeing: 1 } } });
  });
});
