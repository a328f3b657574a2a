import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLedger } from '@monsta/ai-trading';
import { performanceOf } from '@monsta/api-gateway';
import { FILLS_CSV_HEADER, fillCsvLine } from '@monsta/contracts';
import { clientOrderId, expectOk, quantity, strategyId, timestampUs } from '@monsta/core';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Ledger } from '@monsta/ports';
import {
  sampleAccount,
  sampleEquity,
  sampleFill,
  sampleInstrument,
  sampleOrder,
  sampleRoundTrip,
  sampleState,
  sampleTimeUs,
} from '@monsta/testkit';
import type { BenchCase, BenchOptions, BenchReport } from './report.ts';

const TITLE = 'A ledger that has grown: pages, export, performance, and what a start reads';
/** Of this machine's disk, not of memory. */
const DIRECTORY = join(import.meta.dirname, '../.bench');
const PER_COMMIT = 1_000;
const SECOND_US = 1_000_000;
/** Orders that rest, of all ages, each with two fills. */
const OPEN_EVERY = 2_500;
const PAGE = 100;
const POINTS = 500;

interface Size {
  readonly fills: number;
  readonly orders: number;
  readonly samples: number;
}

const at = (seconds: number) => timestampUs(sampleTimeUs + seconds * SECOND_US);

/** Two fills an order, a round trip every two orders, a sample of the equity a minute. */
async function fill(ledger: Ledger, { fills, orders, samples }: Size): Promise<void> {
  expectOk(await ledger.putInstruments([sampleInstrument()]));
  expectOk(await ledger.commit({ accountId: sampleAccount, account: sampleState() }));
  const perOrder = fills / orders;
  for (let from = 0; from < orders; from += PER_COMMIT) {
    const indexes = Array.from({ length: Math.min(PER_COMMIT, orders - from) }, (_, offset) => from + offset);
    const some = indexes.map((index) => {
      const open = index % OPEN_EVERY === 0;
      return sampleOrder(`o${index}`, {
        createdUs: at(index * 60),
        updatedUs: at(index * 60),
        status: open ? 'partially_filled' : 'filled',
        filledQuantity: quantity(open ? 1_000 : 2_000),
      });
    });
    const theirs = indexes.flatMap((index) =>
      Array.from({ length: perOrder }, (_, part) =>
        sampleFill(`f${index}-${part}`, {
          clientOrderId: clientOrderId(`o${index}`),
          tsEventUs: at(index * 60 + part),
        }),
      ),
    );
    const trips = indexes.filter((index) => index % 2 === 1);
    const roundTrips = trips.map((index) => sampleRoundTrip(`t${index}`, { closedUs: at(index * 60) }));
    expectOk(await ledger.commit({ accountId: sampleAccount, orders: some, fills: theirs, roundTrips }));
  }
  for (let from = 0; from < samples; from += PER_COMMIT) {
    const equitySamples = Array.from({ length: Math.min(PER_COMMIT, samples - from) }, (_, offset) =>
      sampleEquity(at((from + offset) * 60), { equity: String(10_000 + ((from + offset) % 977)) }),
    );
    expectOk(await ledger.commit({ accountId: sampleAccount, equitySamples }));
  }
}

/** How long it took, and how far the heap was above what it began with, at its highest after any of its parts. */
async function timed(work: (look: () => void) => Promise<void>): Promise<{ ms: number; heapMb: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let highest = before;
  const look = (): void => {
    highest = Math.max(highest, process.memoryUsage().heapUsed);
  };
  const began = performance.now();
  await work(look);
  look();
  return { ms: performance.now() - began, heapMb: (highest - before) / 1e6 };
}

/** The longest that anything else in the thread had to wait meanwhile. */
async function stalled(work: () => Promise<void>): Promise<number> {
  let worst = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
  }, 1);
  await work();
  worst = Math.max(worst, performance.now() - last);
  clearInterval(timer);
  return worst;
}

const asked = { accountId: sampleAccount, quoteAsset: 'USDT', strategyId: null, span: {}, points: POINTS };

const WORK: Readonly<Record<string, (ledger: Ledger, look: () => void) => Promise<void>>> = {
  [`newest ${PAGE} fills`]: async (ledger) =>
    void expectOk(await ledger.fills(sampleAccount, { limit: PAGE, cursor: null })),
  [`newest ${PAGE} orders`]: async (ledger) =>
    void expectOk(await ledger.orders(sampleAccount, { limit: PAGE, cursor: null })),
  'all fills as CSV': async (ledger, look) => {
    let bytes = FILLS_CSV_HEADER.length;
    let lines = 0;
    for await (const each of ledger.allFills(sampleAccount)) {
      const { value, instrument } = expectOk(each);
      bytes += fillCsvLine(value, instrument).length;
      lines += 1;
      if (lines % 1_000 === 0) look();
    }
    if (bytes < lines) throw new Error('lines are missing');
  },
  'performance of all time': async (ledger) => void expectOk(await performanceOf(ledger, asked)),
  'performance of all time, a strategy’s': async (ledger) =>
    void expectOk(await performanceOf(ledger, { ...asked, strategyId: strategyId('ema-cross') })),
  'what a start reads': async (ledger) => {
    const state = expectOk(await readLedger(ledger, sampleAccount, []));
    if (state.seenFills.length < 2_000) throw new Error('fills are missing');
  },
};

const count = (settings: BenchOptions['settings'], name: string, usual: number): number =>
  settings[name] === undefined ? usual : Number(settings[name]);

/** `--set fills=N orders=N samples=N`; fills are a multiple of orders. */
export async function run({ rounds, settings, log }: BenchOptions): Promise<BenchReport> {
  const size: Size = {
    fills: count(settings, 'fills', 100_000),
    orders: count(settings, 'orders', 50_000),
    samples: count(settings, 'samples', 525_600),
  };
  mkdirSync(DIRECTORY, { recursive: true });
  const folder = mkdtempSync(join(DIRECTORY, 'ledger-'));
  try {
    const path = join(folder, 'ledger.sqlite');
    const ledger = expectOk(await openSqliteLedger({ path }));
    log('filling the ledger');
    await fill(ledger, size);
    const cases: BenchCase[] = [];
    for (const [name, work] of Object.entries(WORK)) {
      log(name);
      const [times, heaps, waits]: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        const { ms, heapMb } = await timed((look) => work(ledger, look));
        times.push(ms);
        heaps.push(heapMb);
        waits.push(await stalled(() => work(ledger, () => undefined)));
      }
      cases.push({ name, unit: 'ms', better: 'lower', samples: times });
      cases.push({ name: `${name}: heap`, unit: 'MB', better: 'lower', samples: heaps });
      cases.push({ name: `${name}: others wait`, unit: 'ms', better: 'lower', samples: waits });
    }
    await ledger.close();
    const megabytes = Math.round(statSync(path).size / 1e6);
    return { title: TITLE, facts: { ...size, megabytes }, cases, comparisons: [], skipped: null };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
