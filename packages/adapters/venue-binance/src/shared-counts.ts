import { MS_PER_MINUTE, type Fault } from '@monsta/core';
import type { Cache, Clock, Counter, CounterAnswer, Logger, Metrics } from '@monsta/ports';

interface LocalCount {
  readonly value: number;
  /** Of the monotonic clock. */
  readonly endsMs: number;
}

export interface SharedCountsOptions {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Counters shared by all processes through a cache, and remembered here. A counter only rises, so what was seen last is a lower bound:
 * where that is over a limit already nobody is asked, a cache that forgot is told again, and while a cache fails this process counts on by itself.
 */
export class SharedCounts {
  readonly #options: SharedCountsOptions;
  readonly #failures: Counter;
  readonly #local = new Map<string, LocalCount>();
  #failuresSince = 0;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    this.#failures = options.metrics.counter({
      name: 'monsta_binance_budget_cache_failures_total',
      help: 'Times the shared counts of the request budget could not be had and this process counted alone',
    });
  }

  /** Adds `amount` (above 0) unless the sum would be above `limit`. */
  async add(key: string, amount: number, limit: number, ttlMs: number): Promise<CounterAnswer> {
    const known = this.peek(key);
    if (known > limit - amount) return { granted: false, value: known };
    const answer = await this.#options.cache.addWithin(key, amount, limit, ttlMs);
    // Others may have been counted here while the cache was asked.
    const stands = this.peek(key);
    if (!answer.ok) {
      this.#failed(answer.fault);
      if (stands > limit - amount) return { granted: false, value: stands };
      return { granted: true, value: this.#remember(key, stands + amount, ttlMs) };
    }
    const { granted, value } = answer.value;
    if (!granted) return { granted, value: this.#remember(key, value, ttlMs) };
    const least = Math.max(value, known + amount);
    this.#remember(key, least, ttlMs);
    if (value < least) await this.#tellAgain(key, ttlMs);
    return { granted, value: this.peek(key) };
  }

  /** Raises a counter to `value` where it stands lower. */
  async raise(key: string, value: number, ttlMs: number): Promise<void> {
    if (value <= this.peek(key)) return;
    this.#remember(key, value, ttlMs);
    await this.#tellAgain(key, ttlMs);
  }

  /** What a counter stands at; 0 for none. */
  async read(key: string, ttlMs: number): Promise<number> {
    const answer = await this.#options.cache.get(key);
    if (!answer.ok) {
      this.#failed(answer.fault);
      return this.peek(key);
    }
    const shared = Number(answer.value ?? 0);
    return Number.isSafeInteger(shared) ? this.#remember(key, shared, ttlMs) : this.peek(key);
  }

  /** What this process knows of a counter, without asking. */
  peek(key: string): number {
    const local = this.#local.get(key);
    return local === undefined || local.endsMs <= this.#options.clock.monotonicMs() ? 0 : local.value;
  }

  async #tellAgain(key: string, ttlMs: number): Promise<void> {
    const raised = await this.#options.cache.raiseTo(key, this.peek(key), ttlMs);
    if (raised.ok) this.#remember(key, raised.value, ttlMs);
    else this.#failed(raised.fault);
  }

  #remember(key: string, value: number, ttlMs: number): number {
    const nowMs = this.#options.clock.monotonicMs();
    const most = Math.max(this.peek(key), value);
    if (!this.#local.has(key)) {
      for (const [name, { endsMs }] of this.#local) if (endsMs <= nowMs) this.#local.delete(name);
    }
    this.#local.set(key, { value: most, endsMs: Math.max(this.#local.get(key)?.endsMs ?? 0, nowMs + ttlMs) });
    return most;
  }

  /** Counts every failure, logs the first at once and then one a minute with the number since. */
  #failed({ code, message }: Fault): void {
    this.#failures.add(1);
    this.#failuresSince += 1;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#loggedMs < MS_PER_MINUTE) return;
    this.#options.logger.error('the request budget is not shared: each process counts for itself', {
      code,
      reason: message,
      failures: this.#failuresSince,
    });
    this.#loggedMs = nowMs;
    this.#failuresSince = 0;
  }
}
