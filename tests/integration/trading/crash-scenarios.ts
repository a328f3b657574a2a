import { internalSubjects, type TradingAction } from '@monsta/contracts';
import { expectOk, strategyId, type Order } from '@monsta/core';
import {
  defineStrategy,
  isProtectiveOrderId,
  parseParameters,
  type ConfiguredStrategy,
  type StrategyContext,
} from '@monsta/trading';
import { expect } from 'vitest';
import type { Books } from './agreement.ts';
import type { Point } from './crash-points.ts';
import { ACCOUNT, BTC, type Life, type Traded, type World } from './world.ts';

/** What the strategy remembers: how many bars it has decided. */
export interface Memory {
  bars: number;
}
type Context = StrategyContext<Readonly<Record<string, never>>, Readonly<Record<string, never>>, Memory>;

/** What there is in the end. */
export interface Ending extends Books {
  readonly life: Life;
  /** Lots held. */
  readonly held: number;
  readonly open: readonly Order[];
}

/** A kind of command, the story in which it is given, and what has to be right in the end wherever the program died. */
export interface Scenario {
  readonly kind: string;
  readonly config?: object;
  /** What the strategy does at the close of a minute. */
  readonly onBar?: (context: Context, minute: number) => void;
  readonly trades?: (minute: number) => readonly Traded[];
  /** What a person does after a minute. */
  readonly byHand?: (world: World, life: Life, minute: number) => Promise<void>;
  /** The orders of the command, in the order in which they are placed: a fresh look for each play. */
  readonly isOfInterest: () => (order: Order) => boolean;
  readonly most: number;
  /** What comes before this point belongs to another kind. */
  readonly from: Point;
  readonly check: (ending: Ending) => void;
}

const START_MS = 1_723_075_200_000;
export const MINUTES = 6;
/** Where every minute ends. */
export const CLOSE = 6_000_000;
const SIZE = 0.01;
const LOTS = 1_000;
const EXIT = { stopDistance: 0.02, takeProfitDistance: 0.03 };
const STOPPED = { protectiveStop: { distancePpm: 10_000, limitOffsetPpm: 30_000 } };

export function strategyOf({ onBar }: Scenario): ConfiguredStrategy {
  const definition = defineStrategy({
    name: 'story',
    parameters: {},
    intervals: () => ['1m'],
    warmUpBars: () => 1,
    state: (): Memory => ({ bars: 0 }),
    onBar(context) {
      context.state.bars += 1;
      onBar?.(context, (context.bar.openTimeMs - START_MS) / 60_000);
    },
  });
  const parameters = expectOk(parseParameters(definition, null));
  return { id: strategyId('story'), definition, parameters, instruments: [BTC.id] };
}

/** Asks as the gateway does; it is answered before this resolves, unless the program dies. */
async function ask(world: World, life: Life, id: string, action: TradingAction): Promise<void> {
  if (life.power.off) return;
  const tsEventUs = world.tape.clock.nowUs();
  expectOk(life.stream.publish(internalSubjects.tradingCommands, { id, actor: 'ann', action }, { tsEventUs }));
  await world.quiet(life);
}

const entered = (orders: readonly Order[]): readonly Order[] => orders.filter(({ status }) => status !== 'rejected');
const tagged = (tag: string) => () => (order: Order) => order.tag === tag;
const isExit = ({ side, clientOrderId }: Order): boolean => side === 'sell' && !isProtectiveOrderId(clientOrderId);

/** Every order that was placed for one purpose, where the purpose needs one. */
function expectOnce(orders: readonly Order[]): void {
  expect(entered(orders).length).toBeLessThanOrEqual(1);
  // One that never reached the venue is known as such, and may have a successor.
  for (const { status, reasonCode } of orders) if (status === 'rejected') expect(reasonCode).toBe('never_arrived');
}

/** What is held is covered to the lot by what rests at the venue. */
function expectProtected({ held, open, life }: Ending, types: readonly string[]): void {
  const covering = open.filter(({ clientOrderId }) => isProtectiveOrderId(clientOrderId));
  expect(covering.map(({ type }) => type).toSorted()).toEqual(held === 0 ? [] : types);
  for (const { quantity } of covering) expect(quantity).toBe(held);
  if (held === 0) return;
  const [position] = (life.published.get('positions')?.at(-1) ?? []) as { protection: { mode: string } | null }[];
  expect(position?.protection?.mode).toBe('resting');
}

const expectFlat = ({ held, open }: Ending): void => {
  // Fees taken in coins leave less than a lot.
  expect(held).toBe(0);
  expect(open).toEqual([]);
};

const restingEntry = (context: Context, minute: number): void => {
  if (minute === 0) context.order({ side: 'buy', type: 'limit', quantity: SIZE, limitPrice: 59_900, tag: 'entry' });
};

/** Asks for a target at the minutes from one on, until it is so. */
const exits = (context: Context, minute: number): void => {
  if (minute === 0) context.setTarget(1);
  else if (minute >= 2) context.setTarget(0);
};

const bracket = (context: Context, minute: number): void => {
  if (minute === 0) context.bracket({ quantity: SIZE, tag: 'entry', ...EXIT });
};

/** The market comes down to the resting entry: at first for a part of it. */
const comesDown = (minute: number): readonly Traded[] => {
  if (minute === 1) return [[5_985_000, 400], CLOSE];
  return minute >= 2 ? [5_985_000, CLOSE] : [CLOSE];
};

const BY_HAND = {
  requestId: 'r1',
  instrument: 'BTCUSDT',
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  quantity: String(SIZE),
  limitPrice: null,
  stopPrice: null,
  stopLimitPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  exit: null,
  reason: 'by hand',
} as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    kind: 'submit',
    onBar: restingEntry,
    trades: comesDown,
    isOfInterest: tagged('entry'),
    most: 1,
    from: 'intent-decided',
    check({ orders, held, open }) {
      expectOnce(orders);
      const [order] = entered(orders);
      expect(order?.filledQuantity ?? 0).toBe(order === undefined ? 0 : LOTS);
      // The fee is taken in coins: a thousandth, which is a lot.
      expect(held).toBe(order === undefined ? 0 : LOTS - 1);
      expect(open).toEqual([]);
    },
  },
  {
    kind: 'cancel',
    onBar(context, minute) {
      restingEntry(context, minute);
      if (minute >= 1 && context.orders.length > 0) context.cancel('entry');
    },
    isOfInterest: tagged('entry'),
    most: 1,
    from: 'cancel-decided',
    check(ending) {
      expectOnce(ending.orders);
      expectFlat(ending);
      expect(entered(ending.orders).map(({ status }) => status)).toEqual(['canceled']);
    },
  },
  {
    kind: 'replace',
    config: STOPPED,
    onBar: exits,
    isOfInterest: () => isExit,
    most: 1,
    from: 'intent-decided',
    check(ending) {
      expectFlat(ending);
      expectOnce(ending.orders.filter(isExit));
      expect(entered(ending.orders.filter(isExit))).toHaveLength(1);
    },
  },
  {
    kind: 'submit-list',
    onBar: bracket,
    // The market goes up to where the profit is taken: at first for a part of it.
    trades(minute) {
      if (minute === 3) return [[6_190_000, 300], CLOSE];
      return minute >= 4 ? [6_190_000, CLOSE] : [CLOSE];
    },
    isOfInterest: () => (order) => order.listId !== null,
    most: 2,
    from: 'intent-decided',
    check(ending) {
      expectFlat(ending);
      const sold = ending.fills.reduce((lots, { side, quantity }) => (side === 'sell' ? lots + quantity : lots), 0);
      expect(sold).toBe(LOTS - 1);
    },
  },
  {
    kind: 'cancel-list',
    onBar(context, minute) {
      bracket(context, minute);
      if (minute >= 2 && context.position.quantity > 0) context.close();
    },
    isOfInterest: () => (order) => order.listId !== null,
    most: 2,
    from: 'cancel-decided',
    check(ending) {
      expectFlat(ending);
      expect(entered(ending.orders.filter(isExit))).toHaveLength(1);
    },
  },
  {
    kind: 'twap slice',
    onBar(context, minute) {
      if (minute === 0) context.twap({ side: 'buy', quantity: SIZE, durationMs: 180_000, slices: 3, tag: 'slow' });
    },
    isOfInterest() {
      const slices = new Set<string>();
      return ({ tag, clientOrderId }) => tag?.startsWith('twap:') === true && slices.add(clientOrderId).size === 2;
    },
    most: 1,
    from: 'intent-decided',
    check({ orders, held, open }) {
      expect(orders.reduce((lots, { filledQuantity }) => lots + filledQuantity, 0)).toBe(LOTS);
      expect(held).toBeGreaterThanOrEqual(LOTS - 2);
      expect(open).toEqual([]);
    },
  },
  {
    kind: 'bracket entry',
    onBar: bracket,
    isOfInterest: tagged('entry'),
    most: 1,
    from: 'intent-decided',
    check(ending) {
      const entries = ending.orders.filter(({ side }) => side === 'buy');
      expectOnce(entries);
      expect(ending.held).toBe(entered(entries).length === 0 ? 0 : LOTS - 1);
      expectProtected(ending, ['limit_maker', 'stop_loss_limit']);
    },
  },
  {
    kind: 'manual order',
    byHand: (world, life, minute) =>
      minute === 0 ? Promise.resolve() : ask(world, life, `hand-${minute}`, { kind: 'place-order', order: BY_HAND }),
    isOfInterest: () => (order) => order.strategyId === 'manual',
    most: 1,
    from: 'intent-decided',
    check({ orders, held }) {
      // Asked again with the same id of the request: it is that order, also where it never arrived.
      expect(orders).toHaveLength(1);
      expectOnce(orders);
      expect(held).toBe(entered(orders).length === 0 ? 0 : LOTS - 1);
    },
  },
  {
    kind: 'flatten',
    onBar(context, minute) {
      if (minute === 0) context.setTarget(1);
    },
    async byHand(world, life, minute) {
      if (minute === 0 || life.power.off) return;
      const account = expectOk(await life.ledger.account(ACCOUNT));
      if (account?.tradingState === 'HALTED') return;
      const action = { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: true } as const;
      await ask(world, life, `halt-${minute}`, action);
    },
    isOfInterest: () => isExit,
    most: 1,
    from: 'intent-decided',
    check(ending) {
      expectFlat(ending);
      expect(entered(ending.orders.filter(isExit))).toHaveLength(1);
      expect(ending.life.published.get('trading.state')?.at(-1)).toMatchObject({ state: 'HALTED' });
    },
  },
];
