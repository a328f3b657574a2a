import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, instrumentId } from '@monsta/core';
import { readBarFile } from '@monsta/data-files';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalog } from '../../apps/monsta/src/compose/catalog.ts';
import { browserAbsence, launchBrowser, openPage, screenshot, type Reader } from './chromium.test-support.ts';
import { writeHours } from '../support/backtest.test-support.ts';
import { writeTape } from '../support/tape.test-support.ts';
import { ROOT, runProgram, textOf, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of stored data are skipped: ${absence}`);

const REAL = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'light' };
const KOREAN: Reader = { language: 'ko', device: 'phone', scheme: 'dark' };
const wait = { timeout: 60_000 };
/** A chart that is drawn anew has nothing in it for a moment. */
const POLL = { timeout: 10_000 };

/** Stored data on the page, as the command line leaves it beside the running program. */
describe.skipIf(absence !== null)('stored data in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-data-'));
  const dataDir = join(data, 'monsta');
  let browser: Browser;
  let program: RunningProgram;
  let home = '';

  beforeAll(async () => {
    // A replay stores nothing of its own.
    const tape = join(data, 'tape.ndjson');
    writeTape(tape, { BTCUSDT: 60_000 }, 30);
    const flags = ['start', '--json', '--port', '0', '--data-dir', dataDir, '--venue', 'replay', '--recording', tape];
    [browser, program] = await Promise.all([launchBrowser(), runProgram([...flags, '--log-level', 'warn'])]);
    home = `${textOf(program, 'url')}/#token=${textOf(program, 'adminToken')}`;
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const go = async (page: Page, hash: string): Promise<void> => {
    await page.evaluate(`window.location.hash = ${JSON.stringify(hash)}`);
  };

  /** Puts a file of hours into the catalogue of a market. */
  const store = async (market: string, file: string): Promise<void> => {
    const instrument = { id: instrumentId('BTCUSDT'), tick: null, lot: { units: 1, scale: 8 }, quote: null };
    const terms = { instrument, interval: null, fromMs: null, toMs: null, offTick: 'refuse' } as const;
    const series = expectOk(await readBarFile(file, terms));
    const catalog = openCatalog(dataDir, market, { memoryMaxMb: 128, threads: 1 });
    expectOk(await catalog.appendBars(series));
    await catalog.close();
  };

  /** Nothing widens the page beyond its window. */
  const fits = async (page: Page): Promise<boolean> =>
    page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

  it('says that nothing is stored yet, and how it is filled', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('link', { name: 'Data', exact: true }).click(wait);
    await page.getByText('Nothing is stored yet').waitFor(wait);
    expect(await page.getByText(/^monsta data download /).count()).toBe(1);
    await screenshot(page, 'data-none');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lists what is stored, and shows what bars are like, in both languages and on a phone', async () => {
    const real = existsSync(REAL);
    if (!real) console.warn(`${REAL} is absent: generated hours stand in its place`);
    await store('binance', real ? REAL : writeHours(join(data, 'hours.csv'), 5_000));
    await store('simulated:1:0.05', writeHours(join(data, 'simulated.csv'), 900));
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/data');
    const list = page.getByRole('list', { name: 'Stored data' });
    await list.getByText(real ? '58,419 bars' : '5,000 bars').waitFor(wait);
    expect(await list.getByRole('listitem').count()).toBe(2);
    await list.getByRole('link').first().click();
    await page.getByTestId('data-summary').waitFor(wait);
    if (real) {
      expect(await page.getByTestId('missing').innerText()).toContain('128 of 58,547 bars are missing, in 28 gaps');
      expect(await page.getByTestId('data-summary').innerText()).toContain('128 (0.219%)');
      expect(await page.getByTestId('data-summary').innerText()).toContain('unit root');
    }
    const bars = page.getByTestId('correlation').locator('rect');
    await expect.poll(() => bars.count(), POLL).toBe(48);
    await page.getByRole('radio', { name: 'squares of returns' }).click();
    await page.getByTestId('correlation').getByRole('slider').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByTestId('correlation').locator('output').innerText()).toMatch(/^1: /);
    const means = page.getByTestId('season-mean').locator('rect');
    await expect.poll(() => means.count(), POLL).toBe(24);
    await screenshot(page, 'data-en');
    await page.getByRole('radio', { name: 'day of the week' }).click();
    await expect.poll(() => means.count(), POLL).toBe(7);
    const report = await page.getByRole('link', { name: 'Whole report' }).getAttribute('href');
    const answer = await page.request.get(new URL(report ?? '', page.url()).href);
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain('Quantiles against the normal');
    expect(await fits(page)).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();

    const other = await openPage(browser, home, KOREAN);
    await go(other.page, '#/data');
    await other.page.getByRole('list', { name: '저장된 데이터' }).waitFor(wait);
    await screenshot(other.page, 'data-list-ko-phone');
    await go(other.page, '#/data/simulated_1_0.05/BTCUSDT/1h');
    await other.page.getByTestId('data-summary').waitFor(wait);
    expect(await other.page.getByText('생성된 가격이며 실제 시장의 것이 아닙니다.').count()).toBeGreaterThan(0);
    expect(await fits(other.page)).toBe(true);
    await screenshot(other.page, 'data-ko-phone');
    expect(other.complaints).toEqual([]);
    await other.context.close();
  });

  it('is what a backtest runs on, and a market that is generated is said to be', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/new');
    const form = page.getByRole('form', { name: 'New backtest' });
    await form.getByLabel('Strategy').first().selectOption('sma-cross', wait);
    await form.getByLabel('Bars from').selectOption('catalogue:simulated_1_0.05', wait);
    await form.getByRole('checkbox', { name: 'BTCUSDT' }).check(wait);
    await form
      .getByTestId('bars-there')
      .getByText(/BTCUSDT 900 bars/)
      .waitFor(wait);
    await form.getByRole('button', { name: 'Run backtest' }).click();
    await page.getByText('Catalogue of simulated_1_0.05').waitFor(wait);
    expect(await page.locator('main').getByText('SIMULATED', { exact: true }).count()).toBeGreaterThan(0);
    await page.getByTestId('statistics').waitFor(wait);
    await page.getByRole('link', { name: 'Change and run again' }).click();
    await expect.poll(() => form.getByLabel('Bars from').inputValue(), wait).toBe('catalogue:simulated_1_0.05');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says of bars that are not there what is the matter', async () => {
    const { page, context } = await openPage(browser, home, ENGLISH);
    await go(page, '#/data/binance/NONEUSDT/4h');
    const alert = page.getByRole('alert').filter({ hasText: 'data_none' });
    await alert.waitFor(wait);
    expect(await alert.innerText()).toContain('no bars of NONEUSDT of 4h');
    await context.close();
  });
});
