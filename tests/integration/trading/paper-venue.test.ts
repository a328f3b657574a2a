import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
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
import { createPaperVenue, paperVenueConfigSchema } from '@monsta/venue-paper';
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
    expectOk(journal.append(1, { format: 1, changes: [{ kind: 'opened', balances: [] }] }));
    expectOk(
      journal.append(2, { format: 1, changes: [{ kind: 'canceled', clientOrderId: 'x', reason: '', tsUs: 2 }] }),
    );
    expect(await createPaperVenue({ journal, config, logger })).toMatchObject({
      ok: false,
      fault: {
        code: 'paper_journal_invalid',
        message: expect.stringMatching(/record 2 .*contradicts.*backup/) as string,
      },
    });
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
