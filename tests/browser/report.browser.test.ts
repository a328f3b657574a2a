import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderComparison, renderReport } from '@monsta/simulation';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/program.test-support.ts';
import { madeUpRun } from './backtest-run.test-support.ts';
import { browserAbsence, launchBrowser, openPage, screenshot, type Reader } from './chromium.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of reports are skipped: ${absence}`);

/** How wide the content is, and how wide the window. */
const WIDTHS = '[document.documentElement.scrollWidth, innerWidth]';
/** How high each drawing is. */
const HEIGHTS = `[...document.querySelectorAll('.plot svg')].map((each) => each.getBoundingClientRect().height)`;

const READERS: readonly Reader[] = [
  { language: 'en', device: 'desktop', scheme: 'light' },
  { language: 'en', device: 'phone', scheme: 'dark' },
  { language: 'ko', device: 'desktop', scheme: 'dark' },
  { language: 'ko', device: 'phone', scheme: 'light' },
];

function fileOf(name: string, html: string): string {
  const folder = join(ROOT, '.cache/browser');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

describe.skipIf(absence !== null)('the report of a backtest', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  const run = madeUpRun(1);

  it.each(READERS)('fits $language readers on a $device ($scheme) and asks for nothing', async (reader) => {
    const name = `report-${reader.language}-${reader.device}-${reader.scheme}`;
    const url = fileOf(`${name}.html`, renderReport(run, reader.language));
    const { page, context, complaints } = await openPage(browser, url, reader);
    const [content, window] = await page.evaluate<readonly [number, number]>(WIDTHS);
    expect(content).toBeLessThanOrEqual(window);
    // Every drawing has found its room.
    const rooms = await page.evaluate<readonly number[]>(HEIGHTS);
    expect(rooms.length).toBeGreaterThan(6);
    expect(Math.min(...rooms)).toBeGreaterThan(100);
    await screenshot(page, name);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows the definition of a figure to whoever points at it or reaches it by keyboard', async () => {
    const reader = { language: 'en', device: 'desktop', scheme: 'light' } as const;
    const { page, context } = await openPage(browser, fileOf('report-terms.html', renderReport(run, 'en')), reader);
    const term = page.locator('.term', { hasText: 'Profit factor' }).first();
    await term.focus();
    expect(await page.evaluate<string>(`getComputedStyle(document.activeElement, '::after').content`)).toContain(
      'Sum of the profits ÷ sum of the losses',
    );
    await context.close();
  });

  it.each(READERS)('sets several side by side for $language readers on a $device ($scheme)', async (reader) => {
    const others = [madeUpRun(3, { strategy: 'ema-cross' }), madeUpRun(5)];
    const name = `comparison-${reader.language}-${reader.device}-${reader.scheme}`;
    const url = fileOf(`${name}.html`, renderComparison([run, ...others], reader.language));
    const { page, context, complaints } = await openPage(browser, url, reader);
    const [content, window] = await page.evaluate<readonly [number, number]>(WIDTHS);
    expect(content).toBeLessThanOrEqual(window);
    await screenshot(page, name);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
