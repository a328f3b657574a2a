import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  browserAbsence,
  launchBrowser,
  openPage,
  screenshot,
  screenshotOf,
  type Reader,
} from './chromium.test-support.ts';
import { runProgram, textOf, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of trading by hand are skipped: ${absence}`);

const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'dark' };
const wait = { timeout: 60_000 };
const DOWN = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'falls-over',
  parameters: {},
  intervals: () => [],
  onTrade() {
    throw new Error('the fourth wheel came off');
  },
});
`;

/** The port that a server of this machine's own took. */
async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** The trading that a person does on the page, against the real program with paper money on a simulated market. */
describe.skipIf(absence !== null)('a trader’s desk in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-desk-'));
  let browser: Browser;
  let program: RunningProgram;
  let client: MonstaClient;
  let home = '';
  /** What the webhook of the alerts was sent. */
  const told: string[] = [];
  const hook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      told.push(body);
      response.end();
    });
  });

  beforeAll(async () => {
    const file = join(data, 'falls-over.ts');
    writeFileSync(file, DOWN);
    const flags = ['--port', '0', '--data-dir', data, '--venue', 'simulated', '--log-level', 'warn'];
    // It trades another instrument than the person does: the limits of a position are those of the account.
    const strategies = ['--strategy', 'ema-cross', '--instruments', 'ETHUSDT', '--strategy', file];
    const port = await listen(hook);
    const channels = [{ name: 'desk', kind: 'webhook', url: `http://127.0.0.1:${port}/`, per_hour_max: 3600 }];
    [browser, program] = await Promise.all([
      launchBrowser(),
      runProgram(['start', '--json', ...flags, ...strategies], {
        MONSTA_TRADING__ROLE__EQUITY_SAMPLE_MS: '1000',
        MONSTA_ALERTS__CHANNELS: JSON.stringify(channels),
      }),
    ]);
    client = new MonstaClient({ baseUrl: textOf(program, 'url') });
    home = `${textOf(program, 'url')}/#token=${textOf(program, 'adminToken')}`;
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    hook.close();
    rmSync(data, { recursive: true, force: true });
  });

  const dialogOf = (page: Page): Locator => page.getByRole('alertdialog');
  const strategy = async (id: string) =>
    unwrap(await client.strategies()).items?.find((each) => each.id === id) ?? null;
  const manualOrders = async () => unwrap(await client.orders()).items.filter((each) => each.strategyId === 'manual');
  /** About `share` of the last price, on whole units of the quote asset: on any tick. */
  const priceAt = async (page: Page, share: number): Promise<string> => {
    const last = async (): Promise<number> =>
      Number((await page.getByTestId('last-price').innerText()).replaceAll(',', ''));
    // A dash stands there until the first trade.
    await expect.poll(last, wait).toBeGreaterThan(0);
    return String(Math.round((await last()) * share));
  };

  it('pauses a strategy and starts it again, each with a reason that stays on record', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    const card = page.getByRole('article', { name: 'ema-cross' });
    await card.locator('[data-status="running"]').waitFor(wait);
    await card.getByRole('button', { name: 'Pause ema-cross' }).click();
    await dialogOf(page).getByLabel('Reason').fill('lunch');
    await dialogOf(page).getByRole('button', { name: 'Pause', exact: true }).click();
    await card.locator('[data-status="paused"]').waitFor(wait);
    expect(await card.innerText()).toContain('lunch');
    expect(await strategy('ema-cross')).toMatchObject({ status: 'paused' });

    await card.getByRole('button', { name: 'Start ema-cross' }).click();
    await dialogOf(page).getByRole('button', { name: 'Start', exact: true }).click();
    await card.locator('[data-status="running"]').waitFor(wait);
    expect(await strategy('ema-cross')).toMatchObject({ status: 'running' });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows a strategy that threw with its file, its line and what it said, and the others running', async () => {
    const { page, context } = await openPage(browser, home, ENGLISH);
    const card = page.getByRole('article', { name: 'falls-over' });
    await card.locator('[data-status="failed"]').waitFor(wait);
    const alert = card.getByRole('alert');
    expect(await alert.innerText()).toMatch(/falls-over\.ts:7/);
    expect(await alert.innerText()).toContain('the fourth wheel came off');
    await page.getByRole('article', { name: 'ema-cross' }).locator('[data-status="running"]').waitFor(wait);
    await context.close();
  });

  it('changes a parameter within its range only, and shows at the field what the server has against it', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    const before = (await strategy('ema-cross'))?.parameters;
    await page.getByRole('button', { name: 'Parameters of ema-cross' }).click(wait);
    const fast = dialogOf(page).getByLabel('fast', { exact: true });
    const send = dialogOf(page).getByRole('button', { name: 'Change parameters' });
    await fast.fill('1');
    expect(await dialogOf(page).innerText()).toContain('Must be from 2 to 200');
    expect(await fast.getAttribute('aria-invalid')).toBe('true');
    await send.click();
    expect(await dialogOf(page).isVisible()).toBe(true);
    await screenshot(page, 'desk-parameters');

    // In its range, and against another one: that only the strategy knows.
    await fast.fill('50');
    await send.click();
    await dialogOf(page).getByText('parameters_invalid').waitFor();
    expect(await fast.getAttribute('aria-invalid')).toBe('true');
    expect((await strategy('ema-cross'))?.parameters).toEqual(before);

    await fast.fill('5');
    await send.click();
    await dialogOf(page).waitFor({ state: 'detached' });
    await expect.poll(async () => (await strategy('ema-cross'))?.parameters, wait).toEqual({ ...before, fast: 5 });
    await page.getByRole('article', { name: 'ema-cross' }).getByText('fast 5', { exact: true }).waitFor();
    // The server's 422 is all that the browser's console complains of.
    expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);
    await context.close();
  });

  it('places a limit order once however often it is pressed, and cancels it', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByTestId('last-price').waitFor(wait);
    const price = await priceAt(page, 0.97);
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Review purchase' }) });
    await form.getByLabel('Quantity').fill('0.0010000001');
    await form.getByLabel('Limit price').fill(`${price}.005`);
    await page.getByRole('button', { name: 'Review purchase' }).click();
    expect(await dialogOf(page).count()).toBe(0);
    expect(await form.innerText()).toContain('Not on a tick');
    expect(await form.innerText()).toContain('Not on a lot');

    await form.getByLabel('Quantity').fill('0.001');
    await form.getByLabel('Limit price').fill(price);
    expect(await form.getByTestId('estimate').innerText()).toContain('An estimate, before fees');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.postData() ?? '');
    });
    // By keyboard: the field's Enter asks, as a button would.
    await form.getByLabel('Limit price').press('Enter');
    await dialogOf(page).locator('[data-at-stake="paper"]').waitFor();
    expect(await dialogOf(page).getByTestId('order-summary').innerText()).toContain('0.001 BTC');
    await screenshot(page, 'desk-confirm');
    await dialogOf(page).getByRole('button', { name: 'Place order' }).dblclick();
    await dialogOf(page).waitFor({ state: 'detached' });
    await page.getByTestId('entry-result').getByText('Placed.').waitFor();
    expect(sent.map((body) => /"requestId":"page-[0-9a-f]{32}"/.test(body))).toEqual([true]);
    await expect.poll(async () => (await manualOrders()).map(({ status }) => status), wait).toEqual(['accepted']);

    await page.getByRole('tab', { name: 'Orders' }).click();
    await page.getByRole('tabpanel').getByText('Open', { exact: true }).waitFor(wait);
    await page
      .getByRole('tabpanel')
      .getByRole('button', { name: /^Cancel order / })
      .click();
    await dialogOf(page).getByRole('button', { name: 'Cancel order' }).click();
    await dialogOf(page).waitFor({ state: 'detached' });
    await page.getByRole('tabpanel').getByText('Cancelled', { exact: true }).waitFor(wait);
    expect((await manualOrders()).map(({ status }) => status)).toEqual(['canceled']);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says by which rule risk refuses an order, its limit and the actual number', async () => {
    const { page, context } = await openPage(browser, home, ENGLISH);
    await page.getByTestId('last-price').waitFor(wait);
    await page.getByLabel('Type', { exact: true }).selectOption('market');
    await page.getByLabel('Size in').selectOption('quote');
    await page.getByLabel('Amount').fill('5000');
    await page.getByRole('button', { name: 'Review purchase' }).click(wait);
    await dialogOf(page).getByRole('button', { name: 'Place order' }).click();
    const denial = dialogOf(page).getByTestId('denial');
    await denial.waitFor(wait);
    expect(await denial.innerText()).toMatch(/Rule\s+position_max\s+Limit\s+\S+.*\s+Actual\s+\S+/);
    await screenshot(page, 'desk-denied');
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).click();
    const [newest] = await manualOrders();
    expect(newest?.status).not.toBe('filled');
    await context.close();
  });

  it('buys with a stop and a take profit, shows the position with both, and closes it', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByTestId('last-price').waitFor(wait);
    await page.getByLabel('Type', { exact: true }).selectOption('market');
    await page.getByLabel('Quantity').first().fill('0.004');
    await page.getByText('Stop and take profit for the position').click();
    await page.getByLabel('Stop price', { exact: true }).fill(await priceAt(page, 0.97));
    await page.getByLabel('Take-profit price').fill(await priceAt(page, 1.04));
    await page.getByRole('button', { name: 'Review purchase' }).click();
    await dialogOf(page).getByRole('button', { name: 'Place order' }).click();
    await dialogOf(page).waitFor({ state: 'detached' });

    const close = page.getByRole('tabpanel').getByRole('button', { name: 'Close BTCUSDT of manual' });
    await close.waitFor(wait);
    await page.getByRole('tabpanel').getByText('at the venue').waitFor(wait);
    expect(await page.getByTestId('position-totals').innerText()).toContain('Account');
    await screenshot(page, 'desk-position');
    await close.click();
    await dialogOf(page).getByRole('button', { name: 'Close position' }).click();
    await dialogOf(page).waitFor({ state: 'detached' });
    await close.waitFor({ state: 'detached', ...wait });
    // The fee was taken in coins: what no lot is left of stays, and can't be sold.
    const held = unwrap(await client.positions()).items?.find(({ strategyId }) => strategyId === 'manual');
    expect(Number(held?.quantity)).toBeLessThan(0.00001);
    await page.getByRole('tabpanel').getByText('less than one lot').waitFor(wait);

    await page.getByRole('tab', { name: 'Round trips' }).click();
    await page.getByRole('tabpanel').getByRole('cell', { name: 'manual' }).waitFor(wait);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('draws the equity with labelled axes, walks over it by keyboard, and offers the books as CSV', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('tab', { name: 'Equity' }).click(wait);
    const chart = page.getByTestId('equity-chart');
    await chart.locator('polyline').first().waitFor(wait);
    expect(await chart.innerText()).toMatch(/Equity \(USDT\)[\s\S]*Drawdown[\s\S]*Time \(/);
    const point = page.getByTestId('equity-point');
    const newest = await point.innerText();
    await chart.getByRole('slider').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await point.innerText()).not.toBe(newest);
    // What it shows is the server's.
    const { summary, trips } = unwrap(await client.performance());
    expect(summary?.samples).toBeGreaterThan(1);
    expect(trips.trips).toBeGreaterThan(0);
    // A strategy may close another one while this looks.
    const agrees = async (): Promise<boolean> => {
      const now = unwrap(await client.performance()).trips;
      return (await page.getByRole('tabpanel').innerText()).includes(`${now.trips}: ${now.won} won`);
    };
    await expect.poll(agrees, wait).toBe(true);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Fills (CSV)' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('fills.csv');
    await screenshot(page, 'desk-equity');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows how much of each limit is used, as the server has it', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('tab', { name: 'Limits' }).click(wait);
    const rows = page.getByRole('tabpanel').getByRole('row');
    await rows.nth(1).waitFor(wait);
    const { risk } = unwrap(await client.risk());
    expect(risk?.limits.length).toBeGreaterThan(3);
    expect(await rows.count()).toBe((risk?.limits.length ?? 0) + 1);
    // The strategy that fell over is the one thing that is held back.
    expect(await page.getByRole('tabpanel').innerText()).toMatch(/falls-over · failed/);
    await screenshot(page, 'desk-limits');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lists what a person is told of, and where it went', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('tab', { name: 'Alerts' }).click(wait);
    const list = page.getByRole('list', { name: 'Alerts' });
    await list.locator('[data-alert="strategy_failed"]').waitFor(wait);
    expect(await list.innerText()).toContain('the fourth wheel came off');
    await page.getByRole('button', { name: 'Send a test message' }).click();
    await dialogOf(page).getByRole('button', { name: 'Send test' }).click();
    await page.getByTestId('alert-test').getByText('desk: sent').waitFor(wait);
    await list.locator('[data-alert="strategy_failed"]').getByText('sent', { exact: true }).waitFor(wait);
    expect(told.some((body) => body.includes('the fourth wheel came off'))).toBe(true);
    await screenshot(page, 'desk-alerts');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('filters what was decided, and tells who asked for what', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('tab', { name: 'Why no trade?' }).click(wait);
    const panel = page.getByRole('tabpanel');
    await panel.getByLabel('Strategy').selectOption('manual', wait);
    await panel.getByText('Asked by a person').first().waitFor(wait);
    expect(await panel.innerText()).toMatch(/\d+ of \d+ loaded/);
    await screenshot(page, 'desk-decisions');
    expect(complaints).toEqual([]);
    await context.close();
  });

  for (const reader of [
    { language: 'ko', device: 'desktop', scheme: 'light' },
    { language: 'ko', device: 'phone', scheme: 'dark' },
    { language: 'en', device: 'phone', scheme: 'light' },
  ] as const satisfies readonly Reader[]) {
    it(`fits a ${reader.device} in ${reader.language}, each tab of it`, async () => {
      const { page, context, complaints } = await openPage(browser, home, reader);
      // The narrowest phones that are still about.
      if (reader.device === 'phone') await page.setViewportSize({ width: 360, height: 780 });
      await page.getByRole('article', { name: 'falls-over' }).waitFor(wait);
      const tabs = page.getByRole('tab');
      for (let index = 0; index < (await tabs.count()); index += 1) {
        await tabs.nth(index).click();
        await page.getByRole('tabpanel').locator('table, [data-testid="equity-chart"], ul').first().waitFor(wait);
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
        await screenshotOf(page.getByRole('tabpanel'), `desk-${reader.language}-${reader.device}-${index}`);
      }
      if (reader.language === 'ko') {
        const words = await page.locator('body').innerText();
        for (const word of ['직접 주문', '매수 주문 확인', '전략', '알림']) expect(words).toContain(word);
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
