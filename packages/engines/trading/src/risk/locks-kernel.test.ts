import type { ClientOrderId } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { ask, buyAtMarket, order, recoveredFrom, replyTo } from '../command-desk.test-support.ts';
import type { KernelConfig } from '../kernel-types.ts';
import type { RecoveredState } from '../records.ts';
import { atMs, barInput, CONFIG, only, startInputs, tradeInput } from '../kernel.test-support.ts';
import { Kernel } from '../kernel.ts';
import { BRACKETED, Desk, GUARDED, LOTS, TRAILED } from '../protective-desk.test-support.ts';
import type { ProtectionConfig } from './limits.ts';

const MINUTE = 60_000;
const ALWAYS = Array.from({ length: 40 }, () => 1);
const LOW = 5_870_000;

const withProtections = (config: KernelConfig, protections: readonly ProtectionConfig[], lossCooldownMs = 0) => ({
  ...config,
  limits: { ...config.limits, protections, lossCooldownMs },
});

/** What the strategy, which always wants to be in, gets at the close of a minute. */
function decided(kernel: Kernel, minute: number, at = LOW) {
  kernel.handle(tradeInput((minute + 1) * MINUTE - 1, at, 1_000_000 + minute));
  const outputs = kernel.handle(barInput(minute, at));
  const risk = only(outputs, 'decision')[0]?.decision.risk as { readonly rule?: string } | null | undefined;
  return { denied: risk?.rule ?? null, entered: only(outputs, 'submit').length > 0 };
}

/** What the desk has recorded, as a new program finds it. */
function restarted(desk: Desk, config: KernelConfig, minute: number): Kernel {
  const state: RecoveredState = recoveredFrom(desk.said);
  const kernel = new Kernel(config, desk.strategies);
  for (const input of startInputs(minute * MINUTE, state.balances, state)) kernel.handle(input);
  return kernel;
}

const entered = (config: KernelConfig): Desk => {
  const desk = new Desk(ALWAYS, config);
  desk.accept();
  desk.fill(LOTS);
  return desk;
};

/** Entered at 60,000, and sold by its resting stop at a loss. */
function stoppedOut(config: KernelConfig): Desk {
  const desk = entered(config);
  desk.accept();
  desk.fill(LOTS, LOW);
  return desk;
}

const LOCK_MS = 10 * MINUTE;
const LOOK_BACK_MS = 60 * MINUTE;

describe('a lock through the whole kernel: a loss locks, entries are denied, also after a restart, until its time', () => {
  test.each<[string, readonly ProtectionConfig[], number]>([
    ['cooldown', [], LOCK_MS],
    ['cooldown', [{ kind: 'cooldown', lockMs: LOCK_MS }], 0],
    [
      'stop_loss_guard',
      [{ kind: 'stop_loss_guard', lookBackMs: LOOK_BACK_MS, stopsMin: 1, lockMs: LOCK_MS, scope: 'all' }],
      0,
    ],
    [
      'stop_loss_guard',
      [{ kind: 'stop_loss_guard', lookBackMs: LOOK_BACK_MS, stopsMin: 1, lockMs: LOCK_MS, scope: 'instrument' }],
      0,
    ],
    [
      'drawdown_guard',
      [{ kind: 'drawdown_guard', lookBackMs: LOOK_BACK_MS, tradesMin: 1, drawdownPpmMax: 2_000, lockMs: LOCK_MS }],
      0,
    ],
    [
      'low_profit',
      [{ kind: 'low_profit', lookBackMs: LOOK_BACK_MS, tradesMin: 1, profitPpmMin: 0, lockMs: LOCK_MS }],
      0,
    ],
  ])('%s (%o)', (rule, protections, lossCooldownMs) => {
    const config = withProtections(GUARDED, protections, lossCooldownMs);
    const desk = stoppedOut(config);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { profit: '-20.579', exitCause: 'stop' } }]);
    expect(only(desk.said, 'note').map(({ code }) => code)).toContain(`locked_${rule}`);
    const [lock] = desk.kernel.state().rooms.risk.durable.locks;
    expect(lock).toMatchObject({ rule, untilUs: atMs(desk.ms + LOCK_MS) });
    const again = restarted(desk, config, 1);
    for (const kernel of [desk.kernel, again]) {
      expect(decided(kernel, 1)).toEqual({ denied: rule, entered: false });
      // It ends a little after the 10th minute has ended.
      expect(decided(kernel, 10)).toEqual({ denied: rule, entered: false });
      expect(decided(kernel, 11)).toEqual({ denied: null, entered: true });
    }
    expect(again.state().rooms.risk.durable.locks).toEqual([]);
  });
});

const GUARD: readonly ProtectionConfig[] = [
  { kind: 'stop_loss_guard', lookBackMs: LOOK_BACK_MS, stopsMin: 1, lockMs: LOCK_MS, scope: 'all' },
];

/** The two orders of the pair that protects, its take profit first. */
function pairOf(desk: Desk): readonly [profit: ClientOrderId, stop: ClientOrderId] {
  const [profit, stop] = only(desk.asked, 'submit-list').at(-1)?.request.orders ?? [];
  if (profit === undefined || stop === undefined) throw new Error('no pair was asked for');
  desk.accept(profit.clientOrderId);
  desk.accept(stop.clientOrderId);
  return [profit.clientOrderId, stop.clientOrderId];
}

const ENDS: readonly [string, KernelConfig, (desk: Desk) => void][] = [
  ['a stop at the venue', GUARDED, (desk) => (desk.accept(), desk.fill(LOTS, LOW))],
  ['a trailing stop at the venue', TRAILED, (desk) => (desk.accept(), desk.fill(LOTS, LOW))],
  [
    'the stop of a pair',
    BRACKETED,
    (desk) => {
      const [profit, stop] = pairOf(desk);
      desk.fill(LOTS, LOW, stop);
      desk.cancel(profit);
    },
  ],
  [
    'the limit order that a stop became, since its price had been passed',
    GUARDED,
    (desk) => {
      desk.reject('would_trigger_immediately');
      desk.accept();
      desk.fill(LOTS, LOW);
    },
  ],
  [
    'a stop that the venue does not take, watched here and sold at the market',
    GUARDED,
    (desk) => {
      desk.reject('filter_max_algo_orders');
      desk.trade(desk.ms + 1_000, LOW);
      desk.accept();
      desk.fill(LOTS, LOW);
    },
  ],
];

describe('the stop-loss guard', () => {
  test.each(ENDS)('counts %s', (_what, config, end) => {
    const desk = entered(withProtections(config, GUARD));
    end(desk);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitTag: 'stop', exitCause: 'stop' } }]);
    expect(decided(desk.kernel, 1).denied).toBe('stop_loss_guard');
  });

  test('never counts a take profit, also one that a fall of the price made a loss of', () => {
    const desk = entered(withProtections(BRACKETED, GUARD));
    const [profit, stop] = pairOf(desk);
    desk.fill(LOTS, LOW, profit);
    desk.cancel(stop);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitCause: 'take_profit' } }]);
    expect(decided(desk.kernel, 1)).toEqual({ denied: null, entered: true });
  });

  test('does not count a strategy’s own sale at a loss', () => {
    const desk = new Desk([1, 0, 1], withProtections(CONFIG, GUARD));
    desk.accept();
    desk.fill(LOTS);
    desk.give(tradeInput(119_000, LOW));
    desk.give(barInput(1, LOW));
    desk.accept();
    desk.ms = 120_001;
    desk.fill(LOTS, LOW);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitTag: 'target', exitCause: 'strategy' } }]);
    expect(decided(desk.kernel, 2)).toEqual({ denied: null, entered: true });
  });
});

describe('what a person closes at a loss locks nothing', () => {
  const everything = withProtections(CONFIG, [{ kind: 'cooldown', lockMs: LOCK_MS }, ...GUARD], LOCK_MS);

  test('by flattening', () => {
    const desk = entered(everything);
    ask(desk, { kind: 'set-state', state: 'REDUCING', reason: 'enough', flatten: true });
    desk.accept();
    desk.fill(LOTS, LOW);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitCause: 'person' } }]);
    ask(desk, { kind: 'set-state', state: 'ACTIVE', reason: 'go on', flatten: false });
    expect(decided(desk.kernel, 1)).toEqual({ denied: null, entered: true });
  });

  test('by closing the position of a strategy', () => {
    const desk = entered(everything);
    replyTo(desk, { kind: 'close-position', strategyId: 'scripted', instrument: 'BTCUSDT', reason: null });
    desk.accept();
    desk.fill(LOTS, LOW);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitCause: 'person' } }]);
    replyTo(desk, { kind: 'set-strategy', strategyId: 'scripted', state: 'running', reason: 'go on' });
    expect(decided(desk.kernel, 1)).toEqual({ denied: null, entered: true });
  });

  test('by a sale by hand of what was bought by hand; its stop at a loss does lock', () => {
    const buy = { ...buyAtMarket, quantity: '0.01' } as const;
    const desk = new Desk([], everything);
    order(desk, buy);
    desk.accept();
    desk.fill(1_000);
    order(desk, { ...buy, side: 'sell' });
    desk.accept();
    desk.fill(1_000, LOW);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitCause: 'person' } }]);
    const stop = { price: '58800', distancePpm: null, limitOffsetPpm: 5_000, trailingBps: null };
    expect(order(desk, { ...buy, exit: { stop, takeProfit: null } })?.error).toBeNull();
    desk.accept();
    desk.fill(1_000);
    desk.accept();
    desk.fill(1_000, LOW);
    expect(only(desk.said, 'round-trip').at(-1)).toMatchObject({ roundTrip: { exitCause: 'stop' } });
    expect(order(desk, buy)?.error).toMatchObject({ code: 'order_denied', details: { rule: 'cooldown' } });
  });

  test('but counts among what follows', () => {
    const low: ProtectionConfig = {
      kind: 'low_profit',
      lookBackMs: LOOK_BACK_MS,
      tradesMin: 2,
      profitPpmMin: 0,
      lockMs: LOCK_MS,
    };
    const desk = entered(withProtections(GUARDED, [low]));
    desk.accept();
    replyTo(desk, { kind: 'close-position', strategyId: 'scripted', instrument: 'BTCUSDT', reason: null });
    const replaced = only(desk.asked, 'replace').at(-1);
    if (replaced === undefined) throw new Error('the stop is not replaced');
    desk.cancel(replaced.clientOrderId);
    desk.accept(replaced.request.clientOrderId);
    desk.fill(LOTS, LOW, replaced.request.clientOrderId);
    replyTo(desk, { kind: 'set-strategy', strategyId: 'scripted', state: 'running', reason: 'go on' });
    desk.ms = 120_001;
    desk.give(tradeInput(119_999, 6_000_000));
    desk.give(barInput(1, 6_000_000));
    // A share of what is left buys a little less.
    const [entry] = desk.kernel.workingOrders();
    const lots = entry?.quantity ?? 0;
    desk.accept();
    desk.fill(lots);
    desk.accept();
    desk.fill(lots, LOW);
    expect(decided(desk.kernel, 2).denied).toBe('low_profit');
  });
});
