import { US_PER_MS, type Random, type Result, type TimestampUs } from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import { Backoff } from '../backoff.ts';
import type { AccountQueries } from './account-queries.ts';
import type { BinanceExecutionConfig } from './config.ts';
import type { OrderRecords } from './order-records.ts';
import { tradesOfOrder } from './order-reports.ts';
import type { OrderTracker } from './order-tracker.ts';

export interface RequestOutcomesOptions {
  readonly queries: AccountQueries;
  readonly records: OrderRecords;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: BinanceExecutionConfig;
  readonly recvWindowMs: number;
  readonly signal: AbortSignal;
  /** Now on the venue's clock, as it was measured. */
  readonly nowUs: () => TimestampUs;
  /** Measures the venue's clock now. */
  readonly measureClock: () => Promise<Result<null>>;
}

const NEVER_ARRIVED = 'the venue has no such order, and a request that it gets now is too old for it';

/**
 * What became of a request of which nothing certain is known: the venue is asked by our own id until it is. That a request never arrived is known only once the venue
 * would refuse it for its age.
 */
export class RequestOutcomes {
  readonly #options: RequestOutcomesOptions;

  constructor(options: RequestOutcomesOptions) {
    this.#options = options;
  }

  /**
   * Tells, from now on, whether a request that was sent before now can take effect no more: its receive window is over on the venue's clock, measured anew, and on ours too,
   * since the venue's may be set.
   */
  #deadline(): () => Promise<boolean> {
    const { nowUs, recvWindowMs, config, clock, measureClock } = this.#options;
    const windowMs = recvWindowMs + config.outcomeMarginMs;
    const deadMs = clock.monotonicMs() + windowMs;
    const deadUs = nowUs() + windowMs * US_PER_MS;
    return async () => {
      if (clock.monotonicMs() < deadMs) return false;
      const measured = await measureClock();
      return measured.ok && nowUs() >= deadUs;
    };
  }

  /** Resolves when it is known whether an order that was sent was entered; by then that has been told. Also when the venue is closed before. */
  async ofOrder(tracker: OrderTracker): Promise<void> {
    const { nowUs, records, logger } = this.#options;
    const isDead = this.#deadline();
    logger.warn('the outcome of an order is unknown; the venue is asked', { order: tracker.clientOrderId });
    await this.#ask(async () => {
      if (tracker.venueOrderId !== null || tracker.ended) return true;
      const dead = await isDead();
      const found = await this.look(tracker, 'answer');
      if (found !== 'absent') return found === 'found';
      if (dead) records.refuse(tracker, { code: 'never_arrived', reason: NEVER_ARRIVED }, nowUs());
      return dead;
    });
  }

  /** Whether an order of which a cancel was sent has ended. `open`: that cancel has no effect any more; `closed`: the venue's client was closed before it was known. */
  async ofCancel(tracker: OrderTracker): Promise<'ended' | 'open' | 'closed'> {
    const isDead = this.#deadline();
    let outcome: 'ended' | 'open' | 'closed' = 'closed';
    this.#options.logger.warn('the outcome of a cancel is unknown; the venue is asked', {
      order: tracker.clientOrderId,
    });
    await this.#ask(async () => {
      const dead = await isDead();
      const found = tracker.over ? 'found' : await this.look(tracker, 'answer');
      if (tracker.over) outcome = 'ended';
      else if (found === 'unknown' || !dead) return false;
      else outcome = 'open';
      return true;
    });
    return outcome;
  }

  /** Asks for an order once, and for its trades where some are missing; what follows is told. */
  async look(tracker: OrderTracker, source: 'answer' | 'recovery'): Promise<'found' | 'absent' | 'unknown'> {
    const { queries, records, logger } = this.#options;
    const { symbol, clientOrderId, venueOrderId } = tracker;
    const asked = await queries.order(symbol, venueOrderId === null ? { clientOrderId } : { venueOrderId });
    if (!asked.ok) {
      const { code, message } = asked.fault;
      logger.warn('an order can not be asked for', { order: clientOrderId, code, reason: message });
      return 'unknown';
    }
    if (asked.value === null) return 'absent';
    records.take(asked.value, source);
    await this.fetchTrades(tracker);
    return 'found';
  }

  /** Asks for the trades of an order where some are missing. False where they could not be had. */
  async fetchTrades(tracker: OrderTracker): Promise<boolean> {
    const { queries, records, logger } = this.#options;
    const { symbol, venueOrderId } = tracker;
    if (!tracker.missesTrades || venueOrderId === null) return true;
    const trades = await queries.tradesOf(symbol, venueOrderId);
    if (!trades.ok) {
      const { code, message } = trades.fault;
      logger.warn('the trades of an order can not be asked for', {
        order: tracker.clientOrderId,
        code,
        reason: message,
      });
      return false;
    }
    records.takeTrades(tracker, tradesOfOrder(trades.value));
    return !tracker.missesTrades;
  }

  /** Repeats a question, ever more rarely, until it is answered or the venue's client is closed. */
  async #ask(question: () => Promise<boolean>): Promise<void> {
    const { clock, config, random, signal } = this.#options;
    const backoff = new Backoff({ minMs: config.outcomeDelayMinMs, maxMs: config.outcomeDelayMaxMs }, random);
    while (!signal.aborted && !(await question())) await clock.sleep(backoff.next(), signal);
  }
}
