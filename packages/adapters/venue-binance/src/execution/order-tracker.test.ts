import {
  amount,
  assetId,
  clientOrderId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
  type OrderStatus,
  type VenueOrderEvent,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradesOfOrder, type OrderReport, type TradeReport } from './order-reports.ts';
import { OrderTracker } from './order-tracker.ts';

const ID = clientOrderId('w-1');
const SYMBOL = instrumentId('BTCUSDT');
const VENUE_ID = venueOrderId('77');
const atUs = (step: number) => timestampUs(1_700_000_000_000_000 + step);

const trade = (id: number, lots: number): TradeReport => ({
  tradeId: id,
  venueOrderId: VENUE_ID,
  side: 'buy',
  price: price(100 + id),
  quantity: quantity(lots),
  fee: amount(1n),
  feeAsset: assetId('BTC'),
  maker: true,
  tsUs: atUs(id),
});

interface Life {
  readonly contingent: boolean;
  readonly lots: readonly number[];
  readonly end: 'filled' | 'canceled' | 'expired' | 'open';
}

/** Every report of an order's life, as the user stream tells them, and all its trades. */
function reportsOf({ contingent, lots, end }: Life): {
  readonly reports: readonly OrderReport[];
  readonly trades: readonly TradeReport[];
} {
  const base = {
    symbol: SYMBOL,
    venueOrderId: VENUE_ID,
    clientOrderId: ID,
    listed: false,
    createdUs: atUs(0),
    reason: 'because',
    rejectCode: null,
    terms: {
      side: 'buy',
      type: contingent ? 'stop_loss_limit' : 'limit',
      quantity: quantity(100),
      limitPrice: price(1),
      stopPrice: null,
    },
  } as const;
  const trades = lots.map((each, at) => trade(at + 1, each));
  const sums = tradesOfOrder(trades);
  const filled = lots.reduce((sum, each) => sum + each, 0);
  const report = (
    status: OrderStatus,
    executed: number,
    worked: boolean,
    step: number,
    told: OrderReport['trades'] = [],
  ) =>
    ({ ...base, status, executed: quantity(executed), worked, tsUs: atUs(step), trades: told }) satisfies OrderReport;
  const reports: OrderReport[] = [report('accepted', 0, !contingent, 0)];
  if (contingent && (lots.length > 0 || end === 'filled')) reports.push(report('accepted', 0, true, 0));
  for (const [at, each] of sums.entries()) {
    const last = end === 'filled' && at === sums.length - 1;
    reports.push(report(last ? 'filled' : 'partially_filled', each.cumulative, true, at + 1, [each]));
  }
  if (end === 'canceled' || end === 'expired') reports.push(report(end, filled, !contingent || lots.length > 0, 50));
  return { reports, trades };
}

const life: fc.Arbitrary<Life> = fc
  .record({
    contingent: fc.boolean(),
    lots: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
    end: fc.constantFrom('filled' as const, 'canceled' as const, 'expired' as const, 'open' as const),
  })
  .filter(({ end, lots }) => end !== 'filled' || lots.length > 0);

const told = (events: readonly VenueOrderEvent[]): readonly string[] =>
  events.map((event) => (event.kind === 'order-filled' ? `fill ${event.fill.fillId}` : event.kind));

const newTracker = (contingent: boolean): OrderTracker =>
  new OrderTracker(ID, SYMBOL, { side: 'buy', type: contingent ? 'stop_loss_limit' : 'limit' }, strategyId('s'));

const inOrder = (one: Life): readonly string[] => {
  const tracker = newTracker(one.contingent);
  return told(reportsOf(one).reports.flatMap((report) => tracker.take(report)));
};

/** A source says how the order stands without its trades, as a query does. */
const summary = (report: OrderReport): OrderReport => ({ ...report, trades: [] });

describe('an order of which several sources tell', () => {
  it('is told as one story: accepted, triggered, filled, ended', () => {
    expect(inOrder({ contingent: true, lots: [3, 4], end: 'canceled' })).toEqual([
      'order-accepted',
      'order-triggered',
      'fill 1',
      'fill 2',
      'order-canceled',
    ]);
    expect(inOrder({ contingent: false, lots: [3], end: 'filled' })).toEqual(['order-accepted', 'fill 1']);
  });

  it('is told the same whatever comes late, twice, without its trades or never, once it is asked for in the end', () => {
    fc.assert(
      fc.property(
        life,
        fc.array(fc.record({ at: fc.nat(), as: fc.constantFrom('report', 'summary', 'trades') }), { maxLength: 20 }),
        (one, heard) => {
          const { reports, trades } = reportsOf(one);
          const tracker = newTracker(one.contingent);
          const events: VenueOrderEvent[] = [];
          for (const { at, as } of heard) {
            const report = reports[at % reports.length];
            if (report === undefined) continue;
            if (as === 'trades') events.push(...tracker.takeTrades(tradesOfOrder(trades)));
            else events.push(...tracker.take(as === 'report' ? report : summary(report)));
          }
          const last = reports.at(-1);
          if (last !== undefined) events.push(...tracker.take(summary(last)));
          events.push(...tracker.takeTrades(tradesOfOrder(trades)));
          expect(told(events).filter((each) => each !== 'order-triggered')).toEqual(
            inOrder(one).filter((each) => each !== 'order-triggered'),
          );
          expect(told(events).filter((each) => each === 'order-triggered').length).toBe(
            inOrder(one).filter((each) => each === 'order-triggered').length,
          );
          expect(tracker.missesTrades).toBe(false);
          expect(tracker.ended).toBe(one.end !== 'open');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not end before its fills have come, and says that they are missing', () => {
    const tracker = newTracker(false);
    const { reports, trades } = reportsOf({ contingent: false, lots: [2, 5], end: 'canceled' });
    const last = reports.at(-1);
    if (last === undefined) throw new Error('it has an end');
    expect(told(tracker.take(summary(last)))).toEqual(['order-accepted']);
    expect([tracker.missesTrades, tracker.over, tracker.ended]).toEqual([true, true, false]);
    expect(told(tracker.takeTrades(tradesOfOrder(trades)))).toEqual(['fill 1', 'fill 2', 'order-canceled']);
  });

  it('lags behind its answers until the stream has told as much', () => {
    const tracker = newTracker(false);
    const { reports } = reportsOf({ contingent: false, lots: [2], end: 'filled' });
    const [accepted, filled] = reports;
    if (accepted === undefined || filled === undefined) throw new Error('it has two reports');
    tracker.note(filled, 'answer');
    tracker.note(accepted, 'stream');
    expect(tracker.unreported).toBe(true);
    tracker.note(filled, 'stream');
    expect(tracker.unreported).toBe(false);
  });

  it('of an earlier run goes on where it stands, and tells nothing of before', () => {
    const tracker = newTracker(false);
    const { reports } = reportsOf({ contingent: false, lots: [2, 5, 3], end: 'filled' });
    const [, first, second, third] = reports;
    if (first === undefined || second === undefined || third === undefined) throw new Error('it has four reports');
    tracker.adopt(first);
    expect(told([...tracker.take(first), ...tracker.take(third), ...tracker.take(second)])).toEqual([
      'fill 2',
      'fill 3',
    ]);
    expect(tracker.ended).toBe(true);
  });

  it('is rejected only where no source has told of it', () => {
    const refusal = { code: 'never_arrived', reason: 'no' };
    const unheard = newTracker(false);
    expect(told(unheard.refuse(refusal, atUs(1)))).toEqual(['order-rejected']);
    expect(unheard.refuse(refusal, atUs(2))).toEqual([]);
    const [accepted] = reportsOf({ contingent: false, lots: [], end: 'open' }).reports;
    const heard = newTracker(false);
    if (accepted !== undefined) heard.take(accepted);
    expect(heard.refuse(refusal, atUs(1))).toEqual([]);
  });

  it('of a list, first heard of when it was rejected as its turn came, was accepted with the list and has expired', () => {
    const [accepted] = reportsOf({ contingent: false, lots: [], end: 'open' }).reports;
    if (accepted === undefined) throw new Error('it has a report');
    const rejected: OrderReport = { ...accepted, status: 'rejected' };
    expect(told(newTracker(false).take({ ...rejected, listed: true }))).toEqual(['order-accepted', 'order-expired']);
    expect(told(newTracker(false).take(rejected))).toEqual(['order-rejected']);
  });
});
