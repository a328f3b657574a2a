import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import type { BacktestSpecInput } from '@monsta/contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserAbsence, launchBrowser, openPage, screenshot, type Reader } from './chromium.test-support.ts';
import { runProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of backtests are skipped: ${absence}`);

const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'dark' };
const wait = { timeout: 60_000 };
const SPEC: BacktestSpecInput = {
  strategy: 'ema-cross',
  params: { interval: '1h' },
  data: { kind: 'collected' },
  instruments: ['BTCUSDT'],
  interval: '1h',
};
/** A bar takes its time, so that a run can be seen. */
const SLOW = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'slow',
  description: 'Thinks long about every bar.',
  parameters: { level: { kind: 'integer', default: 3, min: 1, max: 9 } },
  intervals: () => ['1h'],
  onBar() {
    const end = performance.now() + 3;
    while (performance.now() < end);
  },
});
`;

/** Backtests on the page, against the real program, on the bars that its simulated market has. */
describe.skipIf(absence !== null)('backtests in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-backtests-'));
  let browser: Browser;
  let program: RunningProgram;
  let client: MonstaClient;
  let home = '';

  beforeAll(async () => {
    const strategies = join(data, 'strategies');
    const files = join(data, 'files');
    for (const folder of [strategies, files]) mkdirSync(folder);
    writeFileSync(join(strategies, 'slow.ts'), SLOW);
    writeFileSync(join(files, 'broken.csv'), 'openTimeMs,open,high,low,close,volume\n1,2,3\n');
    [browser, program] = await Promise.all([
      launchBrowser(),
      runProgram(
        [
          'start',
          '--json',
          '--port',
          '0',
          '--data-dir',
          join(data, 'monsta'),
          '--venue',
          'simulated',
          '--log-level',
          'warn',
        ],
        {
          MONSTA_BACKTESTS__STRATEGY_FOLDERS: JSON.stringify([strategies]),
          MONSTA_BACKTESTS__DATA_FOLDERS: JSON.stringify([files]),
        },
      ),
    ]);
    client = new MonstaClient({ baseUrl: textOf(program, 'url'), token: textOf(program, 'adminToken') });
    home = `${textOf(program, 'url')}/#token=${textOf(program, 'adminToken')}`;
    await until(
      async () => unwrap(await client.backtestChoices()).sources,
      (sources) => sources.some(({ interval, bars }) => interval === '1h' && (bars ?? 0) > 8_000),
      60_000,
      'a year of hours',
    );
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const go = async (page: Page, hash: string): Promise<void> => {
    await page.evaluate(`window.location.hash = ${JSON.stringify(hash)}`);
  };
  const run = async (spec: BacktestSpecInput): Promise<string> => {
    const { id } = unwrap(await client.runBacktest(spec));
    await until(
      async () => unwrap(await client.backtest(id)),
      ({ state }) => state !== 'queued' && state !== 'running',
      60_000,
      'the end of a backtest',
    );
    return id;
  };

  it('say that there are none yet, and offer what there is to run', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('link', { name: 'Backtests' }).click(wait);
    await page.getByText('Nothing has been backtested yet.').waitFor(wait);
    await page.getByRole('link', { name: 'New backtest' }).click();
    const form = page.getByRole('form', { name: 'New backtest' });
    await form
      .getByTestId('bars-there')
      .getByText(/BTCUSDT 8,\d{3} bars/)
      .waitFor(wait);
    const { strategies } = unwrap(await client.backtestChoices());
    expect(await form.getByLabel('Strategy', { exact: true }).locator('option').count()).toBe(strategies.length);
    await screenshot(page, 'backtests-form');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('stand in a form that sends nothing while a field is wrong, and shows the server’s own faults beside their fields', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/new');
    const form = page.getByRole('form', { name: 'New backtest' });
    await form.getByLabel('Cash', { exact: true }).fill('-5', wait);
    await form.getByLabel('From (UTC)').fill('2030-01-02');
    await form.getByLabel('To (UTC)').fill('2030-01-01');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.postData() ?? '');
    });
    await form.getByRole('button', { name: 'Run backtest' }).click();
    expect(await form.innerText()).toContain('A plain decimal number above 0');
    expect(await form.innerText()).toContain('Before the beginning');
    expect(await form.innerText()).toContain('Not sent: 2 of the values above');
    expect(sent).toEqual([]);
    await form.getByLabel('Cash', { exact: true }).fill('5000');
    await form.getByLabel('From (UTC)').fill('');
    await form.getByLabel('To (UTC)').fill('');
    // Each in its range, and against each other: that only the strategy knows.
    await form.getByLabel('fast', { exact: true }).fill('50');
    await form.getByLabel('slow', { exact: true }).fill('20');
    await form.getByRole('button', { name: 'Run backtest' }).click();
    await form.getByText('parameters_invalid').waitFor(wait);
    await screenshot(page, 'backtests-form-faults');
    expect(unwrap(await client.backtests()).items).toEqual([]);
    expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);
    await context.close();
  });

  it('run from the form, and show what came of them as the server has it', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/new');
    const form = page.getByRole('form', { name: 'New backtest' });
    // As it is offered: the strategy's own interval follows the data.
    await form.getByRole('button', { name: 'Run backtest' }).click(wait);
    await page.getByTestId('versus').waitFor(wait);
    const [newest] = unwrap(await client.backtests()).items;
    const detail = unwrap(await client.backtest(newest?.id ?? ''));
    expect(detail).toMatchObject({ state: 'done', strategy: 'ema-cross' });
    const percent = (share: number | null | undefined): string => `${Math.abs((share ?? NaN) * 100).toFixed(2)}%`;
    const versus = await page.getByTestId('versus').innerText();
    expect(versus).toContain(percent(detail.statistics?.['totalReturn']));
    expect(versus).toContain(percent(detail.statistics?.['buyAndHoldReturn']));
    await page.getByTestId('curves-chart').locator('polyline').first().waitFor(wait);
    const point = page.getByTestId('curve-point');
    const last = await point.innerText();
    await page.getByTestId('curves-chart').getByRole('slider').focus();
    for (let step = 0; step < 30; step += 1) await page.keyboard.press('ArrowLeft');
    expect(await point.innerText()).not.toBe(last);
    await page.getByTestId('trades-on-price').locator('canvas').first().waitFor(wait);
    expect(await page.getByTestId('assumptions').getByRole('listitem').count()).toBe(detail.result?.assumptions.length);
    expect(await page.getByTestId('honesty').getAttribute('data-verdict')).toBe(detail.result?.honesty.verdict);
    const profitFactor = page.locator('[data-statistic=profitFactor]');
    expect(await profitFactor.innerText()).toContain((detail.statistics?.['profitFactor'] ?? NaN).toFixed(2));
    const report = await page.getByRole('link', { name: 'Whole report' }).getAttribute('href');
    expect((await page.request.get(new URL(report ?? '', page.url()).href)).status()).toBe(200);
    await page.getByTestId('months').getByRole('row').nth(1).waitFor();
    const trades = unwrap(await client.backtestTrades(detail.id, { limit: 100 })).items.length;
    expect(await page.getByRole('region', { name: 'Trades, scrollable table' }).getByRole('row').count()).toBe(
      trades + 1,
    );
    await screenshot(page, 'backtests-result');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ['en', 'Change and run again', 'Slippage of', '3 ticks worse'],
    ['ko', '바꿔서 다시 실행', '슬리피지 크기', '3틱 불리하게'],
  ] as const)('keep a slippage of ticks, and say it, in %s', async (language, again, label, words) => {
    const id = await run({ ...SPEC, costs: { slippage: { kind: 'ticks', ticks: 3 } } });
    const { page, context, complaints } = await openPage(browser, home, { ...ENGLISH, language });
    await go(page, `#/backtests/${id}`);
    const assumptions = page.getByTestId('assumptions');
    await assumptions.waitFor(wait);
    expect(await assumptions.innerText()).toContain(words);
    await page.getByRole('link', { name: again }).click();
    const ticks = page.getByLabel(label, { exact: true });
    await ticks.waitFor(wait);
    expect(await page.locator('select[name="slippage"]').inputValue()).toBe('ticks');
    expect(await ticks.inputValue()).toBe('3');
    await ticks.fill('4');
    await page.locator('form button[type=submit]').click();
    await until(
      async () => unwrap(await client.backtests()).items[0]?.id ?? id,
      (newest) => newest !== id,
      60_000,
      'another backtest',
    );
    const [newest] = unwrap(await client.backtests()).items;
    expect(unwrap(await client.backtest(newest?.id ?? '')).spec.costs.slippage).toEqual({ kind: 'ticks', ticks: 4 });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('show how far they are while they run, and are canceled', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    const { id } = unwrap(await client.runBacktest({ ...SPEC, strategy: 'slow.ts', params: {} }));
    await go(page, `#/backtests/${id}`);
    const bar = page.getByRole('progressbar', { name: 'Progress' }).first();
    const shown = async (): Promise<number> => Number(await bar.getAttribute('value', wait));
    await expect.poll(shown, wait).toBeGreaterThan(0);
    const before = await shown();
    await expect.poll(shown, wait).toBeGreaterThan(before);
    await screenshot(page, 'backtests-running');
    await page.getByRole('button', { name: 'Cancel backtest' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel backtest' }).click();
    await page.getByText('It was cancelled before its last bar.').waitFor(wait);
    expect(unwrap(await client.backtest(id))).toMatchObject({ state: 'canceled' });
    await screenshot(page, 'backtests-canceled');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Choose a backtest on the left').waitFor(wait);
    expect(unwrap(await client.backtests()).items.some((each) => each.id === id)).toBe(false);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('that failed say why', async () => {
    const id = await run({ ...SPEC, data: { kind: 'file', paths: ['broken.csv'] } });
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, `#/backtests/${id}`);
    await page.getByRole('alert').getByText('It failed.').waitFor(wait);
    expect(await page.getByRole('alert').first().innerText()).toContain('broken.csv');
    await screenshot(page, 'backtests-failed');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('are compared: curves on one scale, figures side by side, and what was asked differently', async () => {
    const fast = await run({ ...SPEC, params: { interval: '1h', fast: 5, slow: 12 } });
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('link', { name: 'Backtests' }).click(wait);
    const list = page.getByRole('list', { name: 'Backtests' });
    const boxes = list.getByRole('checkbox', { disabled: false });
    await boxes.nth(1).waitFor(wait);
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('button', { name: 'Compare' }).click();
    const compared = page.getByTestId('compared');
    await compared.waitFor(wait);
    expect(await page.getByTestId('differences').innerText()).toContain('params.fast');
    expect(await compared.locator('thead').getByRole('columnheader').count()).toBe(3);
    const profit = unwrap(await client.backtest(fast)).statistics?.['profitFactor'] ?? NaN;
    expect(await compared.innerText()).toContain(profit.toFixed(2));
    await page.getByTestId('curves-chart').locator('polyline').nth(1).waitFor(wait);
    await screenshot(page, 'backtests-compared');
    expect(complaints).toEqual([]);
    await context.close();
  });

  for (const reader of [
    { language: 'ko', device: 'desktop', scheme: 'light' },
    { language: 'ko', device: 'phone', scheme: 'dark' },
    { language: 'en', device: 'phone', scheme: 'light' },
  ] as const satisfies readonly Reader[]) {
    it(`fit a ${reader.device} in ${reader.language}: list, form, result and comparison`, async () => {
      const { page, context, complaints } = await openPage(browser, home, reader);
      // The narrowest phones that are still about.
      if (reader.device === 'phone') await page.setViewportSize({ width: 360, height: 780 });
      const done = unwrap(await client.backtests()).items.filter(({ state }) => state === 'done');
      const ids = done.slice(0, 2).map(({ id }) => id);
      for (const [name, hash, there] of [
        ['list', '#/backtests', 'ul li'],
        ['form', '#/backtests/new', 'form button[type=submit]'],
        ['result', `#/backtests/${ids[0] ?? ''}`, '[data-testid=trades-on-price] canvas'],
        ['compared', `#/backtests/compare/${ids.join('+')}`, '[data-testid=compared]'],
      ] as const) {
        await go(page, hash);
        await page.locator(there).first().waitFor(wait);
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
        await screenshot(page, `backtests-${reader.language}-${reader.device}-${name}`);
      }
      if (reader.language === 'ko') expect(await page.locator('body').innerText()).toContain('성장 비교');
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
