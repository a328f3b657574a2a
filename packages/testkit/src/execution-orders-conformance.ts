import {
  absAmount,
  applyRate,
  baseAmount,
  expectOk,
  notional,
  price,
  quantity,
  subtractAmounts,
  timestampUs,
} from '@monsta/core';
import { expect, it } from 'vitest';
import { around, ASK, BID, MID_TICKS, PLENTY, REASON, type ExecutionBench } from './execution-bench.ts';
import { withoutStrategy, type Terms } from './execution-witness.ts';

const stop = (stopPrice: number, terms: Terms = {}): Terms => ({
  side: 'sell',
  type: 'stop_loss',
  stopPrice: price(stopPrice),
  quantity: quantity(500),
  ...terms,
});

/** Orders that wait for a trigger, rest only, or show a part of themselves. */
export function orderTypeCases(bench: ExecutionBench): void {
  const { market, settle } = bench;

  it('lets a stop wait with its money locked, and sells at the market once the price has come down to it', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const id = witness.submit(stop(MID_TICKS - 10_000));
    const lots = baseAmount(quantity(500), witness.instrument);
    market(...around(MID_TICKS - 9_000));
    await settle();
    expect(witness.kinds(id)).toEqual(['order-accepted']);
    expect((await bench.balance(witness.instrument.base)).locked).toBe(lots);
    expect(expectOk(await bench.venue.openOrders())).toMatchObject([
      { clientOrderId: id, type: 'stop_loss', stopPrice: MID_TICKS - 10_000, limitPrice: null, status: 'accepted' },
    ]);
    const [bid, ask] = around(MID_TICKS - 12_000);
    market(bid, ask);
    await settle();
    expect(witness.kinds(id)).toEqual(['order-accepted', 'order-triggered', 'order-filled']);
    expect(witness.fills(id)[0]).toMatchObject({ quantity: 500, liquidity: 'taker' });
    expect(witness.fills(id)[0]?.price).toBeLessThanOrEqual(bid);
  });

  it('takes a profit once the price has gone up to it, and a stop to buy on the way up', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const profit = witness.submit(stop(MID_TICKS + 10_000, { type: 'take_profit' }));
    const entry = witness.submit(stop(MID_TICKS + 10_000, { side: 'buy', type: 'stop_loss' }));
    market(...around(MID_TICKS + 12_000));
    await settle();
    for (const id of [profit, entry]) {
      expect(witness.kinds(id)).toEqual(['order-accepted', 'order-triggered', 'order-filled']);
    }
  });

  it('turns a stop-limit into a limit order at its trigger: it does not sell below its limit, and can be canceled', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const limits = { type: 'stop_loss_limit', limitPrice: price(MID_TICKS - 10_500) } as const;
    const [sold, canceled] = [stop(MID_TICKS - 10_000, limits), stop(MID_TICKS - 10_000, limits)].map((terms) =>
      witness.submit(terms),
    );
    if (sold === undefined || canceled === undefined) throw new Error('two orders were submitted');
    market(...around(MID_TICKS - 20_000));
    await settle();
    for (const id of [sold, canceled]) {
      expect(witness.kinds(id)).toEqual(['order-accepted', 'order-triggered']);
      expect(expectOk(await bench.venue.order(id))).toMatchObject({ status: 'accepted', type: 'stop_loss_limit' });
    }
    witness.cancel(canceled);
    await settle();
    market(...around(MID_TICKS - 5_000));
    await settle();
    expect(witness.kinds(canceled).at(-1)).toBe('order-canceled');
    expect(witness.fills(sold)).toMatchObject([{ price: MID_TICKS - 10_500, liquidity: 'maker' }]);
  });

  it('lets a trailing stop follow the market up, and triggers it on the way down', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const id = witness.submit(stop(0, { stopPrice: null, trailingBps: 100 }));
    // The peak of 6,100,000 less 1 % is 6,039,000.
    market(...around(MID_TICKS + 100_000));
    market(...around(MID_TICKS + 50_000));
    await settle();
    expect(witness.kinds(id)).toEqual(['order-accepted']);
    market(...around(MID_TICKS + 30_000));
    await settle();
    expect(witness.kinds(id)).toEqual(['order-accepted', 'order-triggered', 'order-filled']);
  });

  it('refuses a post-only order that would take, and lets one rest that would not', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const takes = witness.submit({ type: 'limit_maker', limitPrice: ASK });
    const rests = witness.submit({ type: 'limit_maker', limitPrice: BID });
    await settle();
    expect(witness.of(takes)).toMatchObject([
      { kind: 'order-rejected', code: 'would_match_immediately', reason: REASON },
    ]);
    expect(witness.kinds(rests)).toEqual(['order-accepted']);
    market(...around(BID - 500));
    await settle();
    expect(witness.fills(rests)).toMatchObject([{ price: BID, liquidity: 'maker' }]);
  });

  it('refuses a trigger that is reached already, and one that is missing', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const reached = [witness.submit(stop(MID_TICKS + 5_000)), witness.submit(stop(MID_TICKS - 5_000, { side: 'buy' }))];
    const missing = witness.submit(stop(0, { stopPrice: null }));
    await settle();
    for (const id of reached) {
      expect(witness.of(id)).toMatchObject([{ kind: 'order-rejected', code: 'would_trigger_immediately' }]);
    }
    expect(witness.of(missing)).toMatchObject([{ kind: 'order-rejected', reason: REASON }]);
    expect(expectOk(await bench.venue.openOrders())).toEqual([]);
  });

  it('fills an iceberg wholly, at its own price, and refuses one that shows more than it is', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const limitPrice = price(BID - 500);
    const iceberg = witness.submit({ limitPrice, quantity: quantity(1_000), icebergQuantity: quantity(300) });
    const wrong = witness.submit({ limitPrice, quantity: quantity(1_000), icebergQuantity: quantity(1_001) });
    await settle();
    expect(witness.of(wrong)).toMatchObject([{ kind: 'order-rejected', reason: REASON }]);
    market(...around(limitPrice - 1_000), PLENTY);
    await settle();
    const fills = witness.fills(iceberg);
    expect(fills.reduce((sum, fill) => sum + fill.quantity, 0)).toBe(1_000);
    expect(fills.every((fill) => fill.price === limitPrice && fill.liquidity === 'maker')).toBe(true);
  });
}

/** What can be asked of an account beside its orders. */
export function accountCases(bench: ExecutionBench): void {
  const { market, settle } = bench;

  it('tells the fills of an instrument from a time on, oldest first', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const bought = witness.submit({ quantity: quantity(300) });
    market(BID, ASK);
    const sold = witness.submit({ side: 'sell', quantity: quantity(200) });
    await settle();
    const all = [...witness.fills(bought), ...witness.fills(sold)];
    const fromUs = all[0]?.tsEventUs ?? timestampUs(0);
    const lastUs = all.at(-1)?.tsEventUs ?? timestampUs(0);
    const { id } = witness.instrument;
    expect(expectOk(await bench.venue.fillsSince(id, fromUs))).toEqual(all.map(withoutStrategy));
    expect(expectOk(await bench.venue.fillsSince(id, timestampUs(lastUs + 1)))).toEqual([]);
  });

  it('says what a fill costs, and charges no more', async () => {
    const { witness } = bench;
    const { instrument } = witness;
    const { takerPpm, makerPpm, discount } = expectOk(await bench.venue.fees(instrument.id));
    for (const rate of [takerPpm, makerPpm]) expect(Number.isSafeInteger(rate) && rate >= 0).toBe(true);
    market(BID, ASK);
    const fills = [witness.submit({ quantity: quantity(700) })];
    fills.push(witness.submit({ side: 'sell', quantity: quantity(300) }));
    await settle();
    for (const fill of fills.flatMap((id) => witness.fills(id))) {
      if (fill.feeAsset === discount?.asset) continue;
      const traded =
        fill.feeAsset === instrument.base
          ? baseAmount(fill.quantity, instrument)
          : notional(fill.price, fill.quantity, instrument);
      const difference = subtractAmounts(fill.fee, applyRate(traded, takerPpm, 'floor'));
      // Venues keep 8 digits of a fee and round the rest as they like.
      expect(absAmount(difference)).toBeLessThanOrEqual(10n ** 10n);
    }
  });

  it('takes its own orders for nobody else’s: no transfer and no foreign fill is told of them', async () => {
    const { witness, venue } = bench;
    const told: string[] = [];
    venue.onAccountEvent(({ kind }) => told.push(kind));
    market(BID, ASK);
    witness.submit();
    witness.submit({ side: 'sell', limitPrice: ASK });
    market(...around(ASK + 1_000));
    await settle();
    expect(told.filter((kind) => kind === 'transfer' || kind === 'foreign-fill')).toEqual([]);
  });
}
