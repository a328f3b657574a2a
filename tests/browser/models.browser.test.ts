import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserAbsence, launchBrowser, openPage, screenshot, type Reader } from './chromium.test-support.ts';
import { startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of models are skipped: ${absence}`);

const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'light' };
const KOREAN: Reader = { language: 'ko', device: 'phone', scheme: 'dark' };
const wait = { timeout: 30_000 };
const LINE = 'BTCUSDT-1h-logistic-regression';

describe.skipIf(absence !== null)('kept models in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-models-page-'));
  let browser: Browser;
  let program: RunningProgram;
  let [url, home, id] = ['', '', ''];

  beforeAll(async () => {
    const config = join(folder, 'config.json');
    const models = { intervals: ['1h'], resamples: 200 };
    const executors = [{ name: 'logistic-regression', parameters: { l2: 3 } }];
    writeFileSync(config, JSON.stringify({ venue: { instruments: ['BTCUSDT'] }, models }));
    const flags = ['--config', config, '--port', '0', '--data-dir', join(folder, 'data'), '--log-level', 'warn'];
    [browser, program] = await Promise.all([
      launchBrowser(),
      startProgram(flags, { MONSTA_MODELS__EXECUTORS: JSON.stringify(executors) }),
    ]);
    url = textOf(program, 'url');
    home = `${url}/#token=${textOf(program, 'adminToken')}`;
    const client = new MonstaClient({ baseUrl: url });
    // While the backfill goes on behind the newest bars, a model of few bars is followed by one of more.
    const found = await until(
      async () => unwrap(await client.models()).items.find(({ state, bars }) => state === 'serving' && bars > 8_000),
      (model) => model !== undefined,
      90_000,
      'a model of the whole history',
    );
    id = found?.id ?? '';
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const fits = async (page: Page): Promise<boolean> =>
    page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

  it('are listed with what each is worth, retired, and promoted by a person', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await page.getByRole('link', { name: 'Models', exact: true }).click(wait);
    const list = page.getByRole('list', { name: 'Kept models' });
    const row = list.getByRole('listitem').filter({ has: page.locator('[data-state=serving]') });
    await row.waitFor(wait);
    expect(await row.innerText()).toMatch(/BTCUSDT · 1h · logistic-regression[\s\S]*skill [+-−]?[\d.]+ points to/);
    await row.getByRole('link').click();
    const view = page.getByTestId('model');
    await view.waitFor(wait);
    const model = unwrap(await new MonstaClient({ baseUrl: url }).model(id));
    const text = await view.innerText();
    expect(text).toContain(id);
    expect(text).toContain(model.score.logLoss.toFixed(5));
    expect(text).toContain(`${model.rows.toLocaleString('en')} rows of ${model.bars.toLocaleString('en')} bars`);
    expect(text).toContain('l2 3');
    expect(text).toContain(model.decision.reason);
    expect(await view.getByTestId('vote').innerText()).toContain(model.hasVote ? 'Has a vote' : 'Has no vote');
    expect(await view.locator('[data-testid=reliability] circle').count()).toBe(
      (model.score.calibration?.before.bins.length ?? 0) + (model.score.calibration?.after.bins.length ?? 0),
    );
    expect(await fits(page)).toBe(true);
    await screenshot(page, 'models-en');

    await view.getByRole('button', { name: 'Retire' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('paper').first().waitFor(wait);
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await view.locator('[data-state=retired]').waitFor(wait);
    const { items } = unwrap(await new MonstaClient({ baseUrl: url }).predictions({ instrument: 'BTCUSDT' })) ?? {};
    expect(items?.[0]?.absence?.code).toBe('retired');
    await view.getByRole('button', { name: 'Let it serve' }).click();
    await dialog.getByRole('button', { name: 'Let it serve' }).click();
    await view.locator('[data-state=serving]').waitFor(wait);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('are shown in Korean on a phone, and one that is gone is said to be', async () => {
    const { page, context, complaints } = await openPage(browser, `${url}/#/models`, KOREAN);
    await page.getByRole('list', { name: '보관된 모델' }).getByRole('link').first().waitFor(wait);
    expect(await fits(page)).toBe(true);
    await screenshot(page, 'models-list-ko-phone');
    await page.evaluate(`window.location.hash = '#/models/${id}'`);
    await page.getByTestId('model').getByText('학습 재료와 비교 결과').waitFor(wait);
    expect(await fits(page)).toBe(true);
    await screenshot(page, 'models-ko-phone');
    await page.evaluate(`window.location.hash = '#/models/${LINE}-999'`);
    await page
      .getByRole('alert')
      .filter({ hasText: `${LINE}-999` })
      .waitFor(wait);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
