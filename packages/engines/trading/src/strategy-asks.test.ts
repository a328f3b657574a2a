import { price, quantity } from '@monsta/core';
import { describe, expect, it, test } from 'vitest';
import { answersOf, AskWorld, decisionsOf, FREE, type Ask } from './ask-world.test-support.ts';
import {
  atMs,
  barInput,
  BTC,
  configured,
  fillAll,
  only,
  quoteInput,
  startInputs,
  tradeInput,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput } from './kernel-types.ts';
import { GUARDED } from './protective-desk.test-support.ts';
import type { StrategyDefinition } from './strategy.ts';
import { STRATEGY_HANDLERS, type StrategyHandler } from './strategy-watch.ts';
import type { OrderAsk } from './strategy/vocabulary.ts';

const STOPPED: KernelConfig = { ...FREE, exitPlan: GUARDED.exitPlan };
const requests = (outputs: readonly KernelOutput[]) => only(outputs, 'submit').map(({ request }) => request);
const bookInput = (ms: number): KernelInput => ({
  kind: 'market',
  tsUs: atMs(ms),
  event: {
    kind: 'book-snapshot',
    instrument: BTC.id,
    lastUpdateId: 7,
    bids: [
      [price(5_999_900), quantity(100)],
      [price(5_999_800), quantity(200)],
    ],
    asks: [[price(6_000_100), quantity(300)]],
    tsEventUs: atMs(ms),
    tsInitUs: atMs(ms),
  },
});
const predictionInput = (ms: number, probabilityUp: number): KernelInput => ({
  kind: 'prediction',
  tsUs: atMs(ms),
  prediction: {
    instrument: BTC.id,
    model: 'm',
    interval: '1m',
    horizonMs: 60_000,
    timeMs: 1,
    probabilityUp,
    hasVote: true,
    absence: null,
  } as never,
});
const order = (ask: OrderAsk): Ask => {
  return (context) => context.order(ask);
};

describe('an order of a strategy reaches the venue with its terms:', () => {
  const buy = { side: 'buy', quantity: 0.001 } as const;
  const sell = { side: 'sell', quantity: 0.001 } as const;
  it.each<[string, OrderAsk, object]>([
    ['a market buy', { ...buy, type: 'market' }, { type: 'market', limitPrice: null, stopPrice: null }],
    [
      'a limit that fills at once or never',
      { ...buy, type: 'limit', limitPrice: 60_000, timeInForce: 'ioc' },
      { timeInForce: 'ioc', limitPrice: 6_000_000 },
    ],
    [
      'a limit that fills whole or never',
      { ...buy, type: 'limit', limitPrice: 60_000, timeInForce: 'fok' },
      { timeInForce: 'fok' },
    ],
    [
      'a limit that shows a part',
      { ...buy, type: 'limit', limitPrice: 59_000, iceberg: 0.0004 },
      { icebergQuantity: 40 },
    ],
    ['a limit that only rests', { ...buy, type: 'limit_maker', limitPrice: 59_000 }, { type: 'limit_maker' }],
    [
      'a buy stop',
      { ...buy, type: 'stop_loss', stopPrice: 61_000 },
      { type: 'stop_loss', stopPrice: 6_100_000, reduceOnly: false },
    ],
    [
      'a buy stop with a limit',
      { ...buy, type: 'stop_loss_limit', stopPrice: 61_000, limitPrice: 61_100 },
      { type: 'stop_loss_limit', stopPrice: 6_100_000, limitPrice: 6_110_000 },
    ],
    [
      'a buy below the market',
      { ...buy, type: 'take_profit', stopPrice: 59_000 },
      { type: 'take_profit', stopPrice: 5_900_000 },
    ],
    [
      'a take profit',
      { ...sell, type: 'take_profit', stopPrice: 61_000 },
      { side: 'sell', type: 'take_profit', stopPrice: 6_100_000, reduceOnly: true },
    ],
    [
      'a take profit with a limit',
      { ...sell, type: 'take_profit_limit', stopPrice: 61_000, limitPrice: 60_900 },
      { type: 'take_profit_limit', limitPrice: 6_090_000 },
    ],
    [
      'a stop that trails',
      { ...sell, type: 'stop_loss_limit', trailingBps: 150, limitPrice: 58_000 },
      { type: 'stop_loss_limit', trailingBps: 150, stopPrice: null },
    ],
  ])('%s', (_what, ask, terms) => {
    const world = new AskWorld();
    if (ask.side === 'sell') world.buy(1_000);
    const outputs = world.ask(order({ ...ask, tag: 'mine' }));
    expect(requests(outputs)).toMatchObject([{ ...terms, quantity: 100, tag: 'mine' }]);
  });

  it.each<[string, OrderAsk, RegExp]>([
    ['a stop without a trigger', { ...sell, type: 'stop_loss' }, /stop_loss order needs a stopPrice or trailingBps/],
    ['a market order with a price', { ...buy, type: 'market', limitPrice: 1 }, /market order has no limitPrice/],
    ['two sizes', { ...buy, type: 'market', notional: 5 } as never, /exactly one of quantity, fraction and notional/],
  ])('not %s, which stops the strategy with a reason', (_what, ask, message) => {
    const [decision] = decisionsOf(new AskWorld().ask(order(ask)));
    expect(decision).toMatchObject({ action: 'error', wanted: { message: expect.stringMatching(message) as string } });
  });
});

describe('a name that nobody reads', () => {
  const buying = { side: 'buy', type: 'market', quantity: 0.001 } as const;
  const entry = { quantity: 0.001, stopDistance: 0.02 };
  const wrong: readonly (readonly [string, string, Ask])[] = [
    ['setTarget', 'limit', (context) => context.setTarget(0.5, { limit: 60_000 } as never)],
    ['order', 'stopLimitOffset', order({ ...buying, stopLimitOffset: 0.1 } as never)],
    ['bracket', 'takeProfit', (context) => context.bracket({ ...entry, takeProfit: 63_000 } as never)],
    ['protect', 'takeProfit', (context) => context.protect({ stopDistance: 0.02, takeProfit: 63_000 } as never)],
    ['oco', 'side', (context) => context.oco({ quantity: 1, limitPrice: 2, stopPrice: 1, side: 'sell' } as never)],
    ['twap', 'overMs', (context) => context.twap({ side: 'buy', quantity: 1, overMs: 1_000 } as never)],
    ['close', 'quantity', (context) => context.close({ quantity: 1 } as never)],
    ['setTimer', 'inMs', (context) => context.setTimer('again', { everyMs: 1_000, inMs: 5 } as never)],
  ];

  it.each(wrong)('stops the strategy: %s has no %s', (call, name, ask) => {
    const outputs = new AskWorld().ask(ask);
    const message = expect.stringContaining(`${call}: there is no ${name}; it takes `) as string;
    expect(decisionsOf(outputs)).toMatchObject([{ action: 'error', wanted: { message } }]);
    expect(requests(outputs)).toEqual([]);
  });
});

describe('tags', () => {
  const reserved = ['target', 'close', 'stop', 'take-profit', 'flatten', 'manual', 'twap:1'];
  const asks: readonly (readonly [string, (tag: string) => Ask])[] = [
    ['order', (tag) => order({ side: 'buy', type: 'market', quantity: 0.001, tag })],
    ['bracket', (tag) => (context) => context.bracket({ quantity: 0.001, stopDistance: 0.02, tag })],
    ['oco', (tag) => (context) => context.oco({ quantity: 0.001, limitPrice: 62_000, stopPrice: 58_000, tag })],
    ['twap', (tag) => (context) => context.twap({ side: 'buy', quantity: 0.01, durationMs: 10_000, slices: 2, tag })],
    ['close', (tag) => (context) => context.close({ tag })],
  ];
  it.each(reserved.flatMap((tag) => asks.map(([call, ask]) => [tag, call, ask] as const)))(
    '%s is the engine’s own and can not be given by %s',
    (tag, call, ask) => {
      const outputs = new AskWorld().ask(ask(tag));
      const message = expect.stringContaining(`${call}: the tag ${tag} is one of the engine's own`) as string;
      expect(decisionsOf(outputs)).toMatchObject([{ action: 'error', wanted: { message } }]);
      expect(requests(outputs)).toEqual([]);
    },
  );
});

describe('protect', () => {
  test('replaces the configured stop while the position is held; null brings that back', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    world.ask(({ protect }) => protect({ stopPrice: 59_000, takeProfitPrice: 63_000 }));
    world.hearAll();
    expect(world.resting.map(({ type, stopPrice, limitPrice }) => [type, stopPrice, limitPrice])).toEqual([
      ['limit_maker', null, 6_300_000],
      ['stop_loss_limit', 5_900_000, 5_870_500],
    ]);
    const outputs = world.ask(({ protect }) => protect(null));
    expect(answersOf(outputs)).toMatchObject([{ result: 'done' }]);
    world.hearAll();
    world.tick(2_000);
    world.hearAll();
    expect(world.resting).toMatchObject([{ type: 'stop_loss_limit', stopPrice: 5_880_000, quantity: 1_000 }]);
  });

  test('is forgotten when the position closes', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    world.ask(({ protect }) => protect({ stopPrice: 59_000 }));
    world.hearAll();
    world.ask(({ close }) => close());
    world.hearAll();
    world.tick(2_000);
    expect(world.kernel.state().rooms.protective.plans.plans).toEqual([]);
  });
});

describe('twap', () => {
  const twap: Ask = (context) =>
    context.twap({ side: 'buy', quantity: 0.01, durationMs: 10_000, slices: 5, tag: 'slow', reason: 'a large one' });

  test('begins, buys its slices, and tells what came of it', () => {
    const world = new AskWorld();
    const begun = world.ask(twap);
    expect(answersOf(begun)).toContainEqual({ result: 'approved', algoId: '1', slices: 5 });
    for (let second = 0; second < 12; second += 1) {
      world.hearAll();
      world.trade();
      world.tick(1_000);
    }
    const slices = requests(world.outputs);
    expect(slices.map(({ tag, quantity: lots }) => [tag, lots])).toEqual(
      Array.from({ length: 5 }, () => ['twap:1', 200]),
    );
    expect(world.held).toBe(1_000);
    expect(decisionsOf(world.outputs).find(({ id }) => id.endsWith('twap:1:end'))).toMatchObject({
      action: 'enter',
      wanted: { tag: 'slow', filled: '0.01000', left: '0.00000', reason: 'all of it is filled' },
    });
  });

  test('is ended by its tag, with what it has', () => {
    const world = new AskWorld();
    world.ask(twap);
    world.hearAll();
    expect(answersOf(world.ask(({ cancel }) => cancel('slow')))).toMatchObject([{ message: 'canceled: a TWAP' }]);
    world.hearAll();
    world.tick(20_000);
    expect(world.held).toBe(200);
    expect(decisionsOf(world.outputs).find(({ id }) => id.endsWith('twap:1:end'))).toMatchObject({
      wanted: { filled: '0.00200', reason: 'its strategy canceled it' },
    });
  });

  test('that enters keeps the exit plan that was given with it, though nothing is held or open between its slices', () => {
    const world = new AskWorld();
    world.refusals.push('no_quote', 'no_quote');
    world.ask((context) => {
      context.protect({ stopDistance: 0.03 });
      twap(context);
    });
    world.hearAll();
    world.tick(1_000);
    expect([world.held, world.working]).toEqual([0, []]);
    for (let second = 0; second < 12; second += 1) {
      world.trade();
      world.tick(1_000);
      world.hearAll();
    }
    expect(world.held).toBeGreaterThan(0);
    world.tick(2_000);
    world.hearAll();
    expect(world.resting).toMatchObject([{ type: 'stop_loss_limit', stopPrice: 5_820_000, quantity: world.held }]);
  });

  test('a slice that waits for a stop pushes no sell of its strategy out', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    world.ask((context) => {
      context.order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.002, tag: 'one' });
      context.order({ side: 'sell', type: 'limit', limitPrice: 62_000, quantity: 0.002, tag: 'two' });
      context.twap({ side: 'sell', quantity: 0.004, durationMs: 4_000, slices: 2 });
    });
    for (let second = 0; second < 6; second += 1) {
      world.hearAll();
      world.trade();
      world.tick(1_000);
    }
    world.hearAll();
    expect(world.held).toBe(600);
    expect(Object.fromEntries(world.resting.map(({ tag, quantity: lots }) => [tag, lots]))).toEqual({
      one: 200,
      stop: 200,
      two: 200,
    });
  });
});

describe('what a strategy is told', () => {
  test('of the book: best first, and it can ask', () => {
    const seen: unknown[] = [];
    const world = new AskWorld(FREE, {
      onBook(context, book) {
        seen.push(book);
        context.order({ side: 'buy', type: 'limit', limitPrice: book.bids[0]?.[0] ?? 1, quantity: 0.001, tag: 'join' });
      },
    });
    const outputs = world.give(bookInput(100));
    expect(seen).toMatchObject([
      {
        bids: [
          [59_999, 0.001],
          [59_998, 0.002],
        ],
        asks: [[60_001, 0.003]],
      },
    ]);
    expect(requests(outputs)).toMatchObject([{ limitPrice: 5_999_900, tag: 'join' }]);
    expect(decisionsOf(outputs)).toMatchObject([{ id: 'asks:BTCUSDT:book:7', action: 'enter' }]);
  });

  test('of a prediction, which it finds again later', () => {
    const world = new AskWorld(FREE, {
      onPrediction({ setTarget, predictions }, { probabilityUp }) {
        if ((probabilityUp ?? 0) > 0.6) setTarget(1, { reason: `${predictions.length} spoke`, confidence: 0.9 });
      },
    });
    const say = (probabilityUp: number) => world.give(predictionInput(200, probabilityUp));
    expect(decisionsOf(say(0.5))).toEqual([]);
    const outputs = say(0.7);
    expect(requests(outputs)).toMatchObject([{ side: 'buy', tag: 'target' }]);
    expect(decisionsOf(outputs)).toMatchObject([{ wanted: { target: 1, reason: '1 spoke', confidence: 0.9 } }]);
  });
});

describe('a close', () => {
  const pause = (world: AskWorld) =>
    world.give({
      kind: 'command',
      tsUs: atMs(world.ms),
      id: 'p',
      actor: 'me',
      action: { kind: 'set-strategy', strategyId: 'asks', state: 'paused', reason: 'look' },
    });

  test('that a paused strategy asks for at a fill is denied, and what protects the position stays', () => {
    const world = new AskWorld(STOPPED, { onFill: ({ close }) => close({ reason: 'out' }) });
    world.ask(order({ side: 'buy', type: 'market', quantity: 0.01 }));
    pause(world);
    world.hearAll();
    expect(answersOf(world.outputs)).toContainEqual(
      expect.objectContaining({ result: 'denied', rule: 'trading_state' }),
    );
    expect(world.held).toBe(1_000);
    expect(world.resting).toMatchObject([{ tag: 'stop', quantity: 1_000 }]);
  });

  test('by a person works while the strategy is paused, and what waits to be sold is denied for it', () => {
    const world = new AskWorld(STOPPED);
    world.buy(1_000);
    world.ask((context) => {
      for (const tag of ['one', 'two'])
        context.order({ side: 'sell', type: 'limit', limitPrice: 61_000, quantity: 0.001, tag });
    });
    pause(world);
    const action = { kind: 'close-position', strategyId: 'asks', instrument: 'BTCUSDT', reason: null } as const;
    world.give({ kind: 'command', tsUs: atMs(world.ms), id: 'c', actor: 'me', action });
    for (let second = 0; second < 4; second += 1) {
      world.hearAll();
      world.tick(1_100);
    }
    expect([world.held, world.resting]).toEqual([0, []]);
    expect(world.kernel.strategies()).toMatchObject([{ status: 'paused' }]);
    const [denied] = decisionsOf(world.outputs).filter(({ id }) => id.includes(':protection:exit:'));
    expect(denied).toMatchObject({ wanted: { tag: 'two' }, risk: { result: 'denied' } });
  });
});

test('every call of a strategy’s code is seen from outside: what it is asked before it begins, and each handler', () => {
  const seen: string[] = [];
  const running: string[] = [];
  const ran: string[] = [];
  const inside = (what: string, expected = 'setup'): void => {
    expect([what, running]).toEqual([what, [expected]]);
    ran.push(what);
  };
  const handler = (name: StrategyHandler) => () => inside(name, name);
  const strategy = configured({
    name: 'watched',
    parameters: {},
    intervals: () => ['1m'],
    onBar: handler('onBar'),
    onTrade: handler('onTrade'),
    onBook: handler('onBook'),
    onPrediction: handler('onPrediction'),
    onFill: handler('onFill'),
    onOrder: handler('onOrder'),
    onTimer: handler('onTimer'),
    onStart({ order: place, setTimer }) {
      inside('onStart', 'onStart');
      place({ side: 'buy', type: 'market', quantity: 0.01 });
      setTimer('soon', { afterMs: 100 });
    },
  });
  const definition: StrategyDefinition = {
    ...strategy.definition,
    intervals: () => (inside('intervals'), ['1m']),
    indicators: () => (inside('indicators'), {}),
    warmUpBars: () => (inside('warmUpBars'), 1),
    state: () => (inside('state'), {}),
    validate: () => (inside('validate'), null),
  };
  const kernel = new Kernel(FREE, [{ ...strategy, definition }], {
    enter: (_index, call) => void (seen.push(call), running.push(call)),
    leave: () => void running.pop(),
  });
  expect(ran).toEqual(['intervals', 'indicators', 'warmUpBars', 'state']);
  const give = (input: KernelInput) => kernel.handle(input);
  for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)]) give(input);
  fillAll(kernel, give(barInput(0, 6_000_000)), 6_000_000, 60_010);
  give(tradeInput(60_020, 6_000_000));
  give(bookInput(60_030));
  give(predictionInput(60_040, 0.5));
  give({ kind: 'tick', tsUs: atMs(61_000) });
  const action = { kind: 'set-parameters', strategyId: 'watched', parameters: {} } as const;
  give({ kind: 'command', tsUs: atMs(61_100), id: 'c', actor: 'me', action });
  expect(new Set(ran)).toEqual(
    new Set([...STRATEGY_HANDLERS, 'intervals', 'indicators', 'warmUpBars', 'state', 'validate']),
  );
  expect(new Set(seen)).toEqual(new Set([...STRATEGY_HANDLERS, 'setup']));
  expect(kernel.strategies()).toMatchObject([{ failure: null }]);
});
