import { assetId, formatAmount } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import {
  atMs,
  balance,
  barInput,
  barOf,
  BTC,
  CONFIG,
  configured,
  EMPTY,
  feedInput,
  fillAll,
  money,
  only,
  quoteInput,
  running,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { knownUntilUs } from './kernel-state.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import { defineStrategy, type StrategyDefinition } from './strategy.ts';

const command = (ms: number, state: 'ACTIVE' | 'REDUCING' | 'HALTED', flatten = false): KernelInput => ({
  kind: 'command',
  tsUs: atMs(ms),
  id: `c${ms}`,
  actor: 'tester',
  action: { kind: 'set-state', state, reason: 'because I say so', flatten },
});

const decisionsOf = (outputs: readonly KernelOutput[]) => only(outputs, 'decision').map(({ decision }) => decision);

describe('a closed bar', () => {
  test('gives exactly one decision of each strategy, with its id, wish and risk answer, and the order it led to', () => {
    const kernel = running([scripted([1])]);
    const outputs = kernel.handle(barInput(0, 6_000_000));
    const [decision, ...more] = decisionsOf(outputs);
    expect(more).toEqual([]);
    const [submit] = only(outputs, 'submit');
    expect(decision).toMatchObject({
      id: `scripted:BTCUSDT:1m:${atMs(0) / 1000}`,
      action: 'enter',
      wanted: { target: 1 },
      risk: { result: 'approved' },
      orders: [submit?.request.clientOrderId],
    });
    // 9.5 % of 10,000 at 60,000.00 → 0.01583
    expect(submit?.request).toMatchObject({ side: 'buy', type: 'market', quantity: 1_583, reduceOnly: false });
    expect(kernel.handle(barInput(0, 6_000_000))).toEqual([]);
  });

  test('sizes an entry by what may be at stake where that is less than its share of the equity', () => {
    const limits = { ...CONFIG.limits, exposureMax: money('500') };
    const kernel = running([scripted([1])], 6_000_000, { ...CONFIG, limits });
    const [submit] = only(kernel.handle(barInput(0, 6_000_000)), 'submit');
    // 500 at 60,000.00 → 0.00833
    expect(submit?.request).toMatchObject({ side: 'buy', quantity: 833 });
  });

  test('records order, decision and counter together before the order is submitted', () => {
    const kinds = running([scripted([1])])
      .handle(barInput(0, 6_000_000))
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['equity', 'order', 'submit', 'decision', 'account']);
  });

  test('that arrives long after its close is not traded', () => {
    const kernel = running([scripted([1])]);
    const [decision] = decisionsOf(kernel.handle({ kind: 'market', tsUs: atMs(200_000), event: barOf(0, 6_000_000) }));
    expect(decision).toMatchObject({ action: 'not_trading', orders: [] });
  });

  test('known from history and decided before is warm-up only', () => {
    const kernel = new Kernel(CONFIG, [scripted([1, 1])]);
    const decided = [{ strategyId: 'scripted' as never, instrument: BTC.id, tsUs: atMs(60_000) }];
    for (const input of startInputs(0, undefined, { ...EMPTY, decided })) kernel.handle(input);
    kernel.handle({ kind: 'warm-up', tsUs: atMs(120_000), bars: [barOf(0, 6_000_000), barOf(1, 6_000_000)] });
    expect(decisionsOf(kernel.handle({ kind: 'market', tsUs: atMs(120_000), event: barOf(0, 6_000_000) }))).toEqual([]);
    expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))).toHaveLength(1);
    expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))).toEqual([]);
  });

  test('after a gap begins the warm-up anew', () => {
    const slow = configured(
      defineStrategy({
        name: 'slow',
        parameters: {},
        intervals: () => ['1m'],
        warmUpBars: () => 2,
        onBar: (context) => context.setTarget(0),
      }),
    );
    const kernel = running([slow]);
    expect(decisionsOf(kernel.handle(barInput(0, 6_000_000)))[0]).toMatchObject({ action: 'warm_up' });
    expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))[0]).toMatchObject({ action: 'hold' });
    expect(decisionsOf(kernel.handle(barInput(3, 6_000_000)))[0]).toMatchObject({ action: 'warm_up' });
  });

  test('stops a strategy that throws, saying where, and the others go on', () => {
    const broken = configured(
      defineStrategy({
        name: 'broken',
        parameters: {},
        intervals: () => ['1m'],
        onBar() {
          throw new TypeError('no such thing');
        },
      }),
    );
    const kernel = running([broken, scripted([1, null])]);
    const first = kernel.handle(barInput(0, 6_000_000));
    expect(decisionsOf(first)).toMatchObject([
      {
        action: 'error',
        wanted: { message: 'TypeError: no such thing', file: expect.stringMatching(/kernel\.test\.ts$/) as string },
      },
      { action: 'enter' },
    ]);
    expect(only(first, 'note')).toMatchObject([{ level: 'error', code: 'strategy_threw' }]);
    expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))).toMatchObject([
      { action: 'not_trading' },
      { action: 'hold' },
    ]);
  });

  test('stops a strategy whose onBar is asynchronous, and one that asks for the impossible, naming its own line', () => {
    const named = (name: string, onBar: NonNullable<StrategyDefinition['onBar']>) =>
      configured(defineStrategy({ name, parameters: {}, intervals: () => ['1m'], onBar }));
    // The compiler lets an async function stand where one that returns nothing is wanted.
    const unwaited = (): unknown => Promise.reject(new Error('nobody waits for this'));
    const asynchronous = named('asynchronous', () => unwaited() as void);
    const impossible = named('impossible', (context) => context.setTarget(Number.NaN));
    const kernel = running([asynchronous, impossible]);
    expect(decisionsOf(kernel.handle(barInput(0, 6_000_000)))).toMatchObject([
      { action: 'error', wanted: { message: expect.stringContaining('onBar must not be async') as string } },
      {
        action: 'error',
        wanted: {
          message: expect.stringContaining('from -1 to 1, not NaN') as string,
          file: expect.stringMatching(/kernel\.test\.ts$/) as string,
        },
      },
    ]);
  });

  test('keeps what the model said, which does not trade', () => {
    const kernel = running([scripted([null])]);
    const prediction = {
      instrument: BTC.id,
      model: 'logistic',
      interval: '1h' as const,
      horizonMs: 3_600_000,
      timeMs: 1,
      probabilityUp: null,
      rawProbabilityUp: null,
      calibrated: false,
      skillLow: null,
      hasVote: false,
      absence: { code: 'training', reason: 'the model is being trained' },
    };
    kernel.handle({ kind: 'prediction', tsUs: atMs(10), prediction });
    expect(decisionsOf(kernel.handle(barInput(0, 6_000_000)))[0]).toMatchObject({
      action: 'hold',
      prediction: [{ model: 'logistic', probabilityUp: null, absence: { code: 'training' } }],
    });
  });
});

describe('orders and fills', () => {
  test('a round trip leaves exact cash, no position, and the profit that the equity changed by', () => {
    const kernel = running([scripted([1, 0])]);
    const entered = fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001, 10n ** 17n);
    expect(only(entered, 'fill')).toHaveLength(1);
    kernel.handle(tradeInput(61_000, 6_060_000));
    kernel.handle(quoteInput(119_999, 6_060_000, 6_060_001));
    const exit = kernel.handle(barInput(1, 6_060_000));
    expect(decisionsOf(exit)[0]).toMatchObject({ action: 'exit' });
    expect(only(exit, 'submit')[0]?.request).toMatchObject({ side: 'sell', quantity: 1_583, reduceOnly: true });
    fillAll(kernel, exit, 6_060_000, 120_001, 10n ** 17n);
    const [position] = kernel.positions();
    expect(position).toMatchObject({ quantity: 0n, openedUs: null, unrealizedProfit: 0n });
    // 0.01583 × 600 − 0.2
    expect(formatAmount(position?.realizedProfit ?? (0n as never))).toBe('9.298');
    expect(formatAmount(kernel.account().equity ?? (0n as never))).toBe('10009.298');
  });

  test('a fill reported twice, or an acceptance after the end, changes nothing and is counted', () => {
    const kernel = running([scripted([1])]);
    const outputs = kernel.handle(barInput(0, 6_000_000));
    fillAll(kernel, outputs, 6_000_000, 60_001);
    const before = kernel.account();
    expect(fillAll(kernel, outputs, 6_000_000, 60_001)).toEqual([]);
    expect(kernel.account()).toEqual(before);
    expect(kernel.ignored).toEqual({ fill_duplicate: 1, order_not_working: 1 });
  });

  test('a new fill of an order that had ended moves the money and is reported once', () => {
    const kernel = running([scripted([1])]);
    const outputs = kernel.handle(barInput(0, 6_000_000));
    const [submit] = only(outputs, 'submit');
    const clientOrderId = submit?.request.clientOrderId ?? ('' as never);
    kernel.handle(venueInput(60_001, { kind: 'order-canceled', clientOrderId, reason: 'x', tsEventUs: atMs(60_001) }));
    const late = fillAll(kernel, outputs, 6_000_000, 60_002);
    expect(only(late, 'divergence')).toMatchObject([{ divergence: { code: 'late_fill' } }]);
    expect(only(late, 'order')).toEqual([]);
    expect(kernel.positions()[0]?.quantity).toBe(15_830_000_000_000_000n);
  });

  test('a resting limit order rests on while wanted, and is canceled when not', () => {
    const kernel = running([scripted([1, 1], 'patient', 59_000)]);
    const outputs = kernel.handle(barInput(0, 6_000_000));
    expect(only(outputs, 'submit')[0]?.request).toMatchObject({ type: 'limit', limitPrice: 5_900_000 });
    const clientOrderId = only(outputs, 'submit')[0]?.request.clientOrderId ?? ('' as never);
    kernel.handle(
      venueInput(60_001, {
        kind: 'order-accepted',
        clientOrderId,
        venueOrderId: 'v' as never,
        tsEventUs: atMs(60_001),
      }),
    );
    const second = kernel.handle(barInput(1, 6_000_000));
    expect(decisionsOf(second)[0]).toMatchObject({ action: 'hold', risk: { result: 'deferred' } });
    expect(only(second, 'cancel')).toEqual([]);
    expect(kernel.workingOrders()).toHaveLength(1);
  });
});

describe('the gate', () => {
  const holding = (targets: readonly (number | null)[]): Kernel => {
    const kernel = running([scripted(targets)]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    return kernel;
  };

  test('halted by a person: nothing is sent, not even exits, until a person resumes; also after a restart', () => {
    const kernel = holding([1, 0, 0, 0]);
    const halted = kernel.handle(command(70_000, 'HALTED'));
    expect(only(halted, 'reply')).toMatchObject([{ error: null, gate: { state: 'HALTED', by: 'user' } }]);
    const [record] = only(halted, 'account');
    expect(record?.account).toMatchObject({ tradingState: 'HALTED', tradingStateReason: 'because I say so' });
    expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))[0]).toMatchObject({
      action: 'not_trading',
      wanted: { target: 0 },
      risk: { result: 'denied', rule: 'trading_state' },
    });

    const again = new Kernel(CONFIG, [scripted([1, 0, 0, 0])]);
    const state = { ...EMPTY, account: record?.account ?? null, balances: [balance('USDT', '10000')] };
    for (const input of startInputs(130_000, [balance('USDT', '10000')], state)) again.handle(input);
    expect(again.gate).toMatchObject({ state: 'HALTED', by: 'user', reason: 'because I say so' });
    again.handle(command(140_000, 'ACTIVE'));
    expect(again.gate).toMatchObject({ state: 'ACTIVE', by: 'user' });
  });

  test('halted with flatten: open orders are canceled, then the positions are sold', () => {
    const kernel = holding([1, null]);
    const halted = kernel.handle(command(61_000, 'HALTED', true));
    expect(only(halted, 'submit')).toMatchObject([{ request: { side: 'sell', quantity: 1_583, reduceOnly: true } }]);
    fillAll(kernel, halted, 5_999_999, 61_001);
    expect(kernel.handle({ kind: 'tick', tsUs: atMs(65_000) }).filter(({ kind }) => kind === 'submit')).toEqual([]);
    expect(kernel.positions()[0]?.quantity).toBe(0n);
    expect(kernel.gate.state).toBe('HALTED');
  });

  test('flattening goes on for as long as it is refused, at least once a minute, and says so once', () => {
    const kernel = holding([1, null]);
    let outputs: readonly KernelOutput[] = kernel.handle(command(61_000, 'HALTED', true));
    let submits = 0;
    let failed = 0;
    for (let second = 62; second < 422; second += 1) {
      const next: KernelOutput[] = [];
      for (const { request } of only(outputs, 'submit')) {
        submits += 1;
        const { clientOrderId } = request;
        const ms = second * 1_000;
        const refusal = {
          kind: 'order-rejected' as const,
          clientOrderId,
          code: 'no_quote',
          reason: '',
          tsEventUs: atMs(ms),
        };
        next.push(...kernel.handle(venueInput(ms, refusal)));
      }
      next.push(...kernel.handle({ kind: 'tick', tsUs: atMs(second * 1_000 + 500) }));
      failed += only(next, 'divergence').filter(({ divergence }) => divergence.code === 'flatten_failed').length;
      outputs = next;
    }
    expect({ submits, failed }).toEqual({ submits: 11, failed: 1 });
  });

  test('reducing lets exits through and no entries', () => {
    const kernel = holding([1, 0, 1]);
    kernel.handle(command(70_000, 'REDUCING'));
    kernel.handle(quoteInput(119_000, 5_999_999, 6_000_000));
    const exit = kernel.handle(barInput(1, 6_000_000));
    expect(decisionsOf(exit)[0]).toMatchObject({ action: 'exit' });
    fillAll(kernel, exit, 6_000_000, 120_001);
    expect(decisionsOf(kernel.handle(barInput(2, 6_000_000)))[0]).toMatchObject({
      action: 'not_trading',
      risk: { rule: 'trading_state' },
    });
  });

  test('two strategies on one account have books of their own, and each its share of the equity', () => {
    const kernel = running([
      { ...scripted([1, null, 0], 'small'), allocationPpm: 10_000 },
      { ...scripted([1, null, null], 'large'), allocationPpm: 80_000 },
    ]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    const held = () => kernel.positions().map(({ strategyId, quantity }) => [strategyId, Number(quantity) / 1e18]);
    const [small = 0, large = 0] = held().map(([, quantity]) => Number(quantity));
    expect(held().map(([id]) => id)).toEqual(['small', 'large']);
    expect(large / small).toBeCloseTo(8, 0);
    kernel.handle(barInput(1, 6_000_000));
    fillAll(kernel, kernel.handle(barInput(2, 6_000_000)), 6_000_000, 180_001);
    expect(held()).toEqual([
      ['small', 0],
      ['large', large],
    ]);
  });

  test('a daily loss of 5 % reduces, and the next UTC day lifts it', () => {
    const kernel = new Kernel(
      { ...CONFIG, allocationPpm: 900_000, limits: { ...CONFIG.limits, positionPpmMax: 1_000_000 } },
      [scripted([1])],
    );
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      kernel.handle(input);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    kernel.handle(tradeInput(70_000, 5_700_000));
    expect(kernel.gate.state).toBe('ACTIVE');
    const outputs = kernel.handle(tradeInput(80_000, 5_650_000));
    expect(only(outputs, 'trading-state')).toMatchObject([{ gate: { state: 'REDUCING', by: 'risk' } }]);
    kernel.handle({ kind: 'tick', tsUs: atMs(86_400_000) });
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('a drawdown of 20 % halts until a person resumes, and is measured from there', () => {
    const kernel = new Kernel(
      { ...CONFIG, allocationPpm: 900_000, limits: { ...CONFIG.limits, positionPpmMax: 1_000_000 } },
      [scripted([1])],
    );
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      kernel.handle(input);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    kernel.handle(tradeInput(80_000, 4_600_000));
    expect(kernel.gate).toMatchObject({ state: 'HALTED', by: 'risk' });
    kernel.handle({ kind: 'tick', tsUs: atMs(86_400_000) });
    expect(kernel.gate.state).toBe('HALTED');
    kernel.handle(command(86_500_000, 'ACTIVE'));
    kernel.handle({ kind: 'tick', tsUs: atMs(86_510_000) });
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('a pause, or resuming what was not stopped, does not forget losses: the limits go on counting from where they did', () => {
    const kernel = new Kernel(
      { ...CONFIG, allocationPpm: 900_000, limits: { ...CONFIG.limits, positionPpmMax: 1_000_000 } },
      [scripted([1])],
    );
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      kernel.handle(input);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    const { peakEquity } = kernel.account();
    kernel.handle(tradeInput(70_000, 5_700_000));
    for (const [ms, state] of [
      [71_000, 'ACTIVE'],
      [72_000, 'HALTED'],
      [73_000, 'ACTIVE'],
    ] as const) {
      kernel.handle(command(ms, state));
      expect(kernel.account().peakEquity).toBe(peakEquity);
    }
    const outputs = kernel.handle(tradeInput(80_000, 5_650_000));
    expect(only(outputs, 'trading-state')).toMatchObject([{ gate: { state: 'REDUCING', by: 'risk' } }]);
  });

  test('a condition of the surroundings reduces while it holds, and a person can not lift it', () => {
    const kernel = running([scripted([])]);
    const condition = (ms: number, state: 'REDUCING' | null): KernelInput => ({
      kind: 'condition',
      tsUs: atMs(ms),
      code: 'lag',
      state,
      reason: 'inputs are late',
    });
    kernel.handle(condition(10, 'REDUCING'));
    kernel.handle(command(20, 'ACTIVE'));
    expect(kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system', reason: 'inputs are late' });
    kernel.handle(condition(30, null));
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('a stale feed lets nobody in and anybody out', () => {
    const kernel = holding([1, 0, 1]);
    kernel.handle(feedInput(90_000, 'stale'));
    const exit = kernel.handle(barInput(1, 6_000_000));
    expect(decisionsOf(exit)[0]).toMatchObject({ action: 'exit' });
    fillAll(kernel, exit, 6_000_000, 120_001);
    expect(decisionsOf(kernel.handle(barInput(2, 6_000_000)))[0]).toMatchObject({
      action: 'hold',
      risk: { rule: 'stale_data' },
    });
  });
});

describe('reconciliation', () => {
  const again = (ms: number, cash: string): KernelInput => ({
    kind: 'reconcile',
    tsUs: atMs(ms),
    plan: { events: [], cancels: [], divergences: [] },
    balances: [balance('USDT', cash)],
  });

  test('takes over balances at the very first start; a later difference that nothing explains is reported once, and only exits are allowed', () => {
    const kernel = running([scripted([])]);
    expect(kernel.handle(again(1_000, '9999')).filter(({ kind }) => kind === 'divergence')).toEqual([]);
    expect(kernel.gate.state).toBe('ACTIVE');
    const late = kernel.handle(again(182_000, '9999'));
    expect(only(late, 'divergence')).toMatchObject([{ divergence: { code: 'balance_differs' } }]);
    expect(only(late, 'balances')).toMatchObject([{ balances: [{ asset: 'USDT', free: money('9999') }] }]);
    expect(kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
    expect(only(kernel.handle(again(400_000, '9999')), 'divergence')).toEqual([]);
    expect(formatAmount(kernel.account().equity ?? (0n as never))).toBe('9999');
    kernel.handle(command(401_000, 'ACTIVE'));
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('a difference that is there no more when it is compared again was none', () => {
    const kernel = running([scripted([])]);
    kernel.handle(again(1_000, '9999'));
    kernel.handle(again(60_000, '10000'));
    kernel.handle(again(170_000, '9999'));
    expect(only(kernel.handle({ kind: 'tick', tsUs: atMs(200_000) }), 'divergence')).toEqual([]);
    expect(only(kernel.handle({ kind: 'tick', tsUs: atMs(351_000) }), 'divergence')).toHaveLength(1);
  });

  /** A start of an account whose ledger holds 10,000 USDT, where the venue holds this. */
  const startedWith = (...there: readonly ReturnType<typeof balance>[]): Kernel => {
    const kernel = new Kernel(CONFIG, [scripted([])]);
    const state = { ...EMPTY, balances: [balance('USDT', '10000')] };
    const outputs = startInputs(0, there, state).flatMap((input) => kernel.handle(input));
    expect(only(outputs, 'divergence')).toEqual([]);
    expect(kernel.gate.state).toBe('ACTIVE');
    return kernel;
  };

  test('at a start too a difference counts only when it lasts', () => {
    const kernel = startedWith(balance('USDT', '9000'), balance('BNB', '1'));
    expect(only(kernel.handle({ kind: 'tick', tsUs: atMs(179_000) }), 'divergence')).toEqual([]);
    const outputs = kernel.handle({ kind: 'tick', tsUs: atMs(180_000) });
    expect(only(outputs, 'divergence').map(({ divergence }) => divergence.message.split(':')[0])).toEqual([
      'BNB',
      'USDT',
    ]);
    expect(kernel.gate.state).toBe('REDUCING');
    // What moved until then is in what was taken over: the next start asks for nothing of before it.
    expect(knownUntilUs(only(outputs, 'account').at(-1)?.account ?? null)).toBe(atMs(0));
  });

  test('a deposit of the seconds of a start is found as what it is', () => {
    const kernel = startedWith(balance('USDT', '10250'));
    const tsEventUs = atMs(0);
    const event = {
      kind: 'transfer',
      id: 'd',
      cause: 'deposit',
      asset: assetId('USDT'),
      amount: money('250'),
      tsEventUs,
    } as const;
    const told = kernel.handle({ kind: 'account', tsUs: atMs(60_000), event });
    expect(only(told, 'transfer')).toHaveLength(1);
    expect(only(kernel.handle({ kind: 'tick', tsUs: atMs(400_000) }), 'divergence')).toEqual([]);
    expect(kernel.gate.state).toBe('ACTIVE');
    expect(kernel.account().balances).toEqual([balance('USDT', '10250')]);
  });
});
