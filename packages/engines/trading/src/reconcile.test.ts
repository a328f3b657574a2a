import { PLAIN_TERMS, price, quantity, type Fill, type Order, type VenueOrder } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atMs, BTC } from './kernel.test-support.ts';
import { fillKey, reconcile, type VenueOrderView } from './reconcile.ts';

const order: Order = {
  clientOrderId: 'm1234567-1' as Order['clientOrderId'],
  strategyId: 's' as Order['strategyId'],
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(10),
  limitPrice: price(100),
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: atMs(0),
  venueOrderId: null,
  status: 'pending_submit',
  filledQuantity: quantity(0),
  filledNotional: 0n as Order['filledNotional'],
  reasonCode: null,
  reason: null,
  updatedUs: atMs(0),
};
const fill: Fill = {
  fillId: '1' as Fill['fillId'],
  clientOrderId: order.clientOrderId,
  venueOrderId: '7' as Fill['venueOrderId'],
  strategyId: 'unknown' as Fill['strategyId'],
  instrument: BTC.id,
  side: 'buy',
  price: price(100),
  quantity: quantity(4),
  fee: 0n as Fill['fee'],
  feeAsset: BTC.quote,
  liquidity: 'maker',
  tsEventUs: atMs(5),
};
const venueOrder = (part: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: order.clientOrderId,
  venueOrderId: '7' as VenueOrder['venueOrderId'],
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  status: 'accepted',
  quantity: quantity(10),
  filledQuantity: quantity(0),
  limitPrice: price(100),
  stopPrice: null,
  ...part,
});
const plan = (
  ours: readonly Order[],
  view: VenueOrderView | null,
  seen: readonly string[] = [],
  open: readonly VenueOrder[] = [],
) =>
  reconcile({
    nowUs: atMs(100),
    orders: ours,
    seenFills: new Set(seen),
    venueOrders: new Map(view === null ? [] : [[order.clientOrderId, view]]),
    venueOpenOrders: open,
    isOurs: (id) => id.startsWith('m'),
  });

test('a pending order the venue has never seen never arrived', () => {
  expect(plan([order], { order: null, fills: [] }).events).toMatchObject([
    { kind: 'order-rejected', code: 'never_arrived' },
  ]);
});

test('a pending order that is open there is accepted', () => {
  expect(plan([order], { order: venueOrder(), fills: [] }, [], [venueOrder()])).toMatchObject({
    events: [{ kind: 'order-accepted', venueOrderId: '7' }],
    cancels: [],
    divergences: [],
  });
});

test('fills missed here are brought in, those seen are not, and each belongs to the order’s strategy', () => {
  const other = { ...fill, fillId: '2' as Fill['fillId'] };
  const view = { order: venueOrder({ status: 'canceled' }), fills: [fill, other] };
  expect(plan([order], view, [fillKey(fill)]).events).toMatchObject([
    { kind: 'order-accepted' },
    { kind: 'order-filled', fill: { fillId: '2', strategyId: 's' } },
    { kind: 'order-canceled' },
  ]);
});

describe('of each order as much is filled in the ledger as at the venue, to the lot', () => {
  const known: Order = { ...order, venueOrderId: '7' as VenueOrder['venueOrderId'], status: 'accepted' };
  const partly: Order = { ...known, status: 'partially_filled', filledQuantity: quantity(4) };
  const there = (filled: number, part: Partial<VenueOrder> = {}) =>
    venueOrder({ filledQuantity: quantity(filled), ...part });
  const codes = (ours: Order, view: VenueOrderView, seen: readonly string[] = []) =>
    plan([ours], view, seen).divergences.map(({ code, grade }) => [code, grade]);
  const BREACH = [['fills_differ', 'breach']];

  test.each([
    ['nothing', known, there(0), [], []],
    ['what was seen', partly, there(4), [fill], [fillKey(fill)]],
    ['with what was missed', known, there(4), [fill], []],
  ])('%s', (_what, ours, venue, fills, seen) => {
    expect(codes(ours, { order: venue, fills }, seen)).toEqual([]);
  });

  test.each([
    ['the venue lacks a fill that is here', partly, there(0), [], []],
    ['a fill that the venue counts is not among those it tells', known, there(4), [], []],
    ['the venue tells less than it counts', known, there(5), [fill], []],
    ['a lot too much is here', { ...partly, filledQuantity: quantity(5) }, there(4), [fill], [fillKey(fill)]],
    ['the venue has never seen an order that is partly filled here', partly, null, [], [fillKey(fill)]],
  ])('it is a breach where %s', (_what, ours, venue, fills, seen) => {
    expect(codes(ours, { order: venue, fills }, seen)).toEqual(BREACH);
  });

  test('an order that somebody made smaller is counted otherwise, and not compared', () => {
    expect(codes(known, { order: there(4, { quantity: quantity(8) }), fills: [] })).toEqual([]);
  });

  test('whatever was filled and whatever of it was seen, the missed fills make up the rest, and one that is lacking is found', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 }),
        (each) => {
          const fills = each.map(([, lots], index) => ({
            ...fill,
            fillId: String(index) as Fill['fillId'],
            quantity: quantity(lots),
          }));
          const sum = (some: readonly Fill[]): number => some.reduce((lots, one) => lots + one.quantity, 0);
          const mine = fills.filter((_, index) => each[index]?.[0] === true);
          const ours: Order = {
            ...known,
            quantity: quantity(100),
            status: mine.length > 0 ? 'partially_filled' : 'accepted',
            filledQuantity: quantity(sum(mine)),
          };
          const venue = there(sum(fills), { quantity: quantity(100) });
          expect(codes(ours, { order: venue, fills }, mine.map(fillKey))).toEqual([]);
          const lacking = fills.filter((one) => !mine.includes(one)).slice(1);
          if (mine.length < fills.length)
            expect(codes(ours, { order: venue, fills: [...mine, ...lacking] }, mine.map(fillKey))).toEqual(BREACH);
        },
      ),
    );
  });
});

test('a cancel that never arrived leaves the order open', () => {
  const pending: Order = { ...order, venueOrderId: '7' as VenueOrder['venueOrderId'], status: 'pending_cancel' };
  expect(plan([pending], { order: venueOrder(), fills: [] }).events).toMatchObject([{ kind: 'cancel-rejected' }]);
});

test('an unknown open order of our making is canceled, somebody’s own is left alone, both are reported', () => {
  const mine = venueOrder({ clientOrderId: 'm7654321-1' as Order['clientOrderId'] });
  const theirs = venueOrder({ clientOrderId: 'web_1' as Order['clientOrderId'] });
  expect(plan([], null, [], [mine, theirs])).toMatchObject({
    cancels: ['m7654321-1'],
    divergences: [{ id: 'unknown_order:m7654321-1' }, { id: 'unknown_order:web_1' }],
  });
});

test('of a pair of ours that the ledger does not know one order is canceled, which takes the other with it; both are reported once', () => {
  const ids = [
    'm1234567-2A-p',
    'm1234567-2B-p',
    'm1234567-3-p',
  ] as readonly string[] as readonly Order['clientOrderId'][];
  const open = ids.map((clientOrderId) => venueOrder({ clientOrderId }));
  const { cancels, divergences } = plan([], null, [], open);
  expect(cancels).toEqual(['m1234567-2A-p', 'm1234567-3-p']);
  expect(divergences.map(({ id }) => id)).toEqual(ids.map((id) => `unknown_order:${id}`));
});

test.each([
  ['never arrived', null, null, ['order-rejected', 'order-rejected']],
  ['are both there', 'accepted', 'accepted', ['order-accepted', 'order-accepted']],
  [
    'one filled and one ended',
    'filled',
    'expired',
    ['order-accepted', 'order-filled', 'order-accepted', 'order-expired'],
  ],
] as const)('two orders of a pair whose outcome a crash has hidden: %s', (_what, first, second, kinds) => {
  const listId = 'm1234567-2L' as Order['clientOrderId'];
  const legs = ['m1234567-2A-p', 'm1234567-2B-p'].map((id) => ({
    ...order,
    clientOrderId: id as Order['clientOrderId'],
    listId,
  }));
  const views = legs.map(({ clientOrderId }, index): [Order['clientOrderId'], VenueOrderView] => {
    const status = index === 0 ? first : second;
    if (status === null) return [clientOrderId, { order: null, fills: [] }];
    const fills = status === 'filled' ? [{ ...fill, clientOrderId, quantity: quantity(10) }] : [];
    return [clientOrderId, { order: venueOrder({ clientOrderId, status }), fills }];
  });
  const { events } = reconcile({
    nowUs: atMs(100),
    orders: legs,
    seenFills: new Set(),
    venueOrders: new Map(views),
    venueOpenOrders: [],
    isOurs: () => true,
  });
  expect(events.map(({ kind }) => kind)).toEqual(kinds);
});
