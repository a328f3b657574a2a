import { isFinal } from '@monsta/core';
import type { KernelAction, ManualOrder } from './kernel-action.ts';
import { atMs, CONFIG, EMPTY, only } from './kernel.test-support.ts';
import { fillKey } from './reconcile.ts';
import type { KernelOutput } from './kernel-types.ts';
import type { AccountRecord, RecoveredState } from './records.ts';
import { Desk, LOTS } from './protective-desk.test-support.ts';

export const PLAIN: ManualOrder = {
  requestId: null,
  instrument: 'BTCUSDT',
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: '0.01',
  limitPrice: '59000',
  stopPrice: null,
  stopLimitPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  exit: null,
  reason: null,
};

let commands = 0;
/** Gives a command; what the kernel said. */
export function ask(desk: Desk, action: KernelAction): readonly KernelOutput[] {
  commands += 1;
  desk.ms += 1;
  return desk.give({ kind: 'command', tsUs: atMs(desk.ms), id: `c${commands}`, actor: 'ann', action });
}
export const replyTo = (desk: Desk, action: KernelAction) => only(ask(desk, action), 'reply')[0];
export const order = (desk: Desk, part: Partial<ManualOrder> = {}) =>
  replyTo(desk, { kind: 'place-order', order: { ...PLAIN, ...part } });
export const buyAtMarket = { type: 'market', limitPrice: null } as const;

/** A desk whose person holds `LOTS` of BTC, bought at the market. */
export function holding(config = CONFIG): Desk {
  const desk = new Desk([], config);
  order(desk, { ...buyAtMarket, quantity: '0.01583' });
  desk.accept();
  desk.fill(LOTS);
  if (config.exitPlan !== null) desk.accept();
  return desk;
}

/** What a new kernel is recovered from, after what the old one recorded. */
export function recoveredFrom(outputs: readonly KernelOutput[]): RecoveredState {
  const account: AccountRecord | null = only(outputs, 'account').at(-1)?.account ?? null;
  const openOrders = new Map(
    only(outputs, 'order').map(({ order: each, instrument }) => [each.clientOrderId, { order: each, instrument }]),
  );
  const newest = <T extends { readonly strategyId: string; readonly instrument?: string }>(all: readonly T[]): T[] => [
    ...new Map(all.map((each) => [`${each.strategyId}:${each.instrument ?? ''}`, each])).values(),
  ];
  return {
    ...EMPTY,
    account,
    balances: only(outputs, 'balances').at(-1)?.balances ?? [],
    positions: newest(only(outputs, 'position').map(({ position }) => position)),
    openOrders: [...openOrders.values()].filter(({ order: { status } }) => !isFinal(status)),
    seenFills: only(outputs, 'fill').map(({ fill }) => fillKey(fill)),
    strategies: newest(only(outputs, 'strategy').map(({ strategy }) => strategy)),
    roundTrips: only(outputs, 'round-trip').map(({ roundTrip }) => roundTrip),
  };
}
