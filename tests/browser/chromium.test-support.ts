import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { onTestFailed } from 'vitest';
import { ROOT } from '../support/program.test-support.ts';

const CHROMIUM = '/usr/bin/chromium';
const SHOTS = join(ROOT, '.cache/browser');

/** Where there is no browser these tests skip and say so; in continuous integration its absence is a failure. */
export function browserAbsence(): string | null {
  if (existsSync(CHROMIUM)) return null;
  const why = `${CHROMIUM} is not installed (Debian: apt-get install chromium fonts-nanum)`;
  if (process.env['MONSTA_CI'] === '1') throw new Error(`${why}; MONSTA_CI=1 asks for the browser tests`);
  return why;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Reader {
  readonly language: 'en' | 'ko';
  readonly device: 'desktop' | 'phone';
  readonly scheme: 'light' | 'dark';
}

/** A page, and everything it complained of. */
export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, thrown errors, and requests to anywhere but its own origin. */
  readonly complaints: readonly string[];
}

/** Opens the page as one reader sees it. Of a test that fails a picture is kept, and what the page said. */
export async function openPage(browser: Browser, url: string, reader: Reader): Promise<OpenedPage> {
  const phone = reader.device === 'phone';
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    deviceScaleFactor: phone ? 2 : 1,
    isMobile: phone,
    hasTouch: phone,
    locale: reader.language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: reader.language === 'ko' ? 'Asia/Seoul' : 'Europe/London',
    colorScheme: reader.scheme,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const own = new URL(url).host;
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol.startsWith('http') && target.host !== own) complaints.push(`request: ${request.url()}`);
  });
  onTestFailed(async ({ task }) => {
    await screenshot(page, `failed-${task.name.replaceAll(/[^a-z0-9]+/gi, '-')}`);
    console.error([`${task.name}:`, ...complaints, await page.locator('body').innerText()].join('\n'));
  });
  await page.goto(url);
  // The page takes the token out of its address once it runs; an address that a test sets before would be lost with it.
  await page.waitForURL(({ hash }) => !hash.startsWith('#token='), { timeout: 60_000 });
  return { page, context, complaints };
}

/** Saves what the page looks like, for a person to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.evaluate('window.scrollTo(0, 0)');
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Saves what one part of the page looks like. */
export async function screenshotOf(part: Locator, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await part.screenshot({ path: join(SHOTS, `${name}.png`) });
}
