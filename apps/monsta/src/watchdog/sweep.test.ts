import { err, ok, seededRandom, type Result } from '@monsta/core';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import type { OpenOrder } from '@monsta/venue-binance';
import { describe, expect, it, test } from 'vitest';
import { planSweep, type OnLoss } from './plan.ts';
import { sweep, type SweepOutcome } from './sweep.ts';

const LATE_MS = 7_000;
const entry: OpenOrder = { symbol: 'BTCUSDT', orderId: 1, clientOrderId: 'mabc123-1', side: 'BUY', type: 'LIMIT' };
const stop: OpenOrder = { ...entry, orderId: 2, clientOrderId: 'mabc123-2', side: 'SELL', type: 'STOP_LOSS_LIMIT' };
const byHand: OpenOrder = { ...entry, orderId: 3, clientOrderId: 'web_1' };

test.each<[OnLoss, readonly OpenOrder[], readonly OpenOrder[]]>([
  ['keep-protective', [entry], [stop]],
  ['cancel-all', [entry, stop], []],
  ['nothing', [], [entry, stop]],
])('%s: what goes and what stays; orders of others are never touched', (onLoss, cancel, keep) => {
  expect(planSweep([entry, byHand, stop], onLoss)).toEqual({ cancel, keep, others: 1 });
});

/** A venue whose answers follow a script; where that ends, it does what it is asked. */
class Venue {
  orders: OpenOrder[];
  readonly asked: string[] = [];
  readonly answers: Result<never>[] = [];
  readonly cancels: Result<never>[] = [];
  #onCancel: (() => void) | null = null;

  constructor(orders: readonly OpenOrder[]) {
    this.orders = [...orders];
  }
  onCancel(run: () => void): void {
    this.#onCancel = run;
  }
  openOrders(): Promise<Result<readonly OpenOrder[]>> {
    this.asked.push('openOrders');
    return Promise.resolve(this.answers.shift() ?? ok([...this.orders]));
  }
  cancel({ orderId }: OpenOrder): Promise<Result<'canceled' | 'gone'>> {
    this.asked.push(`cancel ${orderId}`);
    this.#onCancel?.();
    const scripted = this.cancels.shift();
    if (scripted !== undefined) return Promise.resolve(scripted);
    const there = this.orders.some((order) => order.orderId === orderId);
    this.orders = this.orders.filter((order) => order.orderId !== orderId);
    return Promise.resolve(ok(there ? 'canceled' : 'gone'));
  }
}

function sweeping(venue: Venue, onLoss: 'keep-protective' | 'cancel-all' = 'keep-protective') {
  const clock = new VirtualClock();
  const stopper = new AbortController();
  const running = sweep({
    access: venue,
    onLoss,
    clock,
    random: seededRandom(1),
    logger: silentTelemetry().logger,
    lateMs: LATE_MS,
    signal: stopper.signal,
  });
  let outcome: SweepOutcome | null = null;
  void running.then((done) => (outcome = done));
  return {
    clock,
    stop: () => stopper.abort(),
    outcome: (): SweepOutcome | null => outcome,
    end: () => running,
  };
}
const unreachable = err('venue_unreachable', 'no answer', { retry: 'retryable' });
const unknown = err('outcome_unknown', 'cut', { retry: 'unknown_outcome' });

describe('the sweep', () => {
  it('cancels entries, keeps what protects, and is done when the venue shows it twice', async () => {
    const venue = new Venue([entry, stop, byHand]);
    const run = sweeping(venue);
    await run.clock.advance(LATE_MS - 1);
    expect(run.outcome()).toBeNull();
    await run.clock.advance(1);
    expect(run.outcome()).toEqual({ confirmed: true, canceled: [entry], kept: [stop], others: 1, failures: 0 });
    expect(venue.orders).toEqual([stop, byHand]);
  });

  it('finds an order that was on its way when the program died', async () => {
    const venue = new Venue([]);
    const run = sweeping(venue);
    await run.clock.advance(LATE_MS - 1_000);
    venue.orders.push(entry);
    await run.clock.advance(60_000);
    expect(run.outcome()).toMatchObject({ confirmed: true, canceled: [entry] });
    expect(venue.orders).toEqual([]);
  });

  it('goes on until the venue answers, ever more seldom', async () => {
    const venue = new Venue([entry]);
    venue.answers.push(...Array.from({ length: 30 }, () => unreachable));
    const run = sweeping(venue);
    await run.clock.advance(600_000);
    expect(venue.asked.length).toBeLessThan(31);
    await run.clock.advance(600_000);
    expect(run.outcome()).toMatchObject({ confirmed: true, canceled: [entry], failures: 30 });
  });

  it('a cancel of unknown outcome is looked at again; one that had worked is not counted as ours', async () => {
    const venue = new Venue([entry]);
    venue.cancels.push(unknown);
    venue.onCancel(() => (venue.orders = []));
    const run = sweeping(venue);
    await run.clock.advance(60_000);
    expect(run.outcome()).toEqual({ confirmed: true, canceled: [], kept: [], others: 0, failures: 1 });
  });

  it('waits as long as the venue says', async () => {
    const venue = new Venue([entry]);
    venue.answers.push(err('venue_limited', 'banned', { retry: 'retryable', retryAfterMs: 120_000 }));
    const run = sweeping(venue);
    await run.clock.advance(119_000);
    expect(venue.asked).toEqual(['openOrders']);
    await run.clock.advance(60_000);
    expect(run.outcome()).toMatchObject({ confirmed: true });
  });

  it('sends nothing more once somebody has taken over', async () => {
    const second = { ...entry, orderId: 9, clientOrderId: 'mabc123-9' };
    const venue = new Venue([entry, second]);
    const run = sweeping(venue, 'cancel-all');
    venue.onCancel(() => run.stop());
    expect(await run.end()).toMatchObject({ confirmed: false, canceled: [entry] });
    expect(venue.orders).toEqual([second]);
  });

  it('ends at once where it waits, when somebody takes over', async () => {
    const run = sweeping(new Venue([]));
    await run.clock.advance(100);
    run.stop();
    expect(await run.end()).toMatchObject({ confirmed: false });
  });
});
