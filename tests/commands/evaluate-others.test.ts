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

  it('takes other data of theirs for another look', async () => {
    const { folder, leading, lead, run } = world();
    const looks = async (file: string) => ((await run('--others', `LEADT=${file}`)).document as Told).looks;
    expect(await looks(lead)).toMatchObject({ look: 1, looks: 1 });
    expect(await looks(lead)).toMatchObject({ look: 1, looks: 1 });
    const other = writeBars(
      join(folder, 'other.csv'),
      leading.map((close, hour) => close * (hour === 100 ? 1.001 : 1)),
    );
    expect(await looks(other)).toMatchObject({ look: 2, looks: 2 });
  });

  it('takes all of them from the catalogue by themselves, to the same figures', async () => {
    const { bars, lead, set, place, given, quick, run } = world();
    const asked = [...given, '--bars', 'catalogue', '--interval', '1h', '--feature-set', set, ...quick];
    const keep = place.filter((word) => word !== '--json');
    expect(await runCommand([...asked, ...place.slice(2)])).toMatchObject({
      status: 1,
      document: { error: { code: 'data_none' } },
    });
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
    expect(await runCommand([...asked, '--others', `LEADT=${lead}`, ...place.slice(2)])).toMatchObject({ status: 2 });
  });

  it('refuses what does not fit, and says what would', async () => {
    const { folder, bars, lead, leading, run } = world();
    const fourHours = writeBars(join(folder, '4h.csv'), leading, (hour) => hour % 4 !== 0);
    const late = join(folder, 'late.csv');
    writeFileSync(late, `${START + 9e4 * HOUR},1,1,1,1,1\n${START + 9.0001e4 * HOUR},1,1,1,1,1\n`);
    const own = join(folder, 'own.json');
    writeFileSync(own, JSON.stringify(SET).replaceAll('LEADT', 'FOLLOWT'));
    const refused = async (status: number, said: RegExp, ...more: readonly string[]) => {
      const { stderr, ...run_ } = await run(...more);
      expect([run_.status, stderr]).toEqual([status, expect.stringMatching(said)]);
    };
    await refused(2, /give their file as --others LEADT=FILE/);
    await refused(2, /--others lead\.csv: another instrument and the file/, '--others', 'lead.csv');
    await refused(2, /LEADT is given twice/, '--others', `LEADT=${lead}`, '--others', `leadt=${lead}`);
    await refused(
      2,
      /--others XRPT: no feature of the set led reads it/,
      '--others',
      `LEADT=${lead}`,
      '--others',
      `XRPT=${lead}`,
    );
    await refused(1, /are 4h bars, those of FOLLOWT 1h bars/, '--others', `LEADT=${fourHours}`);
    await refused(1, /late\.csv has no bar of LEADT that opens when one of FOLLOWT does/, '--others', `LEADT=${late}`);
    const itself = await runCommand([
      ...[
        'evaluate',
        '--model',
        'xgboost',
        '--instrument',
        'FOLLOWT',
        '--quote',
        'T',
        '--bars',
        bars,
        '--feature-set',
        own,
      ],
      ...['--others', `FOLLOWT=${bars}`, '--data-dir', join(folder, 'data')],
    ]);
    expect(itself.stderr).toMatch(/the feature set led reads FOLLOWT as another instrument/);
  });
});
