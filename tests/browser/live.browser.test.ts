import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveWorld } from '../support/live-world.test-support.ts';
import { textOf } from '../support/program.test-support.ts';
import { browserAbsence, launchBrowser, openPage, screenshot } from './chromium.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`browser tests are skipped: ${absence}`);

const SIZE = { en: 'Quantity', ko: '수량' } as const;
const REVIEW = { en: 'Review purchase', ko: '매수 주문 확인' } as const;

describe.skipIf(absence !== null)('the page of a program that trades live', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    ['binance', 'money', { en: 'REAL MONEY', ko: '실제 자금' }],
    ['binance-testnet', 'testnetLive', { en: 'TESTNET', ko: '테스트넷' }],
  ] as const)('on %s says whose money it is, where it can not be overlooked', async (venue, mark, words) => {
    const world = await LiveWorld.open(31, venue);
    const program = await world.start(world.strategy('idle', '    context.setTarget(0);'));
    try {
      for (const [language, device] of [
        ['en', 'desktop'],
        ['ko', 'phone'],
      ] as const) {
        const reader = { language, device, scheme: 'dark' } as const;
        const { page, context, complaints } = await openPage(browser, textOf(program, 'url'), reader);
        const banner = page.locator(`[data-origin="${mark}"]`);
        await banner.waitFor({ timeout: 60_000 });
        expect(await banner.innerText()).toContain(words[language]);
        const label = page.getByTestId('account-kind');
        await label.waitFor({ timeout: 60_000 });
        expect(await label.innerText()).toBe(words[language]);
        // Where an order is asked for once more, it is said once more.
        await page.getByLabel(SIZE[language], { exact: true }).fill('0.001');
        await page.locator('select[name="type"]').selectOption('market');
        await page.getByRole('button', { name: REVIEW[language] }).click();
        const stake = page.getByRole('alertdialog').locator('[data-at-stake]');
        await stake.waitFor({ timeout: 60_000 });
        expect(await stake.innerText()).toContain(words[language]);
        await page.keyboard.press('Escape');
        await screenshot(page, `live-${venue}-${language}`);
        expect(complaints).toEqual([]);
        await context.close();
      }
      expect(await program.stop()).toBe(0);
    } finally {
      await program.kill();
      await world.close();
    }
  });
});
