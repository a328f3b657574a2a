import { createMemoryCache } from '@monsta/cache-memory';
import { err, type Random, type Result } from '@monsta/core';
import type { Cache } from '@monsta/ports';
import { recordingTelemetry, type RecordingTelemetry, type VirtualClock } from '@monsta/testkit';
import { binanceRestConfigSchema, type BinanceRestSettings } from './config.ts';
import { RequestBudget } from './request-budget.ts';
import type { BudgetRequest, Permit } from './request-lanes.ts';

/** A cache that takes its time, fails while `down`, and can be made to forget everything. */
export function unreliableCache(
  clock: VirtualClock,
  delay: { readonly random: Random; readonly maxMs: number } | null,
) {
  const state = { down: false, inner: createMemoryCache({ clock }) };
  async function through<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    const half = (): Promise<void> | null =>
      delay === null ? null : clock.sleep(delay.random.integer(delay.maxMs + 1) / 2);
    await half();
    if (state.down) return err('cache_unavailable', 'the cache is down', { retry: 'retryable' });
    const result = await work();
    await half();
    return result;
  }
  const cache: Cache = {
    get: (key) => through(() => state.inner.get(key)),
    set: (key, value, ttlMs) => through(() => state.inner.set(key, value, ttlMs)),
    compareAndSet: (key, expected, value, ttlMs) =>
      through(() => state.inner.compareAndSet(key, expected, value, ttlMs)),
    delete: (key) => through(() => state.inner.delete(key)),
    takeTokens: (key, bucket, tokens) => through(() => state.inner.takeTokens(key, bucket, tokens)),
    addWithin: (key, amount, limit, ttlMs) => through(() => state.inner.addWithin(key, amount, limit, ttlMs)),
    raiseTo: (key, value, ttlMs) => through(() => state.inner.raiseTo(key, value, ttlMs)),
    close: () => state.inner.close(),
  };
  const forget = (): void => {
    state.inner = createMemoryCache({ clock });
  };
  return { cache, state, forget };
}

export type Asked = Partial<BudgetRequest> & { readonly weight: number };

export interface BudgetRig {
  readonly budget: RequestBudget;
  readonly telemetry: RecordingTelemetry;
  /** What each call came to, in the order in which they were decided. */
  readonly outcomes: string[];
  /** Asks for a permit; kept until `releaseAll`, unless `release` is true. */
  readonly ask: (asked: Asked, release?: boolean) => Promise<Result<Permit>>;
  readonly releaseAll: () => void;
}

export function budgetOn(clock: VirtualClock, cache: Cache, settings: BinanceRestSettings = {}, skewMs = 0): BudgetRig {
  const telemetry = recordingTelemetry();
  const config = binanceRestConfigSchema.parse({ usePercent: 100, ...settings });
  const budget = new RequestBudget({
    host: 'exchange.test',
    cache,
    clock,
    ...telemetry,
    config,
    nowMs: () => Math.floor(clock.nowUs() / 1_000) + skewMs,
  });
  const outcomes: string[] = [];
  const held: Permit[] = [];
  return {
    budget,
    telemetry,
    outcomes,
    async ask(asked, release = true) {
      const { what = `${asked.priority ?? 'data'} ${asked.weight}` } = asked;
      const result = await budget.acquire({ orders: 0, account: null, priority: 'data', ...asked, what });
      outcomes.push(result.ok ? what : `${what}: ${result.fault.code}`);
      if (result.ok && release) result.value.release();
      else if (result.ok) held.push(result.value);
      return result;
    },
    releaseAll() {
      for (const permit of held.splice(0)) permit.release();
    },
  };
}
