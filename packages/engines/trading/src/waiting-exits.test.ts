import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answersOf, AskWorld, decisionsOf, FREE } from './ask-world.test-support.ts';
import { atMs, only, startInputs, tradeInput, venueInput } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput } from './kernel-types.ts';
import { GUARDED } from './protective-desk.test-support.ts';
import type { RecoveredState } from './records.ts';
import { WAITING_MAX } from './waiting-exits.ts';

const STOPPED: KernelConfig = { ...FREE, exitPlan: GUARDED.exitPlan };
const tickInput = (ms: number): KernelInput => ({ kind: 'tick', tsUs: atMs(ms) });
const limits = (world: AskWorld) =>
  world.resting.filter(({ type }) => type === 'limit').map(({ tag, quantity }) => [tag, quantity]);
const stops = (world: AskWorld) =>
  world.resting.filter(({ type }) => type === 'stop_loss_limit').map(({ tag, quantity }) => [tag, quantity]);

describe('sells of a strategy whose coins a stop protects', () => {
  test('take theirs out of the stop one after another, in order, and the stop is placed anew for the rest', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    expect(stops(world)).toEqual([['stop', 1_000]]);
    const outputs = world.ask(({ order }) => {
      order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.002, tag: 'one' });
      order({ side: 'sell', type: 'limit', limitPrice: 62_000, quantity: 0.003, tag: 'two' });
      order({ side: 'sell', type: 'limit', limitPrice: 63_000, quantity: 0.001, tag: 'three' });
    });
    expect(answersOf(outputs).map(({ result }) => result)).toEqual(['approved', 'deferred', 'deferred']);
    world.hearAll();
    expect(limits(world)).toEqual([
      ['one', 200],
      ['two', 300],
      ['three', 100],
    ]);
    expect(stops(world)).toEqual([['stop', 400]]);
    const later = decisionsOf(world.outputs).filter(({ id }) => id.includes(':protection:exit:'));
    expect(later).toMatchObject([
      { action: 'exit', wanted: { tag: 'two' } },
      { action: 'exit', wanted: { tag: 'three' } },
    ]);
    expect(world.offered).toBe(1_000);
  });

  test('a grid works beside its stop: what a level sells is out of the stop, what it does not is in it', () => {
    const world = new AskWorld(STOPPED, {
      onFill({ order }, { tag, side, quantity }) {
        if (side === 'buy')
          order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: quantity / 2, tag: `sell-${tag}` });
      },
    });
    for (const tag of ['1', '2', '3']) {
      world.ask(({ order }) => order({ side: 'buy', type: 'limit', limitPrice: 59_900, quantity: 0.002, tag }));
      world.hearAll();
      const [buy] = world.resting.filter((each) => each.tag === tag);
      if (buy === undefined) throw new Error('nothing rests');
      world.fill(buy.clientOrderId, 200);
      world.hearAll();
    }
    expect(limits(world)).toEqual([
      ['sell-1', 100],
      ['sell-2', 100],
      ['sell-3', 100],
    ]);
    expect(stops(world)).toEqual([['stop', 300]]);
  });

  test('are not for more than is held, those that wait counted', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    const outputs = world.ask(({ order }) => {
      for (const tag of ['one', 'two', 'three'])
        order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.006, tag });
    });
    expect(answersOf(outputs)).toMatchObject([
      { result: 'approved' },
      { result: 'deferred' },
      { result: 'denied', rule: 'position_short' },
    ]);
    world.hearAll();
    expect(limits(world)).toEqual([
      ['one', 600],
      ['two', 400],
    ]);
  });

  test('have a tag that no other may have meanwhile, can be canceled by it, and all by a close', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    const outputs = world.ask(({ order, cancel }) => {
      order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag: 'one' });
      for (const tag of ['two', 'two', 'three'])
        order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag });
      cancel('two');
    });
    expect(answersOf(outputs)).toMatchObject([
      { result: 'approved' },
      { result: 'deferred' },
      { rule: 'tag_in_use', message: 'a sell that waits for its coins has the tag already' },
      { result: 'deferred' },
      { result: 'done', message: 'canceled: a sell that waited' },
    ]);
    world.ask(({ close }) => close());
    world.hearAll();
    expect(world.held).toBe(0);
    expect(world.resting).toEqual([]);
    expect(only(world.outputs, 'submit').map(({ request }) => request.tag)).not.toContain('three');
  });

  test('no more than so many wait; the next is told so', () => {
    const world = new AskWorld(STOPPED);
    world.buy(10_000);
    const outputs = world.ask(({ order }) => {
      for (let n = 0; n < WAITING_MAX + 2; n += 1)
        order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001 });
    });
    const answers = answersOf(outputs);
    expect(answers.filter(({ result }) => result === 'deferred')).toHaveLength(WAITING_MAX);
    expect(answers.at(-1)).toMatchObject({ rule: 'exits_waiting_max', limit: String(WAITING_MAX) });
    world.hearAll();
    expect(limits(world)).toHaveLength(WAITING_MAX + 1);
    expect(world.offered).toBe(10_000);
  });

  test('are denied with their reason when nothing is held any more, and when a person halts trading', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    const [stop] = world.resting;
    if (stop === undefined) throw new Error('nothing protects it');
    world.fill(stop.clientOrderId, 400);
    world.hearAll();
    const sell = (tag: string) =>
      world.ask(({ order }) => order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag }));
    expect(answersOf(sell('one'))).toMatchObject([{ result: 'deferred' }]);
    // The cancel comes too late.
    world.venue.forEach((order) => void (order.open = false));
    world.events.length = 0;
    world.venue.set(stop.clientOrderId, { request: stop, listId: null, open: true, filled: 400 });
    world.fill(stop.clientOrderId, 600);
    expect(decisionsOf(world.hearAll()).filter(({ id }) => id.includes('exit:'))).toMatchObject([
      { action: 'hold', risk: { rule: 'position_short', message: 'nothing is held any more' } },
    ]);

    const halted = new AskWorld(STOPPED);
    halted.buy(1_000);
    halted.ask(({ order }) => {
      for (const tag of ['one', 'two'])
        order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag });
    });
    const action = { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: false } as const;
    const told = halted.give({ kind: 'command', tsUs: 0 as never, id: 'c', actor: 'me', action });
    expect(decisionsOf(told).filter(({ id }) => id.includes('exit:'))).toMatchObject([
      { action: 'hold', wanted: { tag: 'two' }, risk: { result: 'denied', rule: 'trading_state' } },
    ]);
  });

  test('outlive the program: what waited when it died is placed by the next one', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    world.ask(({ order }) => {
      for (const tag of ['one', 'two'])
        order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag });
    });
    const account = only(world.outputs, 'account').at(-1)?.account;
    const positions = only(world.outputs, 'position').map(({ position }) => position);
    const balances = only(world.outputs, 'balances').at(-1)?.balances;
    if (account === undefined || balances === undefined) throw new Error('nothing was recorded');
    const state: RecoveredState = {
      account,
      balances,
      positions: positions.slice(-1),
      // What was on its way had come to its end.
      openOrders: [],
      seenFills: [...world.kernel.seenFills],
      seenTransfers: [],
      decided: [],
      strategies: [],
      roundTrips: [],
    };
    const next = new Kernel(STOPPED, world.strategies);
    // The stop that was being replaced is gone; the rest is protected before the first trade is seen, and nothing is denied for want of one.
    const started = startInputs(1_000, balances, state).flatMap((input) => next.handle(input));
    const [stop] = only(started, 'submit').map(({ request }) => request);
    expect(stop).toMatchObject({ tag: 'stop', quantity: 1_000 });
    if (stop === undefined) throw new Error('nothing protects it');
    const { clientOrderId } = stop;
    const accepted = {
      kind: 'order-accepted',
      clientOrderId,
      venueOrderId: 'v1' as never,
      tsEventUs: atMs(1_001),
    } as const;
    const later = [tradeInput(1_001, 6_000_000), venueInput(1_002, accepted), tickInput(2_100)];
    const outputs = later.flatMap((input) => next.handle(input));
    expect(only(outputs, 'replace')).toMatchObject([{ clientOrderId, request: { tag: 'two', quantity: 100 } }]);
  });
});

describe('a pair of the strategy’s own', () => {
  const oco = { limitPrice: 62_000, stopPrice: 58_000, quantity: 0.004, tag: 'pair' };

  test('is entered once the stop that holds its coins is off; the rest gets a stop again', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    const outputs = world.ask((context) => context.oco(oco));
    expect(answersOf(outputs)).toMatchObject([{ result: 'deferred' }]);
    expect(only(outputs, 'submit-list')).toEqual([]);
    world.hearAll();
    const legs = world.resting.filter(({ tag }) => tag === 'pair');
    expect(legs.map(({ type, quantity }) => [type, quantity])).toEqual([
      ['limit_maker', 400],
      ['stop_loss_limit', 400],
    ]);
    expect(stops(world)).toContainEqual(['stop', 600]);
    expect(world.offered).toBe(1_000);
  });

  test('is entered at once where nothing protects the coins; one that ends takes the other with it', () => {
    const world = new AskWorld();
    world.buy(1_000);
    expect(
      only(
        world.ask((context) => context.oco(oco)),
        'submit-list',
      ),
    ).toHaveLength(1);
    world.hearAll();
    const [profit] = world.resting;
    if (profit === undefined) throw new Error('nothing rests');
    world.fill(profit.clientOrderId, 400);
    world.hearAll();
    expect([world.resting, world.held]).toEqual([[], 600]);
  });

  test('whose stop is above its limit is refused as it is asked for', () => {
    const world = new AskWorld();
    world.buy(1_000);
    const [decision] = decisionsOf(world.ask((context) => context.oco({ ...oco, stopPrice: 63_000 })));
    expect(decision).toMatchObject({
      action: 'hold',
      risk: { result: 'denied', rule: 'position_short', message: expect.stringContaining('stopPrice') as string },
    });
  });
});

type Step =
  | { readonly kind: 'sell'; readonly type: 'limit' | 'market' | 'stop' | 'oco'; readonly lots: number }
  | { readonly kind: 'buy' | 'fill'; readonly lots: number; readonly which: number }
  | { readonly kind: 'hear' | 'tick' }
  | { readonly kind: 'refuse'; readonly code: string };

const lots = fc.integer({ min: 20, max: 900 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sell' as const),
      type: fc.constantFrom('limit', 'market', 'stop', 'oco'),
      lots,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('buy', 'fill'), lots, which: fc.nat({ max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('hear', 'tick') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuse' as const),
      code: fc.constantFrom('order_type_barred', 'venue_unreachable', 'no_quote'),
    }),
  },
);

function take(world: AskWorld, step: Step): void {
  switch (step.kind) {
    case 'sell':
      world.ask(({ order, oco }) => {
        const size = { quantity: step.lots / 100_000 };
        if (step.type === 'limit') order({ side: 'sell', type: 'limit', limitPrice: 61_000, ...size });
        if (step.type === 'market') order({ side: 'sell', type: 'market', ...size });
        if (step.type === 'stop')
          order({ side: 'sell', type: 'stop_loss_limit', stopPrice: 59_000, limitPrice: 58_900, ...size });
        if (step.type === 'oco') oco({ limitPrice: 62_000, stopPrice: 58_000, ...size });
      });
      return;
    case 'buy':
      world.ask(({ order }) => order({ side: 'buy', type: 'market', quantity: step.lots / 100_000 }));
      return;
    case 'fill': {
      const resting = world.resting.filter(({ type }) => type !== 'market');
      const order = resting[step.which % Math.max(1, resting.length)];
      if (order !== undefined) world.fill(order.clientOrderId, step.lots);
      return;
    }
    case 'hear':
      world.hear();
      return;
    case 'tick':
      world.tick(700);
      return;
    case 'refuse':
      world.refusals.push(step.code);
  }
}

function run(steps: readonly Step[], restoring: boolean): AskWorld {
  const world = new AskWorld(STOPPED, {}, restoring);
  world.buy(1_000);
  for (const step of steps) {
    take(world, step);
    // While nothing is on its way the kernel knows all: then nothing open is for more than what is held.
    if (world.events.length === 0) expect(world.offered).toBeLessThanOrEqual(world.held);
  }
  for (let rounds = 0; rounds < 5; rounds += 1) {
    world.hearAll();
    world.tick(2_000);
  }
  return world;
}

test('whatever is sold, filled and refused: no open sells for more than is held, and each that waited is placed or denied with its reason', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 5, maxLength: 40 }), (steps) => {
      const world = run(steps, false);
      expect(world.kernel.state().rooms.protective.waiting.waiting).toEqual([]);
      const deferred = answersOf(world.outputs).filter(({ result }) => result === 'deferred');
      const later = decisionsOf(world.outputs).filter(({ id }) => id.includes(':protection:exit:'));
      expect(later).toHaveLength(deferred.length);
      for (const { action, risk, orders } of later) {
        if (action === 'exit') expect(orders.length).toBeGreaterThan(0);
        else expect(risk).toMatchObject({ result: 'denied', message: expect.any(String) as string });
      }
      expect(new Set(later.map(({ id }) => id)).size).toBe(later.length);
      expect(world.held).toBe(world.coins);
    }),
    { numRuns: 200 },
  );
});

test('a kernel restored from its snapshot before each input goes on the same, whatever waits', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 5, maxLength: 20 }), (steps) => void run(steps, true)),
    { numRuns: 15 },
  );
});
