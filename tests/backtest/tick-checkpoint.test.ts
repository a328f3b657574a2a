import { deserialize, serialize } from 'node:v8';
import {
  accountId,
  assetId,
  expectOk,
  parseAmount,
  quantity,
  seededRandom,
  strategyId,
  type BookLevel,
  type BookSnapshot,
  type InstrumentId,
  type MarketEvent,
} from '@monsta/core';
import { DEFAULT_TICK_RULES, type LatencyModel, type TickRules } from '@monsta/matching';
import { TickBacktest, type TickBacktestOptions, type TickBacktestSnapshot } from '@monsta/simulation/backtest';
import { defineStrategy, parseParameters, UNLIMITED, type ConfiguredStrategy } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { everyOrderStrategy } from '../parity/every-order.ts';
import { generatedTape, INSTRUMENTS, START_US } from '../parity/generated-tape.ts';

const MINUTES = 12;
const START_MS = START_US / 1_000;

/** Keeps a bid and an ask in the queue at the best prices, and turns on each minute's bar, in one order where it is held the other way. */
const queuer = defineStrategy({
  name: 'queuer',
  parameters: {},
  intervals: () => ['1m'],
  state: () => ({ quotes: 0, orders: 0 }),
  onBook({ state, quote, order, cancelAll, orders }) {
    state.quotes += 1;
    if (orders.length > 4) cancelAll();
    if (quote.bid === null || quote.ask === null) return;
    const tag = `q${(state.orders += 1)}`;
    order({ side: 'buy', type: 'limit_maker', notional: 80, limitPrice: quote.bid, tag: `${tag}b` });
    order({ side: 'sell', type: 'limit', notional: 60, limitPrice: quote.ask * 1.0003, tag: `${tag}a` });
  },
  onBar({ bar, bracket, order, position }) {
    if (position.quantity > 0) order({ side: 'sell', type: 'market', notional: 2 * bar.close * position.quantity });
    else bracket({ side: 'sell', notional: 150, stopDistance: 0.003, takeProfitDistance: 0.002, tag: 'under' });
  },
});

const queuers = (): ConfiguredStrategy => ({
  id: strategyId('queuer'),
  definition: queuer,
  parameters: expectOk(parseParameters(queuer, null)),
  instruments: INSTRUMENTS.slice(1).map(({ id }) => id),
});

/** The same with changes of the book between its snapshots. */
function changing(tape: readonly MarketEvent[]): readonly MarketEvent[] {
  const random = seededRandom(99);
  const books = new Map<InstrumentId, BookSnapshot>();
  const moved = (levels: readonly BookLevel[]): readonly BookLevel[] =>
    levels.map(([at, lots]) => [at, quantity(random.integer(4) === 0 ? 0 : 1 + random.integer(2 * lots))]);
  return tape.flatMap((event): readonly MarketEvent[] => {
    if (event.kind === 'book-snapshot') books.set(event.instrument, event);
    const book = event.kind === 'quote' ? books.get(event.instrument) : undefined;
    if (book === undefined || random.integer(2) === 0) return [event];
    const { tsEventUs, tsInitUs, instrument } = event;
    const updates = { firstUpdateId: book.lastUpdateId + 1, lastUpdateId: book.lastUpdateId + 1 };
    const sides = { bids: moved(book.bids), asks: moved(book.asks) };
    return [event, { kind: 'book-delta', instrument, ...updates, ...sides, tsEventUs, tsInitUs }];
  });
}

const TAPE = changing(generatedTape(11, MINUTES));

interface Setting {
  readonly latency?: LatencyModel;
  readonly rules?: Partial<TickRules>;
  readonly short?: boolean;
  readonly fromMs?: number;
}

function optionsOf({ latency, rules, short = false, fromMs }: Setting): TickBacktestOptions {
  const quoteAsset = assetId('USDT');
  return {
    config: {
      ...{ accountId: accountId('backtest'), quoteAsset, limits: UNLIMITED, allocationPpm: 400_000 },
      ...{ rebalanceBandPpm: 50_000, exitPlan: null, equitySampleMs: 60_000 },
      short: short ? { initialMarginPpm: 500_000 } : null,
    },
    strategies: short ? [everyOrderStrategy(), queuers()] : [everyOrderStrategy()],
    account: {
      rules: { ...DEFAULT_TICK_RULES, offers: 'both', ...rules },
      ...(latency === undefined ? {} : { latency }),
      fees: { makerPpm: 500, takerPpm: 1_000 },
      feesFrom: short ? 'quote' : 'received',
      feesOn: short ? 'entry' : 'both',
      margin: short ? { initialPpm: 500_000 } : null,
      balances: [{ asset: quoteAsset, free: expectOk(parseAmount('5000')) }],
    },
    instruments: INSTRUMENTS,
    events: TAPE[Symbol.iterator](),
    total: TAPE.length,
    ...{ startMs: START_MS, fromMs: fromMs ?? null, pointMs: 1_000, tickMs: 1_000, bookEveryMs: 500, records: 'all' },
  };
}

/** As it is written to a file and read back. */
const kept = (backtest: TickBacktest): TickBacktestSnapshot =>
  deserialize(serialize(backtest.snapshot())) as TickBacktestSnapshot;

/** What was under way where it was left. */
interface Seen {
  commands: number;
  reports: number;
  executions: number;
  queued: number;
  lists: number;
  waiting: number;
}

function note(seen: Seen, { run: { moment, venue } }: TickBacktestSnapshot): void {
  const { feed } = moment;
  seen.commands += feed.commands.reduce((sum, [, { items }]) => sum + items.length, 0);
  const messages = feed.messages?.items ?? [];
  seen.reports += messages.length;
  seen.executions += messages.filter(({ item }) => item.kind === 'report' && item.report.execution !== null).length;
  seen.queued += feed.ticks.flatMap(([, { places }]) => places.filter(([, { ahead }]) => (ahead ?? 0) > 0)).length;
  for (const { lists, orders } of venue.feed.exchange.symbols) {
    seen.lists += lists.length;
    seen.waiting += orders.filter(({ place }) => place === 'waiting').length;
  }
}

/** One that is never left, and one that is after every so many events, which goes on in another each time: they stand alike wherever that is. */
function bothOf(setting: Setting, stepOf: () => number) {
  const seen: Seen = { commands: 0, reports: 0, executions: 0, queued: 0, lists: 0, waiting: 0 };
  const whole = new TickBacktest(optionsOf(setting));
  let left = new TickBacktest(optionsOf(setting));
  for (;;) {
    const events = stepOf();
    const more = whole.step(events);
    expect(left.step(events)).toBe(more);
    const snapshot = kept(left);
    note(seen, snapshot);
    expect(snapshot.run.moment).toEqual(kept(whole).run.moment);
    if (!more) return { whole: whole.outcome(), pieces: left.outcome(), seen };
    left = new TickBacktest(optionsOf(setting), snapshot);
    // What was played before is passed over.
    const { done } = whole.progress;
    expect(left.progress.done).toBe(done);
    expect(left.step(done)).toBe(true);
    expect(left.progress.done).toBe(done);
  }
}

const LOG_NORMAL: LatencyModel = {
  feed: 2_000,
  order: { medianUs: 900_000, sigma: 0.8 },
  response: { medianUs: 700_000, sigma: 1 },
  seed: 4,
};

const SETTINGS: readonly (readonly [name: string, setting: Setting])[] = [
  ['at once, in the queue', {}],
  ['late by the same each time', { latency: { feed: 5_000, order: 400_000, response: 300_000, seed: 1 } }],
  ['late by chance, two strategies, short, fees on entries', { latency: LOG_NORMAL, short: true }],
  [
    'likely places in the queue, slippage by what was traded',
    { rules: { resting: 'queue-probable', slippage: { kind: 'square-root', ppm: 900 } }, short: true },
  ],
  [
    'touched limits, on quotes, begun later',
    { rules: { resting: 'touch', offers: 'quotes' }, fromMs: START_MS + 200_000 },
  ],
  [
    'on depth alone, late answers',
    { rules: { offers: 'depth' }, latency: { feed: 0, order: 0, response: 800_000, seed: 2 } },
  ],
];

describe('a backtest of ticks that is left and gone on with', { timeout: 120_000 }, () => {
  it.each(SETTINGS)('comes to the same outcome, wherever that is: %s', (_name, setting) => {
    const random = seededRandom(3);
    const { whole, pieces, seen } = bothOf(setting, () => 1 + random.integer(24));
    expect(pieces).toEqual(whole);
    expect(whole.fillCount).toBeGreaterThan(20);
    // Something of all that has to be written down was there to be written.
    const { commands, reports, executions, ...resting } = seen;
    if (setting.latency !== undefined) expect(Math.min(reports, executions)).toBeGreaterThan(0);
    if ((setting.latency?.order ?? 0) !== 0) expect(commands).toBeGreaterThan(0);
    expect(Math.min(...Object.values(resting))).toBeGreaterThan(0);
  });
});
