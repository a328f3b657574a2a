import {
  amount,
  baseAmount,
  clientOrderId,
  expectOk,
  instrumentId,
  lotsWithin,
  notional,
  price,
  quantity,
  type Amount,
  type AssetId,
  type Instrument,
  type Price,
  type Quantity,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ASK, BID, PLENTY, REASON, type ExecutionBench } from './execution-bench.ts';
import { courseCases } from './execution-course-conformance.ts';
import { orderListCases, replaceCases } from './execution-lists-conformance.ts';
import { accountCases, orderTypeCases } from './execution-orders-conformance.ts';
import { ExecutionWitness, verifyAccount } from './execution-witness.ts';

/** A venue with an account that has never traded, and its market in the test's hands. */
export interface ExecutionVenueRig {
  readonly venue: ExecutionVenue;
  /** What is traded: the account holds at least 5,000 of its quote and 0.5 of its base. A lot is worth less than 1 of the quote at 60,000. */
  readonly instrument: Instrument;
  /** Now, for requests; never goes back. */
  nowUs(): TimestampUs;
  /** From now on the market offers `lots` at each of these prices, and nothing between them; the last price is the middle, and nothing of the account's was traded to get there. */
  market(bid: Price, ask: Price, lots: Quantity): void;
  /** Resolves when the outcomes of all that was handed over have been told. */
  settled(): Promise<void>;
  /** Closes the venue and opens the same account again. */
  reopen(): Promise<ExecutionVenue>;
  dispose(): Promise<void>;
}

/** What every `ExecutionVenue` must keep. */
export function executionVenueConformance(name: string, make: () => Promise<ExecutionVenueRig>): void {
  describe(`${name} keeps the promises of an execution venue`, () => {
    let rig: ExecutionVenueRig;
    let venue: ExecutionVenue;
    let witness: ExecutionWitness;

    const begin = async (): Promise<void> => {
      rig = await make();
      venue = rig.venue;
      witness = new ExecutionWitness(
        () => venue,
        rig.instrument,
        () => rig.nowUs(),
      );
      await witness.begin();
    };
    beforeEach(begin);
    afterEach(() => rig.dispose());

    const market = (bid: Price, ask: Price, lots = PLENTY): void => witness.call(() => rig.market(bid, ask, lots));
    const settle = async (): Promise<void> => {
      await rig.settled();
      await verifyAccount(witness);
    };
    const balance = async (asset: AssetId): Promise<{ readonly free: Amount; readonly locked: Amount }> =>
      expectOk(await venue.balances()).find((each) => each.asset === asset) ?? { free: amount(0n), locked: amount(0n) };

    const bench: ExecutionBench = {
      get venue() {
        return venue;
      },
      get witness() {
        return witness;
      },
      market,
      settle,
      balance,
    };
    describe('orders of every type', () => {
      orderTypeCases(bench);
    });
    describe('lists of orders', () => {
      orderListCases(bench);
    });
    describe('replacements', () => {
      replaceCases(bench);
    });
    describe('the account', () => {
      accountCases(bench);
    });
    courseCases(bench, async () => {
      await rig.dispose();
      await begin();
    });

    it('answers by events only, after the call has returned', async () => {
      market(BID, ASK);
      witness.submit();
      witness.submit({ limitPrice: price(BID - 1_000) });
      witness.cancel(clientOrderId('nobody'));
      expect(witness.events).toEqual([]);
      await rig.settled();
      expect(witness.events.map(({ kind }) => kind)).toEqual([
        'order-accepted',
        'order-filled',
        'order-accepted',
        'cancel-rejected',
      ]);
      await settle();
    });

    it('fills a market order wholly where the market offers enough, and charges what the fills say', async () => {
      market(BID, ASK);
      const bought = witness.submit({ quantity: quantity(1_000) });
      const sold = witness.submit({ quantity: quantity(400), side: 'sell' });
      await settle();
      for (const [id, lots, touch] of [
        [bought, 1_000, ASK],
        [sold, 400, BID],
      ] as const) {
        const fills = witness.fills(id);
        expect(fills.reduce((sum, fill) => sum + fill.quantity, 0)).toBe(lots);
        expect(fills.every(({ liquidity }) => liquidity === 'taker')).toBe(true);
        // Never better than the touch, and within a tenth of it.
        for (const fill of fills) {
          const worse = id === bought ? fill.price - touch : touch - fill.price;
          expect(worse).toBeGreaterThanOrEqual(0);
          expect(worse).toBeLessThan(touch / 10);
        }
        expect(expectOk(await venue.order(id))?.status).toBe('filled');
      }
    });

    it('lets a limit order away from the market rest with its money locked, and gives all of it back when it is canceled', async () => {
      market(BID, ASK);
      const { base, quote } = rig.instrument;
      const before = [await balance(quote), await balance(base)];
      const limit = price(BID - 10_000);
      const buy = witness.submit({ limitPrice: limit, quantity: quantity(1_000) });
      const sell = witness.submit({ side: 'sell', limitPrice: price(ASK + 10_000), quantity: quantity(2_000) });
      await settle();
      expect(expectOk(await venue.openOrders()).map(({ status }) => status)).toEqual(['accepted', 'accepted']);
      expect((await balance(quote)).locked).toBeGreaterThanOrEqual(notional(limit, quantity(1_000), rig.instrument));
      expect((await balance(base)).locked).toBeGreaterThanOrEqual(baseAmount(quantity(2_000), rig.instrument));
      witness.cancel(buy);
      witness.cancel(sell);
      await settle();
      for (const id of [buy, sell]) expect(witness.kinds(id)).toEqual(['order-accepted', 'order-canceled']);
      expect([await balance(quote), await balance(base)]).toEqual(before);
    });

    it('fills a resting order in parts as the market comes through it, at its own price', async () => {
      market(BID, ASK);
      const limit = price(BID - 500);
      const id = witness.submit({ limitPrice: limit, quantity: quantity(1_000) });
      await settle();
      market(price(BID - 1_000), price(limit - 200), quantity(300));
      await settle();
      expect(expectOk(await venue.order(id))).toMatchObject({ status: 'partially_filled', filledQuantity: 300 });
      market(price(BID - 1_000), price(limit - 200), PLENTY);
      await settle();
      expect(witness.kinds(id)).toEqual(['order-accepted', 'order-filled', 'order-filled']);
      expect(witness.fills(id)).toMatchObject([
        { price: limit, quantity: 300, liquidity: 'maker' },
        { price: limit, quantity: 700, liquidity: 'maker' },
      ]);
    });

    it('can cancel what is left of an order that filled in part', async () => {
      market(BID, ASK);
      const id = witness.submit({ side: 'sell', limitPrice: price(ASK + 500), quantity: quantity(1_000) });
      market(price(ASK + 700), price(ASK + 900), quantity(250));
      witness.cancel(id);
      await settle();
      expect(witness.kinds(id)).toEqual(['order-accepted', 'order-filled', 'order-canceled']);
      expect(expectOk(await venue.order(id))).toMatchObject({ status: 'canceled', filledQuantity: 250 });
    });

    it('keeps to the time in force: GTC rests what the market does not offer, IOC drops it, FOK takes all or nothing', async () => {
      const limitPrice = ASK;
      const submit = (timeInForce: 'gtc' | 'ioc' | 'fok') => {
        market(BID, ASK, quantity(400));
        return witness.submit({ limitPrice, timeInForce, quantity: quantity(1_000) });
      };
      // The one that rests comes last: on a real market nobody can offer at its price without trading with it.
      const [ioc, fok, gtc] = [submit('ioc'), submit('fok'), submit('gtc')];
      const away = witness.submit({ limitPrice: price(BID - 100), timeInForce: 'ioc' });
      await settle();
      expect(witness.kinds(gtc)).toEqual(['order-accepted', 'order-filled']);
      expect(witness.kinds(ioc)).toEqual(['order-accepted', 'order-filled', 'order-expired']);
      for (const id of [fok, away]) expect(witness.kinds(id)).toEqual(['order-accepted', 'order-expired']);
      expect(witness.of(ioc).at(-1)).toMatchObject({ reason: REASON });
      expect(expectOk(await venue.openOrders()).map((order) => order.clientOrderId)).toEqual([gtc]);
      market(BID, ASK, quantity(1_000));
      const whole = witness.submit({ limitPrice, timeInForce: 'fok', quantity: quantity(200) });
      await settle();
      expect(expectOk(await venue.order(whole))?.status).toBe('filled');
    });

    it('refuses what breaks the instrument’s rules or can not be paid, with code and reason, and forgets it', async () => {
      market(BID, ASK, quantity(1_000_000));
      const before = expectOk(await venue.balances());
      const { base, quote, quantityMax } = rig.instrument;
      const { free } = await balance(quote);
      const tooMuch = quantity(Math.ceil(Number(free / notional(BID, quantity(1), rig.instrument)) * 1.1));
      const tooMany = quantity(lotsWithin((await balance(base)).free, rig.instrument) + 1);
      const refused = [
        witness.submit({ quantity: quantity(0) }),
        witness.submit({ quantity: quantity(quantityMax + 1), limitPrice: price(1) }),
        witness.submit({ quantity: quantity(1), limitPrice: price(100) }),
        witness.submit({ limitPrice: price(0) }),
      ];
      const unpaid = [
        witness.submit({ quantity: tooMuch }),
        witness.submit({ quantity: tooMuch, limitPrice: BID }),
        witness.submit({ quantity: tooMany, side: 'sell' }),
        witness.submit({ quantity: tooMany, side: 'sell', limitPrice: ASK, timeInForce: 'fok' }),
      ];
      const nowhere = witness.submit({ instrument: instrumentId('NOSUCHPAIR') });
      await settle();
      const codes = (ids: typeof refused) =>
        ids.map((id) => witness.of(id).map((event) => (event.kind === 'order-rejected' ? event.code : event.kind)));
      for (const [code] of codes(refused)) expect(code).toMatch(/^filter_[a-z_]+$/);
      expect(codes(unpaid)).toEqual(unpaid.map(() => ['insufficient_balance']));
      expect(codes([nowhere])).toEqual([['instrument_unknown']]);
      for (const id of [...refused, ...unpaid, nowhere]) expect(witness.of(id)).toMatchObject([{ reason: REASON }]);
      expect(expectOk(await venue.balances())).toEqual(before);
    });

    it('refuses an id it has seen, whatever became of it, and leaves the first order alone', async () => {
      market(BID, ASK);
      const ids = [witness.submit({ limitPrice: price(BID - 1_000) }), witness.submit(), witness.submit()];
      await settle();
      for (const id of ids) {
        const request = witness.requests.get(id);
        if (request !== undefined) witness.again({ ...request, quantity: quantity(777) });
      }
      await settle();
      for (const id of ids)
        expect(witness.of(id).at(-1)).toMatchObject({ kind: 'order-rejected', code: 'duplicate_order' });
      expect(expectOk(await venue.openOrders())).toHaveLength(1);
    });

    it('answers order_unknown to the cancel of an order it does not have, or that has ended', async () => {
      market(BID, ASK);
      const filled = witness.submit();
      const canceled = witness.submit({ limitPrice: price(BID - 1_000) });
      witness.cancel(canceled);
      await settle();
      for (const id of [filled, canceled, clientOrderId('nobody')]) {
        witness.cancel(id);
        await settle();
        expect(witness.of(id).at(-1)).toMatchObject({ kind: 'cancel-rejected', code: 'order_unknown', reason: REASON });
      }
    });

    it('knows nothing of an id it has never seen', async () => {
      expect(expectOk(await venue.order(clientOrderId('nobody')))).toBeNull();
      expect(expectOk(await venue.fillsOf(clientOrderId('nobody')))).toEqual([]);
      expect(expectOk(await venue.openOrders())).toEqual([]);
    });

    it('tells every listener the same, in the same order', async () => {
      const other: VenueOrderEvent[] = [];
      venue.onEvent((event) => other.push(event));
      market(BID, ASK);
      for (let index = 0; index < 10; index += 1) {
        witness.submit({ side: index % 2 === 0 ? 'buy' : 'sell' });
        witness.cancel(witness.submit({ limitPrice: price(BID - 100) }));
      }
      await settle();
      expect(other).toEqual(witness.events);
      expect(other.length).toBe(40);
    });

    it('holds the same account after it was closed and opened', async () => {
      market(BID, ASK);
      const filled = witness.submit();
      const resting = witness.submit({ limitPrice: price(BID - 1_000) });
      await settle();
      const before = [expectOk(await venue.balances()), expectOk(await venue.openOrders())];
      venue = await rig.reopen();
      witness.listen();
      expect([expectOk(await venue.balances()), expectOk(await venue.openOrders())]).toEqual(before);
      await verifyAccount(witness);
      market(BID, ASK);
      const request = witness.requests.get(filled);
      if (request !== undefined) witness.again(request);
      witness.cancel(resting);
      const next = witness.submit({ side: 'sell' });
      await settle();
      expect(witness.of(filled).at(-1)).toMatchObject({ kind: 'order-rejected', code: 'duplicate_order' });
      expect(expectOk(await venue.order(resting))?.status).toBe('canceled');
      expect(expectOk(await venue.order(next))?.status).toBe('filled');
    });

    it('tells what it had taken before it is closed, and nothing after', async () => {
      market(BID, ASK);
      const last = witness.submit();
      const resting = witness.submit({ limitPrice: price(BID - 1_000) });
      await venue.close();
      await venue.close();
      expect(witness.kinds(last)).toEqual(['order-accepted', 'order-filled']);
      const told = witness.events.length;
      witness.submit();
      witness.cancel(resting);
      market(price(BID - 5_000), price(BID - 4_000));
      await rig.settled();
      expect(witness.events).toHaveLength(told);
    });
  });
}
