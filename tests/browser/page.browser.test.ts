import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserAbsence, launchBrowser, openPage, screenshot, type Reader } from './chromium.test-support.ts';
import { startProgram, textOf, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`browser tests are skipped: ${absence}`);

const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'dark' };
const FIRST_LIVE_MS = 60_000;
const wait = { timeout: FIRST_LIVE_MS };

/** What the program says over REST, beside what the page shows. */
function restOf(url: string) {
  const client = new MonstaClient({ baseUrl: url });
  return {
    status: async () => unwrap(await client.status()),
    tradingState: async () => unwrap(await client.tradingState()),
    bars: async () => unwrap(await client.bars({ instrument: 'BTCUSDT', interval: '1m', limit: 3 })).items,
  };
}

describe.skipIf(absence !== null)('the page in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-browser-'));
  let browser: Browser;
  let program: RunningProgram;
  let token = '';

  const start = (port: string): Promise<RunningProgram> =>
    startProgram(['--port', port, '--data-dir', data, '--venue', 'simulated', '--log-level', 'warn']);

  beforeAll(async () => {
    [browser, program] = await Promise.all([launchBrowser(), start('0')]);
    token = textOf(program, 'adminToken');
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('says that the market is simulated, where it cannot be overlooked or closed', async () => {
    const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), {
      ...ENGLISH,
      device: 'phone',
    });
    const banner = page.locator('[data-origin="simulated"]');
    await banner.waitFor(wait);
    expect(await banner.innerText()).toContain('SIMULATED');
    expect(await banner.getByRole('button').count()).toBe(0);
    const { origin, disclosure } = await restOf(textOf(program, 'url')).status();
    expect(origin).toBe('simulated');
    expect(await page.getByTestId('disclosure').innerText()).toBe(disclosure);
    await page.getByTestId('last-price').waitFor(wait);
    await page.getByRole('contentinfo').scrollIntoViewIfNeeded();
    expect(await page.evaluate('window.scrollY')).toBeGreaterThan(300);
    expect((await banner.boundingBox())?.y).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('moves with the market: price, bar, book and trades', async () => {
    const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    await page.locator('[data-liveness="live"]').waitFor(wait);
    const price = page.getByTestId('last-price');
    const book = page.getByTestId('book');
    const legend = page.getByTestId('legend');
    await book.waitFor(wait);
    await legend.waitFor(wait);
    const before = { price: await price.innerText(), book: await book.innerText(), legend: await legend.innerText() };
    expect(before.price).toMatch(/^\d{1,3}(,\d{3})*\.\d+$/);
    for (const [name, part] of [
      ['price', price],
      ['book', book],
      ['legend', legend],
    ] as const) {
      await expect.poll(() => part.innerText(), wait).not.toBe(before[name]);
    }
    // The chart draws what REST serves: the forming bar's open stands in the legend.
    const shown = (await legend.innerText()).replaceAll(',', '');
    const opens = (await restOf(textOf(program, 'url')).bars()).map(({ open }) => open);
    expect(opens.some((open) => shown.includes(open))).toBe(true);
    expect(await page.getByTestId('chart').locator('canvas').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('changes instrument and interval', async () => {
    const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    const price = page.getByTestId('last-price');
    const figure = async (): Promise<number> => Number((await price.innerText()).replaceAll(',', ''));
    await expect.poll(figure, wait).toBeGreaterThan(0);
    const bitcoin = await figure();
    await page.getByRole('combobox', { name: 'Instrument' }).selectOption('ETHUSDT');
    await expect.poll(figure, wait).toBeLessThan(bitcoin / 2);
    await page.getByRole('radio', { name: '1h', exact: true }).click();
    await expect.poll(() => page.getByTestId('chart').getAttribute('aria-label'), wait).toContain('ETHUSDT, 1h');
    await page.getByTestId('legend').waitFor(wait);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows a prediction with its measured worth, or why there is none', async () => {
    const { page, context } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    const probability = page.getByTestId('probability-up');
    const absent = page.getByTestId('prediction-absent');
    await probability.or(absent).waitFor(wait);
    await page.getByTestId('vote').waitFor();
    if (await probability.isVisible()) {
      expect(await probability.innerText()).toMatch(/^\d{1,3}\.\d%$/);
      expect(await page.getByTestId('score').innerText()).toMatch(/interval \d+\.\d% to \d+\.\d%/);
    } else {
      expect((await absent.innerText()).split('\n').length).toBeGreaterThan(2);
    }
    await context.close();
  });

  it('shows the paper account as paper', async () => {
    const { page, context } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    await page.getByText('PAPER', { exact: true }).waitFor(wait);
    await expect.poll(() => page.getByTestId('equity').innerText(), wait).toMatch(/^[\d,]+\.\d{2}\s*USDT$/);
    await context.close();
  });

  it('speaks Korean and English, and remembers which', async () => {
    const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    const html = page.locator('html');
    const look = async () => [await html.getAttribute('lang'), await html.getAttribute('data-palette')];
    await page.getByRole('button', { name: 'Kill switch' }).waitFor(wait);
    await expect.poll(look).toEqual(['en', 'green-red']);

    await page.getByRole('radio', { name: '한국어' }).click();
    await page.getByRole('button', { name: '긴급 정지' }).waitFor();
    // Red rises and blue falls on Korean screens, unless the reader chose otherwise.
    await expect.poll(look).toEqual(['ko', 'red-blue']);
    expect(await page.locator('[data-origin]').innerText()).toContain('모의 시장');

    await page.reload();
    await page.getByRole('button', { name: '긴급 정지' }).waitFor(wait);
    await expect.poll(look).toEqual(['ko', 'red-blue']);
    await page.getByRole('button', { name: '화면 설정' }).click();
    await page.getByRole('radio', { name: '상승 초록, 하락 빨강' }).click();
    await expect.poll(() => html.getAttribute('data-palette')).toBe('green-red');

    await page.keyboard.press('Escape');
    await page.getByRole('radio', { name: 'EN' }).click();
    await page.getByRole('button', { name: 'Kill switch' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('halts trading only after a confirmation and with the admin token, and resumes with a reason', async () => {
    const rest = restOf(textOf(program, 'url'));
    const { page, context } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    const state = page.getByTestId('trading-state');
    const dialog = page.getByRole('alertdialog');
    await expect.poll(() => state.getAttribute('data-state'), wait).toBe('ACTIVE');

    // Leaving the dialog changes nothing.
    await page.getByRole('button', { name: 'Kill switch' }).click();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await rest.tradingState()).state).toBe('ACTIVE');

    // A wrong token is refused in the server's words.
    await page.getByRole('button', { name: 'Kill switch' }).click();
    await dialog.getByLabel('Admin token').fill('monsta_admin_wrong');
    await dialog.getByRole('button', { name: 'Halt trading' }).click();
    await dialog.getByRole('alert').getByText('token_invalid').waitFor();
    expect((await rest.tradingState()).state).toBe('ACTIVE');
    await screenshot(page, 'kill-switch-refused');

    await dialog.getByLabel('Reason').fill('browser test halts');
    await dialog.getByLabel('Admin token').fill(token);
    await dialog.getByRole('button', { name: 'Halt trading' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => state.getAttribute('data-state')).toBe('HALTED');
    expect(await page.getByTestId('trading-reason').innerText()).toContain('browser test halts');
    expect(await rest.tradingState()).toMatchObject({ state: 'HALTED', reason: 'browser test halts', by: 'user' });
    await screenshot(page, 'halted');

    // The token is held in this tab now; a reason is asked for.
    await page.getByRole('button', { name: 'Resume' }).click();
    expect(await dialog.getByLabel('Admin token').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Resume trading' }).click();
    expect(await dialog.isVisible()).toBe(true);
    expect((await rest.tradingState()).state).toBe('HALTED');
    await dialog.getByLabel('Reason').fill('browser test resumes');
    await dialog.getByRole('button', { name: 'Resume trading' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => state.getAttribute('data-state')).toBe('ACTIVE');
    expect((await rest.tradingState()).state).toBe('ACTIVE');
    await context.close();
  });

  it('takes the token out of the address bar', async () => {
    const { page, context } = await openPage(browser, `${textOf(program, 'url')}/#token=${token}`, ENGLISH);
    await page.getByRole('button', { name: 'Kill switch' }).click(wait);
    expect(token).toMatch(/^monsta_admin_/);
    expect(page.url()).not.toContain(token);
    await page.getByRole('alertdialog').getByText('The admin token is held in this tab.').waitFor();
    await context.close();
  });

  it('can be worked with the keyboard alone', async () => {
    const { page, context } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    const halt = page.getByRole('button', { name: 'Kill switch' });
    await halt.waitFor(wait);
    await halt.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog', { name: 'Halt all trading?' });
    await dialog.waitFor();
    // The dialog holds the focus, and gives it back.
    await expect.poll(() => dialog.locator(':focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('button:focus').innerText()).toContain('Kill switch');
    await page.getByRole('tab', { name: 'Positions' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.getByRole('tab', { name: 'Orders' }).getAttribute('aria-selected')).toBe('true');
    await context.close();
  });

  for (const reader of [
    { language: 'en', device: 'desktop', scheme: 'light' },
    { language: 'ko', device: 'desktop', scheme: 'dark' },
    { language: 'en', device: 'phone', scheme: 'dark' },
    { language: 'ko', device: 'phone', scheme: 'light' },
  ] as const satisfies readonly Reader[]) {
    it(`fits a ${reader.device} in ${reader.language}, ${reader.scheme}`, async () => {
      const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), reader);
      await page.getByTestId('book').waitFor(wait);
      await page.getByTestId('legend').waitFor(wait);
      await page.getByTestId('vote').waitFor(wait);
      expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
      await page.getByRole('tab').nth(3).click();
      await screenshot(page, `${reader.device}-${reader.language}-${reader.scheme}`);
      expect(complaints).toEqual([]);
      await context.close();
    });
  }

  it('says when the server is gone, and goes on when it is back', async () => {
    const { page, context } = await openPage(browser, textOf(program, 'url'), ENGLISH);
    await page.locator('[data-liveness="live"]').waitFor(wait);
    const { port } = new URL(textOf(program, 'url'));
    await program.kill();
    await page.getByRole('alert').getByText('Reconnecting').waitFor({ timeout: 20_000 });
    await screenshot(page, 'reconnecting');
    program = await start(port);
    await page.locator('[data-liveness="live"]').waitFor(wait);
    const price = page.getByTestId('last-price');
    const before = await price.innerText();
    await expect.poll(() => price.innerText(), wait).not.toBe(before);
    // What is told live comes again: a strategy that somebody pauses elsewhere is seen to be.
    const card = page.getByRole('article', { name: 'ema-cross' });
    await card.locator('[data-status="running"]').waitFor(wait);
    const elsewhere = new MonstaClient({ baseUrl: textOf(program, 'url'), token });
    unwrap(await elsewhere.setStrategyState('ema-cross', { state: 'paused', reason: 'elsewhere' }));
    await card.locator('[data-status="paused"]').waitFor(wait);
    await context.close();
  });
});
