import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const HOURS = 3_000;

/** Closes of a market that leads, and of one that does an hour later half of what it did. */
function closes(): { readonly leading: readonly number[]; readonly following: readonly number[] } {
  const random = seededRandom(11);
  const [leading, following] = [[2_000], [100]];
  let before = 0;
  for (let hour = 1; hour < HOURS; hour += 1) {
    const move = 0.01 * random.gaussian();
    leading.push((leading.at(-1) ?? 0) * Math.exp(move));
    following.push((following.at(-1) ?? 0) * Math.exp(0.5 * before + 0.004 * random.gaussian()));
    before = move;
  }
  return { leading, following };
}

/** Bars of those closes, but for the hours that are left out. */
function writeBars(path: string, of: readonly number[], without: (hour: number) => boolean = () => false): string {
  const lines = of.flatMap((close, hour) => {
    const open = of[hour - 1] ?? close;
    const cells = [open, Math.max(open, close) * 1.001, Math.min(open, close) * 0.999, close, 1 + (hour % 7)];
    return without(hour) ? [] : [`${START + hour * HOUR},${cells.map((cell) => cell.toFixed(5)).join(',')}`];
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const SET = {
  id: 'led',
  version: 1,
  features: [
    { feature: 'log_return' },
    { feature: 'other_return', of: 'LEADT' },
    { feature: 'other_beta', bars: 24, of: 'LEADT' },
  ],
};

interface Told {
  readonly direction: { readonly score: { readonly accuracy: { readonly value: number } } };
  readonly rows: number;
  readonly dropped: { readonly undefinedValue: number };
  readonly others: readonly { readonly source: string; readonly count: number; readonly absent: number }[];
  readonly looks: { readonly look: number; readonly looks: number };
}

function world() {
  const folder = testFolder();
  const { leading, following } = closes();
  const set = join(folder, 'led.json');
  writeFileSync(set, JSON.stringify(SET));
  const bars = writeBars(join(folder, 'follow.csv'), following);
  const lead = writeBars(join(folder, 'lead.csv'), leading);
  const place = ['--quote', 'T', '--data-dir', join(folder, 'data'), '--json'];
  const given = ['evaluate', '--model', 'logistic-regression', '--instrument', 'FOLLOWT', '--task', 'direction'];
  const quick = ['--resamples', '200', '--folds', '4', '--no-learning-curve'];
  const run = (...more: readonly string[]) =>
    runCommand([...given, '--bars', bars, '--feature-set', set, ...quick, ...place, ...more]);
  return { folder, leading, bars, lead, set, place, given, quick, run };
}

describe('monsta evaluate with the bars of another instrument', { timeout: 120_000 }, () => {
  it('learns from them what its own bars do not tell, and says which it read', async () => {
    const { bars, folder, given, lead, place, quick, run } = world();
    const page = join(folder, 'page.html');
    const led = await run('--others', `LEADT=${lead}`, '--report', page);
    expect(led).toMatchObject({
      status: 0,
      document: {
        features: { set: 'led', columns: 3 },
        others: [{ instrument: 'LEADT', source: 'lead.csv', count: HOURS, absent: 0, fromMs: START }],
      },
    });
    // Half of a move of 0.01 against a noise of 0.004: the sign is right nearly always.
    expect((led.document as Told).direction.score.accuracy.value).toBeGreaterThan(0.75);
    expect(readFileSync(page, 'utf8')).toContain(
      'Features read LEADT beside it: 3,000 bars of lead.csv; at 0 times it has none.',
    );
    const alone = await runCommand([...given, '--bars', bars, '--feature-set', 'core', ...quick, ...place]);
    expect((alone.document as Told).direction.score.accuracy.value).toBeLessThan(0.6);
    expect(alone).toMatchObject({ status: 0, document: { others: [] } });
  });

  it('aligns them by the time they open, does not know what is missing there, and counts it', async () => {
    const { folder, leading, run } = world();
    const gaps = writeBars(join(folder, 'gaps.csv'), leading, (hour) => hour % 500 === 499);
    const { document } = await run('--others', `LEADT=${gaps}`);
    const told = document as Told;
    expect(told.others).toMatchObject([{ count: HOURS - 6, absent: 6 }]);
    // The hole and the 24 bars after it, whose returns need it; behind the last there are no more bars.
    expect(told.dropped.undefinedValue).toBe(5 * 25 + 1);
    expect(told.direction.score.accuracy.value).toBeGreaterThan(0.75);
  });

  it('takes all of them from the catalogue by themselves, to the same figures', async () => {
    const { bars, lead, set, place, given, quick, run } = world();
    const asked = [...given, '--bars', 'catalogue', '--interval', '1h', '--feature-set', set, ...quick];
    const keep = place.filter((word) => word !== '--json');
    const imported = async (file: string, instrument: string) =>
      runCommand(['data', 'import', file, '--instrument', instrument, ...keep]);
    expect((await imported(bars, 'FOLLOWT')).status).toBe(0);
    const without = await runCommand([...asked, ...place.slice(2)]);
    expect(without).toMatchObject({ status: 1, document: { error: { code: 'data_none' } } });
    expect(without.stderr).toContain('LEADT');
    expect((await imported(lead, 'LEADT')).status).toBe(0);
    const stored = await runCommand([...asked, ...place.slice(2)]);
    const filed = await run('--others', `LEADT=${lead}`);
    expect(stored).toMatchObject({
      status: 0,
      document: { others: [{ source: 'catalogue of binance', count: HOURS }] },
    });
    const told = ({ direction, rows, dropped }: Told) => ({ direction, rows, dropped });
    expect(told(stored.document as Told)).toEqual(told(filed.document as Told));
    // The same bars by another road are the same look.
    expect((filed.document as Told).looks).toMatchObject({ look: 1, looks: 1 });
  });
});
