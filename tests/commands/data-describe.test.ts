import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDescriptionSchema } from '@monsta/contracts';
import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const REAL = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const TIMEOUT = { timeout: 120_000 };
const OF_BTC = ['--instrument', 'BTCUSDT'];

/** A walk of hours in the plain layout. */
function hours(count: number): string {
  const random = seededRandom(11);
  let close = 4_200_000;
  return Array.from({ length: count }, (_, hour) => {
    const open = close;
    close += random.integer(40_001) - 20_000;
    const text = (ticks: number): string => (ticks / 100).toFixed(2);
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return `${START + hour * HOUR},${text(open)},${text(high)},${text(low)},${text(close)},${1 + random.integer(9)}\n`;
  }).join('');
}

describe('monsta data describe', TIMEOUT, () => {
  it('says the same of a file and of the catalogue it was imported into, as the schema has it', async () => {
    const folder = testFolder();
    const [bars, dataDir] = [join(folder, 'bars.csv'), ['--data-dir', join(folder, 'data')]];
    writeFileSync(bars, hours(1_000));
    const ofFile = await runCommand(['data', 'describe', ...OF_BTC, '--file', bars, '--json']);
    expect(ofFile).toMatchObject({ status: 0 });
    const description = dataDescriptionSchema.parse(ofFile.document);
    expect(description).toMatchObject({
      source: { kind: 'file', market: null, file: 'bars.csv' },
      simulated: null,
      bars: 1_000,
      returns: { count: 999, overGaps: 0 },
      missing: { expected: 1_000, missing: 0 },
      autocorrelation: { returns: { values: expect.objectContaining({ length: 48 }) as unknown } },
    });
    expect(await runCommand(['data', 'import', bars, ...OF_BTC, ...dataDir])).toMatchObject({ status: 0 });
    const stored = await runCommand(['data', 'describe', ...OF_BTC, '--interval', '1h', ...dataDir, '--json']);
    const { source, simulated, ...rest } = dataDescriptionSchema.parse(stored.document);
    expect({ source, simulated }).toEqual({
      source: { kind: 'catalogue', market: 'binance', file: null },
      simulated: false,
    });
    const { source: _source, simulated: _simulated, ...same } = description;
    expect(rest).toEqual(same);
    const day = ['--from', '2024-01-10', '--to', '2024-01-20', '--lags', '3'];
    const part = await runCommand(['data', 'describe', ...OF_BTC, '--interval', '1h', ...day, ...dataDir, '--json']);
    expect(part.document).toMatchObject({
      bars: 11 * 24,
      fromMs: Date.UTC(2024, 0, 10),
      toMs: Date.UTC(2024, 0, 21),
      autocorrelation: { absolute: { values: expect.objectContaining({ length: 3 }) as unknown } },
    });
    const text = await runCommand(['data', 'describe', ...OF_BTC, '--interval', '1h', ...dataDir]);
    expect(text.stdout).toContain('BTCUSDT 1h: 1000 bars from 2024-01-01 00:00');
    expect(text.stdout).toContain('from the catalogue of binance');
  });

  it('writes the page in the language asked for', async () => {
    const folder = testFolder();
    const [bars, out] = [join(folder, 'bars.csv'), join(folder, 'page.html')];
    writeFileSync(bars, hours(200));
    const words = ['data', 'describe', ...OF_BTC, '--file', bars, '--out', out, '--language', 'ko'];
    expect(await runCommand(words)).toMatchObject({ status: 0, stderr: `Written to ${out}\n` });
    expect(readFileSync(out, 'utf8')).toContain('<html lang="ko">');
    const nowhere = await runCommand([...words.slice(0, -4), '--out', join(folder, 'no', 'page.html'), '--json']);
    expect(nowhere).toMatchObject({ status: 1, document: { error: { code: 'report_unwritable' } } });
  });

  it('says what is wrong with what it was asked', async () => {
    const folder = testFolder();
    const dataDir = ['--data-dir', join(folder, 'data')];
    const refused = async (...words: readonly string[]): Promise<unknown> =>
      (await runCommand(['data', 'describe', ...words, ...dataDir, '--json'])).document;
    const usage = { error: { code: 'flag_invalid' } };
    expect(await refused('--interval', '1h')).toMatchObject(usage);
    expect(await refused(...OF_BTC)).toMatchObject(usage);
    expect(await refused(...OF_BTC, '--interval', '1h', '--lags', '0')).toMatchObject(usage);
    expect(await refused(...OF_BTC, '--interval', '1h', '--from', '2024-02-01', '--to', '2024-01-01')).toMatchObject(
      usage,
    );
    expect(await refused(...OF_BTC, '--interval', '1h', '--language', 'fr')).toMatchObject(usage);
    expect(await refused(...OF_BTC, '--interval', '1h', '--market', 'nowhere')).toMatchObject({
      error: { code: 'market_unknown' },
    });
    expect(await refused(...OF_BTC, '--interval', '1h')).toMatchObject({ error: { code: 'data_none' } });
    expect(await refused(...OF_BTC, '--file', join(folder, 'none.csv'))).toMatchObject({
      error: { code: 'bars_missing' },
    });
  });

  it.skipIf(!existsSync(REAL))('finds 28 gaps and 128 missing hours in seven years of real ones', async () => {
    const found = await runCommand(['data', 'describe', ...OF_BTC, '--file', REAL, '--json']);
    const description = dataDescriptionSchema.parse(found.document);
    expect(description).toMatchObject({
      bars: 58_419,
      returns: { count: 58_390, overGaps: 28, zero: 28 },
      missing: { expected: 58_547, missing: 128, gaps: 28 },
      stationarity: { logPrice: { verdict: 'unit_root' }, returns: { verdict: 'stationary' } },
    });
    // As numpy and statsmodels have them of the same returns.
    expect(description.distribution.deviation).toBeCloseTo(0.008438295400996465, 15);
    expect(description.distribution.skewness).toBeCloseTo(-0.4742900847799437, 9);
    expect(description.distribution.jarqueBera?.statistic).toBeCloseTo(2684172.205793045, 3);
    expect(description.seasonality.hours?.equalMeans?.statistic).toBeCloseTo(44.24371333580572, 8);
    expect(description.seasonality.hours?.equalMeans?.p).toBeCloseTo(0.004913764768940186, 10);
  });
});
