import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserAbsence, launchBrowser, openPage, screenshot } from './chromium.test-support.ts';
import { ROOT, startProgram, textOf, type RunningProgram } from '../support/program.test-support.ts';

const RECORDING = join(ROOT, '../shared/data/binance-spot-btcusdt-20240808.ndjson.gz');
const HISTORY = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');

const absence =
  browserAbsence() ?? (existsSync(RECORDING) && existsSync(HISTORY) ? null : `no recording at ${RECORDING}`);
if (absence !== null) console.warn(`the browser test of a replay is skipped: ${absence}`);

const wait = { timeout: 60_000 };

describe.skipIf(absence !== null)('a replay of a real recording in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-browser-'));
  let browser: Browser;
  let program: RunningProgram;

  beforeAll(async () => {
    const flags = ['--venue', 'replay', '--recording', RECORDING, '--history', HISTORY, '--log-level', 'warn'];
    [browser, program] = await Promise.all([
      launchBrowser(),
      startProgram(['--port', '0', '--data-dir', data, ...flags]),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('is marked as a replay and shows the recording’s own time and prices', async () => {
    const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), {
      language: 'en',
      device: 'desktop',
      scheme: 'light',
    });
    await page.locator('[data-origin="replay"]').waitFor(wait);
    expect(await page.locator('[data-origin="replay"]').innerText()).toContain('REPLAY');
    expect(await page.getByTestId('disclosure').innerText()).toContain('2024-08-08');
    await expect
      .poll(async () => Number((await page.getByTestId('last-price').innerText()).replaceAll(',', '')), wait)
      .toBeGreaterThan(60_000);
    expect(Number((await page.getByTestId('last-price').innerText()).replaceAll(',', ''))).toBeLessThan(63_000);
    await page.getByRole('contentinfo').getByText('08/09/2024').waitFor(wait);
    // The history ends in April, the recording is of August: the chart says what lies between.
    await page.getByRole('radio', { name: '1h', exact: true }).click();
    await page.getByText('Gaps in these bars: 1').waitFor(wait);
    await screenshot(page, 'replay-1h');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('has no prediction across the gap, and says why beside the model’s measured worth', async () => {
    const { page, context } = await openPage(browser, textOf(program, 'url'), {
      language: 'en',
      device: 'desktop',
      scheme: 'dark',
    });
    await page.getByRole('combobox', { name: 'Model and bars' }).waitFor(wait);
    // The score on 58,000 real bars takes a while to be measured.
    await page.getByRole('combobox', { name: 'Model and bars' }).selectOption({ label: 'logistic-regression · 1h' });
    await page.getByTestId('score').waitFor({ timeout: 100_000 });
    expect(await page.getByTestId('prediction-absent').innerText()).toContain('gap');
    expect(await page.getByTestId('probability-up').count()).toBe(0);
    await context.close();
  });
});
