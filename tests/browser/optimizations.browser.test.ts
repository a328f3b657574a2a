import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** A bar takes its time, so that a run can be seen. */
const SLOW = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'slow',
  parameters: { level: { kind: 'integer', default: 3, min: 1, max: 9 } },
  intervals: () => ['1h'],
  onBar() {
    const end = performance.now() + 3;
    while (performance.now() < end);
  },
});
`;

/** Optimisations on the page: as `monsta optimize` leaves them beside the running program, and as the page itself begins them. */
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
    const strategies = join(data, 'strategies');
    mkdirSync(strategies);
    writeFileSync(join(strategies, 'slow.ts'), SLOW);
    const folders = { MONSTA_BACKTESTS__STRATEGY_FOLDERS: JSON.stringify([strategies]) };
    [browser, program] = await Promise.all([launchBrowser(), runProgram(flags, folders)]);
    client = new MonstaClient({ baseUrl: textOf(program, 'url'), token: textOf(program, 'adminToken') });
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

  it('are begun from a form that sends nothing while a field is wrong, and shows the server’s own faults beside their fields', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/optimizations');
    await page.getByRole('link', { name: 'New optimisation' }).click(wait);
    const form = page.getByRole('form', { name: 'New optimisation' });
    await form.getByTestId('range-fast').waitFor(wait);
    await screenshot(page, 'optimizations-form');
    await form.getByLabel('fast: from').fill('900');
    await form.getByLabel('Trials in each window').fill('0');
    await form.getByLabel('Chosen on').fill('long');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.url());
    });
    const run = form.getByRole('button', { name: 'Run optimisation' });
    await run.click();
    const said = await form.innerText();
    expect(said).toMatch(/Both ends must be whole numbers from \d+ to \d+/);
    expect(said).toContain('A whole number from 1 to 100,000');
    expect(said).toContain('A length such as 180d');
    expect(said).toContain('Not sent: 3 of the values above');
    await form.getByLabel('fast', { exact: true }).first().uncheck();
    await form.getByLabel('slow', { exact: true }).first().uncheck();
    expect(await form.innerText()).toContain('Choose one at least');
    expect(sent).toEqual([]);
    await screenshot(page, 'optimizations-form-faults');

    await form.getByLabel('fast', { exact: true }).first().check();
    await form.getByLabel('Trials in each window').fill('5');
    await form.getByLabel('Chosen on').fill('40%');
    // Whether a grid has few enough points is the server's to say.
    await form.getByLabel('Search by').selectOption('grid');
    await run.click();
    await form
      .getByText(/the grid has \d+ points, and there may be 5 trials/)
      .first()
      .waitFor(wait);
    expect(sent).toHaveLength(1);
    await screenshot(page, 'optimizations-form-refused');
    expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);
    await context.close();
  });

  it('run from the form on the catalogue’s bars, show how far they are, and what came of them as the server has it', async () => {
    const bars = writeHours(join(data, 'ETHUSDT-1h.csv'), 4_000, 3);
    const imported = await runCommand([
      ...['data', 'import', bars, '--instrument', 'ETHUSDT', '--interval', '1h', '--data-dir', dataDir, '--json'],
    ]);
    expect(imported.status).toBe(0);
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/optimizations/new');
    const form = page.getByRole('form', { name: 'New optimisation' });
    await form.getByLabel('Bars from').selectOption('catalogue', wait);
    await form.getByRole('checkbox', { name: 'ETHUSDT' }).check(wait);
    await form
      .getByTestId('bars-there')
      .getByText(/ETHUSDT 4,000 bars/)
      .waitFor(wait);
    for (const [label, value] of [
      ['fast: from', '3'],
      ['fast: to', '20'],
      ['slow: from', '25'],
      ['slow: to', '80'],
      ['Trials in each window', '15'],
      ['Map reaches', '2'],
    ] as const)
      await form.getByLabel(label, { exact: true }).fill(value);
    await form.getByLabel('Best by').selectOption('totalReturn');
    await form.getByRole('button', { name: 'Run optimisation' }).click();
    await page.getByTestId('outcome').waitFor(wait);
    const { result, spec, state } = await newest();
    if (result === null) throw new Error('it has no result');
    expect(state).toBe('done');
    expect(spec).toMatchObject({
      space: { fast: { from: 3, to: 20 }, slow: { from: 25, to: 80 } },
      backtest: { data: { kind: 'catalogue' }, instruments: ['ETHUSDT'], interval: '1h' },
      ...{ trials: 15, objective: 'totalReturn', sampler: 'tpe', mapReach: 2, language: 'en' },
    });
    expect(await page.getByTestId('windows').getByRole('row').count()).toBe(result.windows.length + 1);
    expect(await page.getByTestId('assumptions').getByRole('listitem').count()).toBe(result.assumptions.length);
    await page.getByTestId('curves-chart').locator('polyline').first().waitFor(wait);
    const last = result.outOfSample?.equity.equity.at(-1) ?? NaN;
    expect(await page.getByTestId('curve-point').innerText()).toContain(
      last.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    );
    await page.getByTestId('map').waitFor();
    await screenshot(page, 'optimizations-from-form');

    // What was asked is where the next one begins.
    await page.getByRole('link', { name: 'Change and run again' }).click();
    await expect.poll(() => form.getByLabel('slow: to', { exact: true }).inputValue(), wait).toBe('80');
    expect(await form.getByLabel('Best by').inputValue()).toBe('totalReturn');
    expect(await form.getByLabel('Bars from').inputValue()).toBe('catalogue');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('show their progress, are canceled and removed', async () => {
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, '#/backtests/optimizations/new');
    const form = page.getByRole('form', { name: 'New optimisation' });
    await form.getByLabel('Strategy', { exact: true }).selectOption('slow.ts', wait);
    await form.getByLabel('From (UTC)').fill(new Date(Date.now() - 15 * 86_400_000).toISOString().slice(0, 10));
    await form.getByLabel('Walk-forward').selectOption('no');
    await form.getByText('no figure will say what the choice is worth').waitFor(wait);
    await form.getByRole('button', { name: 'Run optimisation' }).click();
    const bar = page.getByRole('progressbar', { name: 'Progress' }).first();
    await expect.poll(async () => Number(await bar.getAttribute('value', wait)), wait).toBeGreaterThan(0);
    await screenshot(page, 'optimizations-running');
    const { id } = await newest();
    await page.getByRole('button', { name: 'Cancel optimisation' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel optimisation' }).click();
    await page.getByText('It was stopped; its trials are kept.').waitFor(wait);
    expect(unwrap(await client.optimization(id))).toMatchObject({ state: 'canceled', fault: null });
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Choose an optimisation on the left').waitFor(wait);
    expect((await client.optimization(id)).ok).toBe(false);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('that failed say why', async () => {
    const { id } = unwrap(
      await client.runOptimization({
        backtest: { strategy: 'sma-cross', data: { kind: 'collected' }, instruments: ['BTCUSDT'], interval: '1h' },
        walkForward: { train: '9000d', test: '90d' },
      }),
    );
    const { page, context, complaints } = await openPage(browser, home, ENGLISH);
    await go(page, `#/backtests/optimizations/${id}`);
    await page.getByRole('alert').getByText('It failed.').waitFor(wait);
    expect(await page.getByRole('alert').first().innerText()).toContain('one window needs 9090d');
    await screenshot(page, 'optimizations-failed');
    expect(complaints).toEqual([]);
    await context.close();
  });

  for (const reader of [
    { language: 'ko', device: 'phone', scheme: 'dark' },
    { language: 'ko', device: 'desktop', scheme: 'light' },
    { language: 'en', device: 'phone', scheme: 'light' },
  ] as const satisfies readonly Reader[]) {
    it(`fit a ${reader.device} in ${reader.language}: list, form and result`, async () => {
      const { page, context, complaints } = await openPage(browser, home, reader);
      if (reader.device === 'phone') await page.setViewportSize({ width: 360, height: 780 });
      const tested = unwrap(await client.optimizations()).items.find(({ tested, state }) => tested && state === 'done');
      for (const [name, hash, there] of [
        ['list', '#/backtests/optimizations', 'main ul li'],
        ['form', '#/backtests/optimizations/new', '[data-testid=range-fast]'],
        ['result', `#/backtests/optimizations/${tested?.id ?? ''}`, '[data-testid=map]'],
      ] as const) {
        await go(page, hash);
        await page.locator(there).first().waitFor(wait);
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
        await screenshot(page, `optimizations-${reader.language}-${reader.device}-${name}`);
      }
      if (reader.language === 'ko') {
        const notes = [page.getByTestId('warnings'), page.getByTestId('assumptions')];
        for (const each of notes) {
          expect(await each.locator('li[lang=en]').count()).toBe(0);
          for (const item of await each.getByRole('listitem').allInnerTexts()) expect(item).toMatch(/[가-힣]{2}/);
        }
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
