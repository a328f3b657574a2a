import { timestampUs } from '@monsta/core';
import type { InstrumentId, Order, StrategyId, TimestampUs } from '@monsta/core';
import { CLOSE_TAG } from './exit-cause.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import { isTooSmall, marketExit, nextExitAfterUs, TELL_AFTER } from './market-exit.ts';
import type { Markets } from './markets.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { positionKey, sellableLots } from './position.ts';
import { isProtective } from './protection.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { OrderDenied } from './risk.ts';

/** A position that a person wants closed. */
export interface Closing {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly sinceUs: TimestampUs;
  readonly notBeforeUs: TimestampUs;
  readonly attempts: number;
}

interface ClosingParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly emit: Emit;
}

/** What a step did. `waits`: for the venue to say what became of orders. */
export type ClosingStep =
  | { readonly done: true }
  | { readonly waits: string; readonly canceled: readonly Order[] }
  | { readonly placed: Order }
  | { readonly denied: OrderDenied };

/**
 * Closes single positions at the market, whatever the state of trading: what the position's own orders hold is freed first, and its coins are then sold in the stead of what
 * protects them, so that none is sold twice. What is refused is tried again, after twice the time at each attempt and at least once a minute, until the position is closed, what
 * is left is too small to sell, or a person wants the strategy to trade again. All of it is durable; what a restart finds is gone on with.
 */
export class ClosingDesk {
  readonly #parts: ClosingParts;
  readonly #closing = new Map<string, Closing>();
  #moved = false;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  /** True while nothing is to be closed. */
  get idle(): boolean {
    return this.#closing.size === 0;
  }

  get state(): readonly Closing[] {
    return [...this.#closing.values()];
  }

  restore(closing: readonly Closing[]): void {
    for (const each of closing) this.#closing.set(positionKey(each.strategyId, each.instrument), each);
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  has(strategyId: StrategyId, instrument: InstrumentId): boolean {
    return this.#closing.has(positionKey(strategyId, instrument));
  }

  /** Begins, and takes the first step. What risk refuses then has not begun. */
  begin(strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs): ClosingStep {
    const closing: Closing = { strategyId, instrument, sinceUs: nowUs, notBeforeUs: nowUs, attempts: 0 };
    this.#put(closing);
    this.#parts.protective.denyWaiting(strategyId, instrument, nowUs);
    const step = this.#step(closing, nowUs);
    if ('denied' in step) this.#drop(closing);
    return step;
  }

  /** Nothing more is sent. */
  clear(): void {
    for (const each of this.state) this.#drop(each);
  }

  /** A person wants a strategy to trade again: what it holds from here on is its own affair. */
  forget(strategyId: StrategyId): void {
    for (const each of this.state) if (each.strategyId === strategyId) this.#drop(each);
  }

  settle(nowUs: TimestampUs): void {
    if (this.#closing.size === 0) return;
    for (const closing of this.state) if (nowUs >= closing.notBeforeUs) this.#step(closing, nowUs);
  }

  #step(closing: Closing, nowUs: TimestampUs): ClosingStep {
    const { markets, portfolio, desk, protective } = this.#parts;
    const { strategyId, instrument: id } = closing;
    const instrument = markets.instrument(id);
    const position = portfolio.position(strategyId, id, nowUs);
    if (instrument === null || sellableLots(position, instrument) === 0) {
      this.#drop(closing);
      return { done: true };
    }
    const own = portfolio.workingOf(strategyId, id).filter((order) => !isProtective(order));
    const resting = own.filter(({ type, status }) => type !== 'market' && status !== 'pending_cancel');
    for (const order of resting) desk.cancel(order, nowUs);
    if (own.length > 0) {
      // A cancel may be refused, or lost with the program: then it is asked for again.
      if (resting.length > 0) this.#later(closing, nowUs);
      const ids = own.map(({ clientOrderId }) => clientOrderId).join(', ');
      return { waits: `order ${ids} has to end first`, canceled: resting };
    }
    if (closing.attempts === TELL_AFTER) this.#tell(closing, nowUs);
    const lots = portfolio.freeToSell(strategyId, id, nowUs, isProtective);
    const placed = protective.exit(marketExit(position, lots, CLOSE_TAG), nowUs, { flattening: true });
    if ('queuedBehind' in placed) {
      this.#later(closing, nowUs);
      return { waits: `protective order ${placed.queuedBehind.join(', ')} has to be off first`, canceled: [] };
    }
    this.#later({ ...closing, attempts: closing.attempts + 1 }, nowUs);
    if ('order' in placed) return { placed: placed.order };
    const { message, actual, limit } = placed.denied;
    const text = `${positionKey(closing.strategyId, closing.instrument)}: ${message} (${actual} against ${limit})`;
    this.#parts.emit({ kind: 'note', level: 'warn', code: 'close_denied', message: text });
    if (isTooSmall(placed.denied)) this.#drop(closing);
    return placed;
  }

  #later(closing: Closing, nowUs: TimestampUs): void {
    const waitUs = nextExitAfterUs(Math.max(0, closing.attempts - 1));
    this.#put({ ...closing, notBeforeUs: timestampUs(nowUs + waitUs) });
  }

  #put(closing: Closing): void {
    this.#closing.set(positionKey(closing.strategyId, closing.instrument), closing);
    this.#moved = true;
  }

  #drop(closing: Closing): void {
    if (this.#closing.delete(positionKey(closing.strategyId, closing.instrument))) this.#moved = true;
  }

  #tell({ strategyId, instrument, sinceUs }: Closing, nowUs: TimestampUs): void {
    this.#parts.emit({
      kind: 'divergence',
      divergence: {
        id: `close_failed:${sinceUs}:${strategyId}:${instrument}`,
        code: 'close_failed',
        message: `the position of ${strategyId} in ${instrument} could not be closed in ${TELL_AFTER} attempts; it is tried on, at least once a minute, until the strategy is started again`,
        accountId: this.#parts.config.accountId,
        tsUs: nowUs,
      },
    });
  }
}
