import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveWorld } from '../support/live-world.test-support.ts';
import { textOf } from '../support/program.test-support.ts';
import { browserAbsence, launchBrowser, openPage, screenshot } from './chromium.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`browser tests are skipped: ${absence}`);

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
