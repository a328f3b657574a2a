import { instrumentId, strategyId, type ClientOrderId, type Instrument } from '@monsta/core';
import { sma } from '@monsta/features/indicators';
import { describe, expect, it } from 'vitest';
import {
  atMs,
  barInput,
  barOf,
  BTC,
  CONFIG,
  configured,
  EMPTY,
  fillAll,
  only,
  quoteInput,
  running,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import type { StrategyRecord } from './records.ts';
import { defineStrategy, type ConfiguredStrategy, type StrategyDefinition } from './strategy.ts';

const PRICE = 6_000_000;
const tick = (ms: number): KernelInput => ({ kind: 'tick', tsUs: atMs(ms) });
const decisions = (outputs: readonly KernelOutput[]) => only(outputs, 'decision').map(({ decision }) => decision);
const orders = (outputs: readonly KernelOutput[]) => only(outputs, 'order').map(({ order }) => order);
const recordOf = (outputs: readonly KernelOutput[]): StrategyRecord | undefined =>
  only(outputs, 'strategy').at(-1)?.strategy;

/** A kernel that goes on from what was recorded, as after a crash. */
function recovered(
  strategies: readonly ConfiguredStrategy[],
  records: readonly StrategyRecord[],
  ms: number,
): { readonly kernel: Kernel; readonly outputs: readonly KernelOutput[] } {
  const kernel = new Kernel(CONFIG, strategies);
  const state = { ...EMPTY, strategies: records };
  const inputs = [...startInputs(ms, undefined, state), tradeInput(ms, PRICE), quoteInput(ms, PRICE - 1, PRICE)];
  return { kernel, outputs: inputs.flatMap((input) => kernel.handle(input)) };
}

/** Needs no bars: does something at a timer that rings once a second. */
const onceASecond = (onTimer: NonNullable<StrategyDefinition['onTimer']>, name = 'clock') =>
  configured(
    defineStrategy({
      name,
      parameters: {},
      intervals: () => [],
      state: () => ({ rings: [] as number[] }),
      onStart: ({ setTimer }) => setTimer('second', { everyMs: 1_000 }),
      onTimer,
    }),
  );

describe('timers', () => {
  const counting = configured(
    defineStrategy({
      name: 'counting',
      parameters: {},
      intervals: () => [],
      state: () => ({ rings: [] as number[], started: false }),
      onStart({ state, setTimer }) {
        if (!state.started) setTimer('second', { everyMs: 1_000 });
        state.started = true;
      },
      onTimer: ({ state }, { dueMs }) => void state.rings.push(dueMs % 100_000),
    }),
  );

  it('ring in their rhythm by the kernel’s clock, once where several are overdue, and are recorded with what they did', () => {
    const kernel = running([counting]);
    const outputs = [500, 1_001, 1_500, 4_700, 5_000, 5_001].flatMap((ms) => kernel.handle(tick(ms)));
    // It was set at 1 ms, with the first price.
    expect(recordOf(outputs)?.state).toEqual({ BTCUSDT: { rings: [1_001, 2_001, 5_001], started: true } });
    expect(only(outputs, 'strategy')).toHaveLength(3);
  });

  it('go on after a restart as they were: the same rhythm, and one ring for all that was missed', () => {
    const record = recordOf([500, 1_002].flatMap((ms) => running([counting]).handle(tick(ms))));
    if (record === undefined) throw new Error('nothing was recorded');
    const { kernel, outputs } = recovered([counting], [record], 60_500);
    expect(recordOf(outputs)?.state).toMatchObject({ BTCUSDT: { rings: [1_001, 2_001] } });
    expect(recordOf(kernel.handle(tick(61_001)))?.state).toMatchObject({ BTCUSDT: { rings: [1_001, 2_001, 61_001] } });
  });
});

describe('what a strategy remembers', () => {
  it('is kept with what was asked for; a throw leaves both as they were, stops it alone, and names the line', () => {
    const strategy = configured(
      defineStrategy({
        name: 'remembers',
        parameters: {},
        intervals: () => ['1m'],
        state: () => ({ bars: 0 }),
        onBar({ state, setTarget }) {
          state.bars += 1;
          setTarget(1);
          if (state.bars === 2) throw new Error('enough');
        },
      }),
    );
    const kernel = running([strategy]);
    const first = kernel.handle(barInput(0, PRICE));
    expect(recordOf(first)).toMatchObject({ status: 'running', state: { BTCUSDT: { bars: 1 } } });
    expect(only(first, 'submit')).toHaveLength(1);
    const second = kernel.handle(barInput(1, PRICE));
    expect(only(second, 'submit')).toEqual([]);
    expect(recordOf(second)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/strategy-desk\.test\.ts:\d+: Error: enough/) as string,
      state: { BTCUSDT: { bars: 1 } },
    });
    // The entry that was on its way is taken off.
    expect(only(second, 'cancel')).toHaveLength(1);
    expect(orders(first)).toMatchObject([{ status: 'pending_submit' }]);
  });

  it.each<[string, unknown, RegExp]>([
    ['a date', new Date(0), /state\.kept is a Date, which JSON can't hold/],
    ['what is not a number', [1, Number.NaN], /state\.kept\[1\] is NaN/],
    ['a function', { made: () => 1 }, /state\.kept\.made is a function/],
    ['nothing at all', undefined, /state\.kept is undefined/],
    ['too much', 'x'.repeat(70_000), /at most 65536/],
  ])('can not be %s: it is told where', (_what, kept, message) => {
    const strategy = onceASecond(({ state }) => void Object.assign(state, { kept }));
    const kernel = running([strategy]);
    const [decision] = decisions(kernel.handle(tick(1_500)));
    expect(decision).toMatchObject({ action: 'error', wanted: { message: expect.stringMatching(message) as string } });
  });

  it('a failure outlives a restart, until a person starts the strategy again: then it begins anew', () => {
    let breaks = true;
    const strategy = onceASecond(() => {
      if (breaks) throw new Error('broken');
    });
    const record = recordOf(running([strategy]).handle(tick(1_500)));
    if (record === undefined) throw new Error('nothing was recorded');
    expect(record.status).toBe('failed');
    breaks = false;
    const { kernel } = recovered([strategy], [record], 10_000);
    expect(kernel.strategies()).toMatchObject([
      { status: 'failed', failure: { message: expect.stringContaining('broken') as string } },
    ]);
    const command = { kind: 'set-strategy', strategyId: 'clock', state: 'running', reason: 'mended' } as const;
    const told = kernel.handle({ kind: 'command', tsUs: atMs(11_000), id: 'c', actor: 'me', action: command });
    expect(only(told, 'reply')).toMatchObject([{ error: null }]);
    expect(recordOf(told)).toMatchObject({ status: 'running', reason: null, causes: [] });
  });
});

describe('orders of a strategy', () => {
  const asks = (onStart: NonNullable<StrategyDefinition['onStart']>): ConfiguredStrategy =>
    configured(
      defineStrategy({
        name: 'asks',
        parameters: {},
        intervals: () => [],
        state: () => ({ told: [] as string[] }),
        onStart,
        onOrder: ({ state }, { tag, status }) => void (state as { told: string[] }).told.push(`${tag} ${status}`),
        onFill: ({ state }, { tag, price, quantity }) =>
          void (state as { told: string[] }).told.push(`${tag} ${quantity}@${price}`),
      }),
    );

  it('are sized exactly by quantity, share of the allocation, and money, each down to the lot', () => {
    const kernel = new Kernel(CONFIG, [
      asks(({ order }) => {
        const limit = { side: 'buy', type: 'limit', limitPrice: 59_000.005 } as const;
        order({ ...limit, quantity: 0.1 + 0.2 - 0.299, tag: 'a' });
        order({ ...limit, fraction: 0.5, tag: 'b' });
        order({ ...limit, notional: 100, tag: 'c' });
        order({ ...limit, notional: 100, tag: 'c' });
        order({ ...limit, quantity: 0.000001 });
      }),
    ]);
    const outputs = [...startInputs(), tradeInput(1, PRICE)].flatMap((input) => kernel.handle(input));
    expect(only(outputs, 'submit').map(({ request }) => [request.tag, request.quantity, request.limitPrice])).toEqual([
      ['a', 100, 5_900_000],
      ['b', 805, 5_900_000],
      ['c', 169, 5_900_000],
    ]);
    const [decision] = decisions(outputs);
    expect(decision).toMatchObject({ action: 'enter', risk: { result: 'denied', rule: 'tag_in_use' } });
    expect(decision?.id).toBe(`asks:BTCUSDT:start:${atMs(1)}`);
    expect((decision?.risk as { answers: unknown[] } | undefined)?.answers).toMatchObject([
      { result: 'approved' },
      { result: 'approved' },
      { result: 'approved' },
      { rule: 'tag_in_use' },
      { rule: 'order_size' },
    ]);
  });

  it('tell it what became of them, with their tag; it can cancel by tag', () => {
    const strategy = asks(({ order, cancel }) => {
      order({ side: 'buy', type: 'market', notional: 600, tag: 'now' });
      order({ side: 'buy', type: 'limit', notional: 100, limitPrice: 59_000, tag: 'low' });
      cancel('none');
    });
    const kernel = running([strategy]);
    const [low] = kernel.workingOrders().filter(({ tag }) => tag === 'low');
    const submits = kernel
      .workingOrders()
      .filter(({ tag }) => tag === 'now')
      .map((order) => ({ kind: 'submit' as const, request: order as never }));
    const filled = fillAll(kernel, submits, PRICE, 10);
    expect(recordOf(filled)?.state).toEqual({
      BTCUSDT: { told: ['now accepted', 'now 0.01@60000', 'now filled'].toSorted(byTime) },
    });
    if (low === undefined) throw new Error('there is no order');
    const { clientOrderId } = low;
    const accepted = {
      kind: 'order-accepted',
      clientOrderId,
      venueOrderId: 'v1' as never,
      tsEventUs: atMs(11),
    } as const;
    expect(recordOf(kernel.handle(venueInput(11, accepted)))?.state).toMatchObject({
      BTCUSDT: { told: expect.arrayContaining(['low accepted']) as string[] },
    });
  });

  it('a close takes its own orders off first, and then sells all there is', () => {
    const strategy = configured(
      defineStrategy({
        name: 'closes',
        parameters: {},
        intervals: () => ['1m'],
        onBar({ bar, order, close }) {
          if (bar.openTimeMs % 100_000_000 === 0) return;
          if (bar.close > 60_000) close({ reason: 'enough' });
          else
            order({
              side: 'buy',
              type: bar.close === 60_000 ? 'market' : 'limit',
              notional: 300,
              ...(bar.close === 60_000 ? {} : { limitPrice: 59_000 }),
            });
        },
      }),
    );
    const kernel = running([strategy]);
    fillAll(kernel, kernel.handle(barInput(0, PRICE)), PRICE, 60_010);
    const resting = kernel.handle(barInput(1, PRICE - 1));
    const [rests] = only(resting, 'submit');
    const asked = kernel.handle(barInput(2, PRICE + 1));
    expect([only(asked, 'cancel').length, only(asked, 'submit').length]).toEqual([1, 0]);
    if (rests === undefined) throw new Error('nothing rests');
    const { clientOrderId } = rests.request;
    const gone = { kind: 'order-canceled', clientOrderId, reason: 'asked', tsEventUs: atMs(180_010) } as const;
    const sold = kernel.handle(venueInput(180_010, gone));
    expect(only(sold, 'submit')).toMatchObject([
      { request: { side: 'sell', type: 'market', quantity: 500, tag: 'close' } },
    ]);
    expect(decisions(sold)).toMatchObject([{ action: 'exit', wanted: { reason: 'enough' } }]);
  });

  it('a bracket buys, and keeps its exit plan for what it buys', () => {
    const kernel = running([
      asks(({ bracket }) => bracket({ notional: 600, stopDistance: 0.02, takeProfitPrice: 66_000, tag: 'in' })),
    ]);
    const [order] = kernel.workingOrders();
    expect(order).toMatchObject({ side: 'buy', type: 'market', tag: 'in', quantity: 1_000 });
    const { protective } = kernel.state().rooms;
    expect(protective.plans.plans).toMatchObject([
      { plan: { stop: { distancePpm: 20_000, price: null }, takeProfit: { price: 6_600_000 } } },
    ]);
  });
});

const byTime = (one: string, other: string): number => rank(one) - rank(other);
const rank = (text: string): number => (text.endsWith('accepted') ? 0 : text.endsWith('filled') ? 1 : 2);

describe('several intervals and instruments', () => {
  const ETH: Instrument = { ...BTC, id: instrumentId('ETHUSDT'), base: 'ETH' as Instrument['base'] };

  it('the hour that closes with the minute is waited for, and for no longer than five seconds', () => {
    const strategy = configured(
      defineStrategy({
        name: 'hours',
        parameters: {},
        intervals: () => ['1m', '1h'],
        onBar: ({ setTarget }) => setTarget(0),
      }),
    );
    const hourOf = (n: number) => ({
      ...barOf(n * 60, PRICE),
      interval: '1h' as const,
      closeTimeUs: atMs((n + 1) * 3_600_000),
    });
    const kernel = running([strategy]);
    kernel.handle({ kind: 'warm-up', tsUs: atMs(3), bars: [hourOf(-1)] });
    const minute = (n: number): KernelInput => barInput(n, PRICE);
    expect(decisions(kernel.handle(minute(58)))).toMatchObject([{ action: 'hold' }]);
    expect(decisions(kernel.handle(minute(59)))).toEqual([]);
    const hour: KernelInput = { kind: 'market', tsUs: atMs(3_600_100), event: hourOf(0) };
    expect(decisions(kernel.handle(hour))).toMatchObject([
      { action: 'hold', id: expect.stringContaining(':1m:') as string },
    ]);
    for (let n = 60; n < 119; n += 1) kernel.handle(minute(n));
    expect(decisions(kernel.handle(minute(119)))).toEqual([]);
    expect(decisions(kernel.handle(tick(7_204_999)))).toEqual([]);
    expect(decisions(kernel.handle(tick(7_205_001)))).toMatchObject([
      { action: 'warm_up', wanted: { reason: 'the bar of 1h that closed last has not come' } },
    ]);
  });

  it('another instrument of the strategy is null while it warms up, and can be traded from the first afterwards', () => {
    const strategy = {
      ...configured(
        defineStrategy({
          name: 'pair',
          parameters: {},
          intervals: () => ['1m'],
          indicators: () => ({ mean: sma(2) }),
          onBar({ instrument, of }) {
            const other = instrument === 'BTCUSDT' ? of('ETHUSDT') : null;
            other?.order({ side: 'buy', type: 'market', notional: 50 });
          },
        }),
      ),
      instruments: [BTC.id, ETH.id],
    };
    const kernel = new Kernel(CONFIG, [strategy]);
    const eth = (input: KernelInput): KernelInput =>
      input.kind === 'market' ? { ...input, event: { ...input.event, instrument: ETH.id } as never } : input;
    const [, ...rest] = startInputs();
    for (const input of [{ kind: 'instruments', tsUs: atMs(0), instruments: [BTC, ETH] } as const, ...rest])
      kernel.handle(input);
    const both = [tradeInput(1, PRICE), quoteInput(2, PRICE - 1, PRICE), startInputs()[3] as KernelInput];
    for (const input of both) {
      kernel.handle(input);
      kernel.handle(eth(input));
    }
    for (const n of [0, 1]) kernel.handle(barInput(n, PRICE));
    expect(decisions(kernel.handle(eth(barInput(0, PRICE))))).toMatchObject([{ action: 'warm_up' }]);
    expect(decisions(kernel.handle(barInput(2, PRICE)))).toMatchObject([{ action: 'hold', orders: [] }]);
    for (const n of [1, 2]) kernel.handle(eth(barInput(n, PRICE)));
    kernel.handle(eth(quoteInput(239_000, PRICE - 1, PRICE)));
    const outputs = kernel.handle(barInput(3, PRICE));
    expect(only(outputs, 'submit')).toMatchObject([{ request: { instrument: 'ETHUSDT', strategyId: 'pair' } }]);
    expect(decisions(outputs)).toMatchObject([
      { instrument: 'BTCUSDT', action: 'hold' },
      { instrument: 'ETHUSDT', action: 'enter' },
    ]);
  });
});

describe('a person', () => {
  const strategy = configured(
    defineStrategy({
      name: 'ruled',
      parameters: { period: { kind: 'integer', default: 1, min: 1, max: 9 } },
      intervals: () => ['1m'],
      indicators: ({ period }) => ({ mean: sma(period) }),
      onBar: ({ setTarget }) => setTarget(1, { limitPrice: 59_000 }),
    }),
  );
  const id = strategyId('ruled');
  const say = (kernel: Kernel, ms: number, action: Extract<KernelInput, { kind: 'command' }>['action']) =>
    kernel.handle({ kind: 'command', tsUs: atMs(ms), id: `c${ms}`, actor: 'me', action });

  it('pauses a strategy: its entries are taken off, it is asked no more, and the others go on', () => {
    const kernel = running([strategy]);
    const entered = kernel.handle(barInput(0, PRICE));
    const [entry] = only(entered, 'submit');
    if (entry === undefined) throw new Error('no entry');
    const { clientOrderId } = entry.request;
    kernel.handle(
      venueInput(60_001, {
        kind: 'order-accepted',
        clientOrderId,
        venueOrderId: 'v' as never,
        tsEventUs: atMs(60_001),
      }),
    );
    const told = say(kernel, 60_100, { kind: 'set-strategy', strategyId: id, state: 'paused', reason: 'a look first' });
    expect(only(told, 'cancel')).toMatchObject([{ clientOrderId }]);
    expect(recordOf(told)).toMatchObject({ status: 'paused', reason: 'me: a look first' });
    expect(decisions(kernel.handle(barInput(1, PRICE)))).toMatchObject([
      { action: 'not_trading', wanted: { reason: 'the strategy is paused: me: a look first' } },
    ]);
    say(kernel, 120_100, { kind: 'set-strategy', strategyId: id, state: 'running', reason: 'seen' });
    expect(decisions(kernel.handle(barInput(2, PRICE)))).toMatchObject([
      { action: 'hold', risk: { result: 'deferred' } },
    ]);
  });

  it('sets other parameters: bars are gathered anew; they outlive a restart, and end when the configuration’s change', () => {
    const kernel = running([strategy]);
    kernel.handle(barInput(0, PRICE));
    const refused = say(kernel, 60_100, { kind: 'set-parameters', strategyId: id, parameters: { period: 99 } });
    expect(only(refused, 'reply')).toMatchObject([{ error: { code: 'parameters_invalid' } }]);
    const told = say(kernel, 60_200, { kind: 'set-parameters', strategyId: id, parameters: { period: 3 } });
    expect(only(told, 'reply')).toMatchObject([{ error: null }]);
    const record = recordOf(told);
    expect(record).toMatchObject({ parameters: { period: 3 }, configuredParameters: { period: 1 } });
    expect(decisions(kernel.handle(barInput(1, PRICE)))).toMatchObject([{ action: 'warm_up' }]);
    if (record === undefined) throw new Error('nothing was recorded');
    expect(recovered([strategy], [record], 70_000).kernel.strategies()).toMatchObject([{ parameters: { period: 3 } }]);
    const other = configured(strategy.definition, { period: 2 });
    expect(recovered([other], [record], 70_000).kernel.strategies()).toMatchObject([{ parameters: { period: 2 } }]);
  });
});

it('a kernel restored from its snapshot at any moment goes on exactly as it would have, timers, notices and memory included', () => {
  const strategy = configured(
    defineStrategy({
      name: 'busy',
      parameters: {},
      intervals: () => ['1m'],
      indicators: () => ({ mean: sma(3) }),
      state: () => ({ fills: 0, trades: 0, rings: 0, notes: [] as string[] }),
      onStart: ({ setTimer }) => setTimer('t', { everyMs: 45_000 }),
      onBar({ bar, indicators, state, setTarget, order, close }) {
        state.notes.push(`${bar.close}/${indicators.mean}`);
        if (state.notes.length % 5 === 4) close();
        else if (state.notes.length % 3 === 0)
          order({ side: 'buy', type: 'limit', limitPrice: 59_900, notional: 100, tag: `n${state.notes.length}` });
        else setTarget(bar.close > indicators.mean ? 1 : 0.5, { confidence: 0.9 });
      },
      onTrade: ({ state }) => void (state.trades += 1),
      onFill: ({ state }) => void (state.fills += 1),
      onTimer({ state, log }) {
        state.rings += 1;
        log(`ring ${state.rings}`);
      },
    }),
  );
  const straight = running([strategy]);
  let restored = running([strategy]);
  for (let n = 0; n < 14; n += 1) {
    const minute = n * 60_000;
    const close = PRICE + ((n * 7) % 5) * 1_000 - 2_000;
    const inputs = [
      tradeInput(minute + 30_000, close),
      quoteInput(minute + 30_001, close - 1, close),
      tick(minute + 50_000),
      barInput(n, close),
    ];
    for (const input of inputs) {
      restored = Kernel.restore(JSON.parse(JSON.stringify(restored.snapshot())), CONFIG, [strategy]);
      const [expected, got] = [straight.handle(input), restored.handle(input)];
      expect(got).toEqual(expected);
      expect(fillAll(restored, got, close, minute + 60_001)).toEqual(
        fillAll(straight, expected, close, minute + 60_001),
      );
    }
  }
  expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(straight.snapshot()));
  const [record] = [straight.state().rooms.strategies.runs[0]?.record.state];
  // It began with the close of the third bar: eleven minutes with a trade each, and fourteen times 45 s.
  expect(record).toMatchObject({ BTCUSDT: { rings: 14, trades: 11 } });
});

describe('a fill', () => {
  const listening = configured(
    defineStrategy({
      name: 'listening',
      parameters: {},
      intervals: () => ['1m'],
      onBar: ({ order }) => order({ side: 'buy', type: 'limit', fraction: 1, limitPrice: 60_000, tag: 'mine' }),
      onFill: ({ log }, { tag }) => log(`of ${tag ?? 'an order that had ended'}`),
    }),
  );
  const logs = (outputs: readonly KernelOutput[]): unknown[] =>
    decisions(outputs).flatMap(({ wanted }) => (wanted as { readonly log?: readonly string[] }).log ?? []);

  it('has the tag of its order; one that comes after its end has none, in a restored kernel as in any', () => {
    const early = running([listening], PRICE);
    expect(logs(fillAll(early, early.handle(barInput(0, PRICE)), PRICE, 60_010))).toEqual(['of mine']);

    const kernel = running([listening], PRICE);
    const submitted = kernel.handle(barInput(0, PRICE));
    const clientOrderId = only(submitted, 'submit')[0]?.request.clientOrderId ?? ('none' as ClientOrderId);
    kernel.handle(
      venueInput(60_005, { kind: 'order-canceled', clientOrderId, reason: 'by hand', tsEventUs: atMs(60_005) }),
    );
    const restored = Kernel.restore(kernel.snapshot(), CONFIG, [listening]);
    expect(logs(fillAll(kernel, submitted, PRICE, 60_010))).toEqual(['of an order that had ended']);
    expect(logs(fillAll(restored, submitted, PRICE, 60_010))).toEqual(['of an order that had ended']);
  });
});
