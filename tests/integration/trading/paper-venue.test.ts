import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PLAIN_TERMS,
  err,
  expectOk,
  ok,
  price,
  quantity,
  strategyId,
  timestampUs,
  clientOrderId,
  type OrderRequest,
  type VenueOrderEvent,
} from '@monsta/core';
import { openFileJournal } from '@monsta/journal-file';
import type { ExecutionVenue, Journal } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { createPaperVenue } from '@monsta/venue-paper';
import { paperVenueConfigSchema } from '@monsta/venue-paper/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BTC } from './world.ts';

let directory = '';
const open: Journal[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'monsta-paper-'));
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  rmSync(directory, { recursive: true, force: true });
});

const { logger } = recordingTelemetry();
const openJournal = async (options: object = {}): Promise<Journal> => {
  const journal = expectOk(await openFileJournal({ directory, clock: new VirtualClock(), logger, ...options }));
  open.push(journal);
  return journal;
};
const config = paperVenueConfigSchema.parse({});

async function openVenue(journal: Journal, recordsPerSnapshot = 5_000) {
  const venue = expectOk(await createPaperVenue({ journal, config, logger, recordsPerSnapshot }));
  const events: VenueOrderEvent[] = [];
  venue.onEvent((event) => events.push(event));
  venue.useInstruments?.([BTC]);
  return { venue, events };
}

const order = (id: string, part: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: clientOrderId(id),
  strategyId: strategyId('s'),
  instrument: BTC.id,
  side: 'buy',
  type: part.limitPrice === undefined ? 'market' : 'limit',
  timeInForce: 'gtc',
  quantity: quantity(100),
  limitPrice: null,
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: timestampUs(2_000),
  ...part,
});
const quote = (venue: ExecutionVenue, us = 1_000): void =>
  venue.observe?.({
    kind: 'quote',
    instrument: BTC.id,
    updateId: us,
    bidPrice: price(5_999_900),
    bidQuantity: quantity(1_000_000),
    askPrice: price(6_000_000),
    askQuantity: quantity(1_000_000),
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  });
const stateOf = async (venue: ExecutionVenue, ids: readonly string[]) => ({
  balances: expectOk(await venue.balances()),
  open: expectOk(await venue.openOrders()),
  orders: await Promise.all(ids.map(async (id) => expectOk(await venue.order(clientOrderId(id))))),
  fills: await Promise.all(ids.map(async (id) => expectOk(await venue.fillsOf(clientOrderId(id))))),
});

describe('the paper account', () => {
  test('opens once with the configured balances, whatever is configured later', async () => {
    const first = await openJournal();
    const { venue } = await openVenue(first);
    expect(expectOk(await venue.balances())).toMatchObject([{ asset: 'USDT', free: 10_000n * 10n ** 18n }]);
    await first.close();
    const again = await createPaperVenue({
      journal: await openJournal(),
      config: paperVenueConfigSchema.parse({ startingBalances: { USDT: '5' } }),
      logger,
    });
    expect(expectOk(await expectOk(again).balances())).toMatchObject([{ free: 10_000n * 10n ** 18n }]);
  });

  test.each([1, 2, 3, 4])(
    'lets a trailing order go on from the highest price after a kill at any append (%i lives)',
    async (lives) => {
      let at = 5_999_900;
      let us = 3_000;
      const trade = (venue: ExecutionVenue, to: number): void => {
        us += 1_000;
        at = to;
        const [tsEventUs, tsInitUs] = [timestampUs(us), timestampUs(us)];
        const what = { tradeId: us, price: price(to), quantity: quantity(1), buyerIsMaker: true } as const;
        venue.observe?.({ kind: 'trade', instrument: BTC.id, ...what, tsEventUs, tsInitUs });
      };
      let journal = await openJournal();
      let { venue, events } = await openVenue(journal, 3);
      quote(venue);
      trade(venue, at);
      venue.submit(order('coins', { quantity: quantity(200) }));
      venue.submit(order('trailing', { side: 'sell', type: 'stop_loss', trailingBps: 100 }));
      await venue.openOrders();
      const rises = Array.from({ length: lives }, (_, index) => 6_050_000 + index * 20_000);
      for (const peak of rises) {
        trade(venue, peak);
        trade(venue, peak - 10_000);
        // The program dies: nothing more is written, and nobody was told of anything.
        await journal.close();
        journal = await openJournal();
        ({ venue, events } = await openVenue(journal, 3));
        quote(venue, us);
      }
      const highest = rises.at(-1) ?? 0;
      const trigger = Math.floor(highest * 0.99);
      trade(venue, trigger + 100);
      await venue.openOrders();
      expect(events).toEqual([]);
      trade(venue, trigger);
      await venue.openOrders();
      expect(events.map(({ kind }) => kind)).toEqual(['order-triggered', 'order-filled']);
      await journal.close();
    },
  );

  test('is the same after a restart: balances, open orders, fills, and ids that go on', async () => {
    const first = await openJournal();
    const { venue, events } = await openVenue(first, 3);
    quote(venue);
    const ids = ['market', 'resting', 'refused', 'canceled'];
    venue.submit(order('market'));
    venue.submit(order('resting', { limitPrice: price(5_900_000) }));
    venue.submit(order('refused', { quantity: quantity(900_000) }));
    venue.submit(order('canceled', { limitPrice: price(5_800_000) }));
    venue.cancel(clientOrderId('canceled'));
    const before = await stateOf(venue, ids);
    expect(events.map(({ kind }) => kind)).toEqual([
      'order-accepted',
      'order-filled',
      'order-accepted',
      'order-rejected',
      'order-accepted',
      'order-canceled',
    ]);
    await first.close();
    const { venue: again, events: later } = await openVenue(await openJournal());
    expect(await stateOf(again, ids)).toEqual(before);
    again.submit(order('market'));
    quote(again);
    again.submit(order('next'));
    expect(expectOk(await again.fillsOf(clientOrderId('next')))).toMatchObject([{ fillId: '2', venueOrderId: '4' }]);
    expect(later).toMatchObject([
      { kind: 'order-rejected', code: 'duplicate_order' },
      { kind: 'order-accepted' },
      { kind: 'order-filled' },
    ]);
  });

  test('outlives the removal of its oldest records: a snapshot is enough', async () => {
    const small = { segmentBytesMax: 65_536, totalBytesMax: 2_097_152 };
    const first = await openJournal(small);
    const { venue } = await openVenue(first, 500);
    for (let index = 0; index < 1_500; index += 1) {
      quote(venue, 1_000 + index);
      venue.submit(order(`o${index}`, { limitPrice: price(5_900_000) }));
      venue.cancel(clientOrderId(`o${index}`));
      if (index % 50 === 0) await first.sync();
    }
    venue.submit(order('last', { limitPrice: price(5_900_000) }));
    const before = await stateOf(venue, ['last', 'o1499']);
    expect(first.oldestSequence).toBeGreaterThan(1);
    await first.close();
    const { venue: again } = await openVenue(await openJournal(small));
    expect(await stateOf(again, ['last', 'o1499'])).toEqual(before);
  });

  test('tells nobody of what is not on disk yet, and answers no query from it', async () => {
    const inner = await openJournal();
    const gates: (() => void)[] = [];
    let gated = false;
    const journal: Journal = {
      recovery: inner.recovery,
      oldestSequence: inner.oldestSequence,
      append: (tsUs, payload) => inner.append(tsUs, payload),
      sync: () => (gated ? new Promise((resolve) => gates.push(() => resolve(ok(null)))) : inner.sync()),
      read: (from) => inner.read(from),
      close: () => inner.close(),
    };
    const { venue, events } = await openVenue(journal);
    gated = true;
    quote(venue);
    venue.submit(order('a'));
    let answered = false;
    const asking = venue.order(clientOrderId('a')).then((result) => {
      answered = true;
      return result;
    });
    await new Promise((resolve) => void setImmediate(resolve));
    expect({ events, answered }).toEqual({ events: [], answered: false });
    for (const release of gates) release();
    expect(expectOk(await asking)).toMatchObject({ status: 'filled' });
    expect(events).toHaveLength(2);
  });

  test('falls silent when its journal fails, and says so to every question', async () => {
    const inner = await openJournal();
    let failing = false;
    const journal: Journal = {
      recovery: inner.recovery,
      oldestSequence: inner.oldestSequence,
      append: (tsUs, payload) =>
        failing ? err('journal_full', 'the disk is slow', { retry: 'retryable' }) : inner.append(tsUs, payload),
      sync: () => inner.sync(),
      read: (from) => inner.read(from),
      close: () => inner.close(),
    };
    const { venue, events } = await openVenue(journal);
    quote(venue);
    failing = true;
    venue.submit(order('a'));
    venue.submit(order('b'));
    expect(await venue.order(clientOrderId('a'))).toMatchObject({
      ok: false,
      fault: { code: 'paper_journal_failed', retry: 'fatal' },
    });
    expect(events).toEqual([]);
  });

  test('refuses a journal whose records contradict each other, and says what to do', async () => {
    const journal = await openJournal();
    await openVenue(journal);
    const { lastSequence } = journal.recovery;
    const sequence = expectOk(journal.append(2, { format: 3, set: {}, gone: ['open:BTCUSDT:7'] }));
    expect(sequence).toBeGreaterThan(lastSequence);
    expect(await createPaperVenue({ journal, config, logger })).toMatchObject({
      ok: false,
      fault: {
        code: 'paper_journal_invalid',
        message: expect.stringMatching(new RegExp(`record ${sequence} .*contradicts.*backup`)) as string,
      },
    });
  });

  test.each([
    ['was written by an earlier version', { format: 2, changes: [{ kind: 'opened', balances: [] }] }],
    ['is of no known form', { format: 3 }],
    ['is the middle of something', { format: 3, set: {}, gone: [] }],
    ['lacks what it speaks of', { format: 3, whole: { 'market:BTCUSDT': {} }, part: 0, parts: 1 }],
  ])('refuses a journal that %s', async (_why, record) => {
    const first = await openJournal();
    expectOk(first.append(1, record));
    expectOk(await first.sync());
    await first.close();
    expect(await createPaperVenue({ journal: await openJournal(), config, logger })).toMatchObject({
      ok: false,
      fault: {
        code: 'paper_journal_invalid',
        message: expect.stringMatching(/move the journal away to begin a new account/) as string,
      },
    });
  });

  test('takes a whole state only when it has all of it: one that a crash cut is as if it were not there', async () => {
    const first = await openJournal();
    const { venue } = await openVenue(first);
    quote(venue);
    venue.submit(order('a', { limitPrice: price(5_900_000) }));
    const before = await stateOf(venue, ['a']);
    expectOk(first.append(9, { format: 3, whole: { shared: {} }, part: 0, parts: 2 }));
    await first.close();
    const { venue: again } = await openVenue(await openJournal());
    expect(await stateOf(again, ['a'])).toEqual(before);
  });

  test('cancels what is open in steps that the instrument no longer has, and gives its money back', async () => {
    const journal = await openJournal();
    const { venue, events } = await openVenue(journal);
    quote(venue);
    venue.submit(order('a', { limitPrice: price(5_900_000) }));
    venue.useInstruments?.([{ ...BTC, tick: { units: 1, scale: 1 }, version: 2 }]);
    expect(expectOk(await venue.openOrders())).toEqual([]);
    expect(expectOk(await venue.balances()).find(({ asset }) => asset === 'USDT')).toMatchObject({ locked: 0n });
    expect(events.map(({ kind }) => kind)).toEqual(['order-accepted', 'order-canceled']);
  });

  test('keeps an order on its way for the configured time: it meets the price of then', async () => {
    const late = paperVenueConfigSchema.parse({ orderLatencyMs: 5, slippage: 'none' });
    const venue = expectOk(await createPaperVenue({ journal: await openJournal(), config: late, logger }));
    const events: VenueOrderEvent[] = [];
    venue.onEvent((event) => events.push(event));
    venue.useInstruments?.([BTC]);
    quote(venue, 1_000);
    venue.submit(order('a', { createdUs: timestampUs(1_000) }));
    quote(venue, 3_000);
    expect(expectOk(await venue.order(clientOrderId('a')))).toBeNull();
    venue.submit(order('a', { createdUs: timestampUs(4_000) }));
    quote(venue, 9_000);
    expect(expectOk(await venue.order(clientOrderId('a')))).toMatchObject({ status: 'filled' });
    expect(events).toMatchObject([
      { kind: 'order-rejected', code: 'duplicate_order' },
      { kind: 'order-accepted', tsEventUs: 6_000 },
      { kind: 'order-filled' },
    ]);
  });
});

test.each([
  [{ startingBalances: { usdt: '1' } }, /asset in capitals/],
  [{ startingBalances: { USDT: '-1' } }, /plain decimal amount/],
  [{ takerFeePpm: 1.5 }, /int/],
  [{ fees: 1 }, /fees/],
])('the configuration %o is refused', (given, message) => {
  expect(paperVenueConfigSchema.safeParse(given).error?.message).toMatch(message);
});
