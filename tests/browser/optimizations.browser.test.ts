import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import type { OptimizationDetail } from '@monsta/contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  browserAbsence,
  launchBrowser,
  openPage,
  screenshot,
  screenshotOf,
  type Reader,
} from './chromium.test-support.ts';
import { writeHours } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { runProgram, textOf, type RunningProgram } from '../support/program.test-support.ts';

const absence = browserAbsence();
if (absence !== null) console.warn(`the browser tests of optimisations are skipped: ${absence}`);

const ENGLISH: Reader = { language: 'en', device: 'desktop', scheme: 'dark' };
const wait = { timeout: 60_000 };

/** Optimisations on the page, as `monsta optimize` leaves them beside the running program. */
describe.skipIf(absence !== null)('optimisations in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-optimizations-'));
  const dataDir = join(data, 'monsta');
  let browser: Browser;
  let program: RunningProgram;
  let client: MonstaClient;
  let home = '';

  beforeAll(async () => {
    const flags = [
      'start',
      '--json',
      '--port',
      '0',
      '--data-dir',
      dataDir,
      '--venue',
      'simulated',
      '--log-level',
      'warn',
    ];
    [browser, program] = await Promise.all([launchBrowser(), runProgram(flags)]);
    client = new MonstaClient({ baseUrl: textOf(program, 'url') });
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
  const newest = async (): Promise<OptimizationDetail> => {
    const [first] = unwrap(await client.optimizations({ limit: 1 })).items;
    return unwrap(await client.optimization(first?.id ?? ''));
  };

  it('say that there are none yet, and how one is begun', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests');
    await page.getByRole('link', { name: 'Optimisations' }).click(wait);
    await page.getByText('Nothing has been optimised yet.').waitFor(wait);
    expect(await page.locator('pre:visible').innerText()).toMatch(/^monsta optimize /);
    await screenshot(page, 'optimizations-none');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('show what came of one: out of sample first, its windows, and a map with the choice marked', async () => {
    const bars = writeHours(join(data, 'hours.csv'), 3_000);
    const space = '{"fast":[3,20],"slow":[25,80]}';
    const ended = await runCommand([
      ...['optimize', '--strategy', 'sma-cross', '--bars', bars, '--instrument', 'BTCUSDT', '--data-dir', dataDir],
      ...['--space', space, '--trials', '20', '--map-reach', '3', '--workers', '2', '--json'],
    ]);
    expect(ended.status).toBe(0);
    const { id, result, statistics } = await newest();
    if (result === null) throw new Error('it has no result');

    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/optimizations');
    const row = page.getByRole('list', { name: 'Optimisations' }).getByRole('listitem');
    const made = `${(100 * Math.abs(statistics?.['totalReturn'] ?? NaN)).toFixed(2)}%`;
    expect((await row.first().innerText(wait)).split('out of sample')[0]).toContain(made);
    await row.getByRole('link').first().click();
    await page.getByTestId('outcome').getByText(made).first().waitFor(wait);
    expect(await page.getByTestId('windows').getByRole('row').count()).toBe(result.windows.length + 1);
    expect(await page.getByTestId('warnings').getByRole('listitem').count()).toBe(result.warnings.length);
    expect(await page.getByTestId('chosen').innerText()).toContain(`fast ${String(result.parameters?.['fast'])}`);

    const map = page.getByTestId('map');
    const [pair] = result.map;
    expect(await map.locator('caption').innerText()).toContain('fast down, slow across');
    expect(await map.locator('tbody').getByRole('rowheader').allInnerTexts()).toEqual(pair?.rows.values.map(String));
    expect(await map.getByRole('cell').count()).toBe(pair?.objective.flat().length);
    const best = pair?.objective[pair.best.row]?.[pair.best.column] ?? NaN;
    expect(await map.locator('[data-chosen]').count()).toBe(1);
    expect(await map.locator('[data-chosen]').textContent()).toContain('the choice');
    expect(await map.locator('[data-chosen]').innerText()).toContain(Math.abs(best).toFixed(2));
    // The frame that the map scrolls in is reached by keyboard.
    await page
      .getByRole('region', { name: /^Map around the newest choice/ })
      .last()
      .focus();
    await screenshotOf(map, 'optimizations-map');
    const report = await page.getByRole('link', { name: 'Whole report' }).getAttribute('href');
    const answer = await page.request.get(new URL(report ?? '', page.url()).href);
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain(id);
    await screenshot(page, 'optimizations-result');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('let one of several pairs be chosen, and say so where nothing was held back', async () => {
    const bars = writeHours(join(data, 'more.csv'), 900);
    const ended = await runCommand([
      ...['optimize', '--strategy', 'bollinger-breakout', '--bars', bars, '--instrument', 'BTCUSDT'],
      ...[
        '--data-dir',
        dataDir,
        '--trials',
        '12',
        '--map-reach',
        '1',
        '--workers',
        '2',
        '--walk-forward',
        'none',
        '--json',
      ],
    ]);
    expect(ended.status).toBe(0);
    const { id, result } = await newest();
    expect(result?.map.length).toBeGreaterThan(1);
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, `#/backtests/optimizations/${id}`);
    await page.getByText('nothing says what the choice is worth').waitFor(wait);
    const second = result?.map[1];
    await page.getByLabel('Parameters').selectOption('1');
    const corner = await page.getByTestId('map').locator('thead th').first().innerText();
    expect(corner).toBe(`${second?.rows.name} ↓ ${second?.columns.name} →`);
    await screenshot(page, 'optimizations-untested');
    expect(complaints).toEqual([]);
    await context.close();
  });

  for (const reader of [
    { language: 'ko', device: 'phone', scheme: 'dark' },
    { language: 'ko', device: 'desktop', scheme: 'light' },
  ] as const satisfies readonly Reader[]) {
    it(`fit a ${reader.device} in ${reader.language}: list and result`, async () => {
      const { page, context, complaints } = await openPage(browser, home, reader);
      if (reader.device === 'phone') await page.setViewportSize({ width: 360, height: 780 });
      const tested = unwrap(await client.optimizations()).items.find((each) => each.tested);
      for (const [name, hash, there] of [
        ['list', '#/backtests/optimizations', 'ul[aria-label="최적화"] li'],
        ['result', `#/backtests/optimizations/${tested?.id ?? ''}`, '[data-testid=map]'],
      ] as const) {
        await go(page, hash);
        await page.locator(there).first().waitFor(wait);
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
        await screenshot(page, `optimizations-${reader.language}-${reader.device}-${name}`);
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
