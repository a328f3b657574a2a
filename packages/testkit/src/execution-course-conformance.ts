import { clientOrderId, expectOk, price, quantity } from '@monsta/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ASK, BID, MID_TICKS, type ExecutionBench } from './execution-bench.ts';

const lots = fc.integer({ min: 10, max: 3_000 }).map(quantity);
const offset = fc.integer({ min: -400, max: 400 });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const earlier = fc.nat({ max: 40 }).map((order) => clientOrderId(`conformance-${order}`));
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      side,
      timeInForce: fc.constantFrom('gtc' as const, 'gtc' as const, 'ioc' as const, 'fok' as const),
      quantity: lots,
      limit: fc.option(offset, { freq: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stop' as const),
      side,
      type: fc.constantFrom('stop_loss' as const, 'take_profit' as const, 'stop_loss_limit' as const),
      quantity: lots,
      trigger: offset,
      limit: offset,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      entry: fc.option(offset),
      above: fc.nat({ max: 400 }),
      below: fc.nat({ max: 400 }),
      quantity: lots,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), order: earlier, limit: offset, lots }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), order: earlier }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('market' as const), shift: offset, lots }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function act({ witness, market }: ExecutionBench, each: Action): void {
  const at = (ticks: number) => price(MID_TICKS + ticks);
  switch (each.kind) {
    case 'market':
      market(price(BID + each.shift), price(ASK + each.shift), each.lots);
      return;
    case 'cancel':
      witness.cancel(each.order);
      return;
    case 'replace':
      witness.replace(each.order, { limitPrice: at(each.limit), quantity: each.lots });
      return;
    case 'submit': {
      const { kind: _kind, limit, ...terms } = each;
      witness.submit({ ...terms, limitPrice: limit === null ? null : at(limit) });
      return;
    }
    case 'stop': {
      const { kind: _kind, trigger, limit, ...terms } = each;
      const limitPrice = terms.type === 'stop_loss_limit' ? at(limit) : null;
      witness.submit({ ...terms, stopPrice: at(trigger), limitPrice });
      return;
    }
    case 'list': {
      const exit = { side: 'sell', quantity: each.quantity } as const;
      const profit = { ...exit, type: 'limit_maker', limitPrice: at(each.above) } as const;
      const loss = { ...exit, type: 'stop_loss', stopPrice: at(-each.below) } as const;
      if (each.entry === null) witness.submitList('oco', [profit, loss]);
      else witness.submitList('otoco', [{ limitPrice: at(each.entry), quantity: each.quantity }, profit, loss]);
    }
  }
}

/** `renew` puts a new account, which has never traded, behind the bench. */
export function courseCases(bench: ExecutionBench, renew: () => Promise<void>): void {
  it('loses and makes nothing in any course of orders, lists, replacements, cancels and markets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
        await renew();
        bench.market(BID, ASK);
        for (const each of actions) act(bench, each);
        await bench.settle();
        for (const { clientOrderId: id } of expectOk(await bench.venue.openOrders())) bench.witness.cancel(id);
        await bench.settle();
        expect(expectOk(await bench.venue.openOrders())).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
}
