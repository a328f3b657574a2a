import { invariant, MS_PER_SECOND, type Result } from '@monsta/core';
import type { Cache, Clock, Counter, Gauge, Histogram, Logger, Metrics, Timer } from '@monsta/ports';
import type { BinanceRestConfig } from './config.ts';
import { LIMITS, windowOf, windowsAt, type LimitName } from './limit-windows.ts';
import {
  givenUp,
  limited,
  PRIORITIES,
  RequestLane,
  type BudgetRequest,
  type Permit,
  type Priority,
  type Waiting,
} from './request-lanes.ts';
import { SharedCounts } from './shared-counts.ts';

export interface RequestBudgetOptions {
  /** Whose limits these are. Processes share the budget that have the same host, `addressName` and cache. */
  readonly host: string;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: BinanceRestConfig;
  /** Now on the clock that the venue's windows follow, epoch milliseconds. */
  readonly nowMs: () => number;
}

/** Why a call may not go now. */
interface Hold {
  /** Of the monotonic clock. */
  readonly untilMs: number;
  readonly why: string;
  /** The call that found no room: it holds others back only as long as it waits itself. Null for a block. */
  readonly by: Waiting | null;
}

type Verdict =
  | { readonly kind: 'go' }
  | { readonly kind: 'hold'; readonly forMs: number; readonly why: string }
  | { readonly kind: 'refuse'; readonly forMs: number; readonly why: string };

/** What a call takes of one window of a limit. */
interface Claim {
  readonly key: string;
  readonly amount: number;
  /** What the window may stand at with it. */
  readonly most: number;
  readonly ttlMs: number;
  /** What to do where there is no room. */
  readonly otherwise: Verdict;
}

const GO: Verdict = { kind: 'go' };
const FULL_RETRY_MS = 1_000;
const WAIT_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/**
 * What one address may ask of the venue, shared by everything on it: request weight, requests and orders in the venue's windows, blocks, and
 * places for calls under way. A call goes when there is room for it; until then it waits, orders before what trading asks before data before
 * backfill, at most as
 * long as its priority may. Orders over an account's limit do not wait: an order of ten seconds ago is another order.
 *
 * The full documented weight is counted, also where a success would cost less: the count is never below the venue's.
 * Faults: `venue_limited` (with `retryAfterMs`), `venue_unreachable` where the call was given up. In every case nothing was sent.
 */
export class RequestBudget {
  readonly #options: RequestBudgetOptions;
  readonly #counts: SharedCounts;
  readonly #lanes: readonly RequestLane[];
  #listed: ReadonlyMap<LimitName, number> = new Map();
  readonly #holds = new Map<Priority, Hold>();
  #block: Hold | null = null;
  #active = 0;
  #pumping = false;
  #pumpAgain = false;
  #timer: Timer | null = null;
  #stopped = false;
  readonly #weights: Counter;
  readonly #refusals: Counter;
  readonly #blocks: Counter;
  readonly #waits: Histogram;
  readonly #used: Gauge;

  constructor(options: RequestBudgetOptions) {
    this.#options = options;
    const { clock, metrics } = options;
    this.#counts = new SharedCounts(options);
    this.#lanes = PRIORITIES.map((priority) => new RequestLane(priority, clock));
    this.#weights = metrics.counter({
      name: 'monsta_binance_budget_weight_total',
      help: 'Request weight that this process was granted, by priority',
      labels: ['priority'],
    });
    this.#refusals = metrics.counter({
      name: 'monsta_binance_budget_refusals_total',
      help: 'Calls that the budget did not let go, by priority and why: queue, deadline, orders',
      labels: ['priority', 'why'],
    });
    this.#blocks = metrics.counter({
      name: 'monsta_binance_budget_blocks_total',
      help: 'Times the venue told this address to stop',
    });
    this.#waits = metrics.histogram({
      name: 'monsta_binance_budget_wait_seconds',
      help: 'How long calls waited for their turn, by priority',
      labels: ['priority'],
      buckets: WAIT_BUCKETS_SECONDS,
    });
    this.#used = metrics.gauge({
      name: 'monsta_binance_rest_used_weight_count',
      help: 'Request weight of this address used in the present minute, as far as is known',
    });
  }

  /** Waits for the call's turn. The permit must be released when the call is over. */
  async acquire(request: BudgetRequest): Promise<Result<Permit>> {
    const { what, weight, orders, account, priority } = request;
    invariant(
      weight >= 1 && orders >= 0 && (orders === 0) === (account === null),
      `${what}: weight and orders of a call`,
    );
    if (this.#stopped) return givenUp(what);
    const lane = this.#lane(priority);
    const { config, clock } = this.#options;
    if (lane.size >= config.requestQueueMax) {
      this.#refusals.add(1, { priority, why: 'queue' });
      return limited(what, `${lane.size} calls of its kind are waiting already`, FULL_RETRY_MS);
    }
    const deadlineMs = clock.monotonicMs() + this.waitMaxMs(priority);
    const hold = this.#holdOf(priority);
    if (hold !== null && hold.untilMs > deadlineMs) return this.#late(request, hold);
    const turn = lane.wait(request, deadlineMs, () => {
      const why = this.#holdOf(priority)?.why ?? 'too many calls are under way';
      return this.#late(request, { untilMs: clock.monotonicMs() + FULL_RETRY_MS, why, by: null });
    });
    void this.#pump();
    const result = await turn;
    // One that gave up may have held others back.
    if (!result.ok) void this.#pump();
    return result;
  }

  /** The longest that a call of this priority waits. */
  waitMaxMs(priority: Priority): number {
    const { tradingWaitMaxMs, dataWaitMaxMs, backfillWaitMaxMs } = this.#options.config;
    return { orders: tradingWaitMaxMs, trading: tradingWaitMaxMs, data: dataWaitMaxMs, backfill: backfillWaitMaxMs }[
      priority
    ];
  }

  /** The venue told the address to send nothing for so long; all processes that share it keep to that. A longer block stays. */
  async block(forMs: number, why: string): Promise<void> {
    this.#blocks.add(1);
    this.#blocked(forMs, why);
    await this.#counts.raise(this.#key('block'), Math.ceil(this.#options.nowMs() + forMs), forMs);
  }

  /** The limits that the venue lists: one that is lower than what is configured counts from now on. */
  limitsListed(listed: ReadonlyMap<LimitName, number>): void {
    for (const [limit, allows] of listed) {
      const configured = this.#configured(limit);
      if (allows >= configured || this.#listed.get(limit) === allows) continue;
      this.#options.logger.warn('the venue allows less than is configured', { limit, allows, configured });
    }
    this.#listed = listed;
  }

  /** The venue's own count of the weight used by this address, in answer to a request sent and answered at these times of the monotonic clock. */
  async weightReported(used: number, sentMs: number, receivedMs: number): Promise<void> {
    await this.#reported('weight', '', used, sentMs, receivedMs);
    const index = Math.floor(this.#options.nowMs() / LIMITS.weight.windowMs);
    this.#used.set(this.#counts.peek(this.#windowKey('weight', '', index)));
  }

  /** The same of an account's orders. */
  async ordersReported(
    limit: 'orders10s' | 'orders1d',
    account: string,
    count: number,
    sentMs: number,
    receivedMs: number,
  ): Promise<void> {
    await this.#reported(limit, account, count, sentMs, receivedMs);
  }

  /** The venue says that the account has used up its orders; returns for how long, ms. */
  async ordersExhausted(limit: 'orders10s' | 'orders1d', account: string): Promise<number> {
    const { config, nowMs } = this.#options;
    const [window] = windowsAt(limit, nowMs(), config.windowGuardMs);
    invariant(window !== undefined, `a window of ${limit}`);
    const key = this.#windowKey(limit, account, window.index);
    await this.#counts.raise(key, this.#venueLimit(limit), this.#ttlMs(limit));
    return window.leftMs;
  }

  /** Request weight of this address in the present minute, as far as this process knows, and what the venue allows. */
  get usedWeight(): { readonly used: number; readonly limit: number } {
    const index = Math.floor(this.#options.nowMs() / LIMITS.weight.windowMs);
    return {
      used: this.#counts.peek(this.#windowKey('weight', '', index)),
      limit: this.#venueLimit('weight'),
    };
  }

  /** Fails every call that waits, and takes no more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const lane of this.#lanes) lane.endWhere(({ request }) => givenUp(request.what));
  }

  #lane(priority: Priority): RequestLane {
    const lane = this.#lanes.find((each) => each.priority === priority);
    invariant(lane !== undefined, `no lane ${priority}`);
    return lane;
  }

  /** Lets go whoever may go, most urgent first; one at a time, so that nobody overtakes. */
  async #pump(): Promise<void> {
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = true;
    do {
      this.#pumpAgain = false;
      for (let next = this.#next(); next !== null; next = this.#next()) await this.#serve(next);
    } while (this.#pumpAgain);
    this.#pumping = false;
    this.#schedule();
  }

  /** The first call in line of the most urgent lane that isn't held back and has a place. */
  #next(): Waiting | null {
    if (this.#stopped) return null;
    for (const { head, priority } of this.#lanes) {
      if (head !== null && this.#holdOf(priority) === null && this.#active < this.#placesFor(priority)) return head;
    }
    return null;
  }

  async #serve(waiting: Waiting): Promise<void> {
    const { request, sinceMs } = waiting;
    const { priority, what } = request;
    const verdict = await this.#reserve(request);
    if (waiting.settled) return;
    if (verdict.kind === 'hold') {
      this.#hold(waiting, verdict.forMs, verdict.why);
      return;
    }
    if (verdict.kind === 'refuse') {
      this.#refusals.add(1, { priority, why: 'orders' });
      waiting.settle(limited(what, verdict.why, verdict.forMs));
      return;
    }
    this.#active += 1;
    this.#weights.add(request.weight, { priority });
    this.#waits.observe((this.#options.clock.monotonicMs() - sinceMs) / MS_PER_SECOND, { priority });
    waiting.settle({ ok: true, value: { release: () => this.#release() } });
  }

  #release(): void {
    this.#active -= 1;
    void this.#pump();
  }

  /** Counts the call against every limit, or tells which has no room. What was counted before that showed stays counted: too much, never too little. */
  async #reserve(request: BudgetRequest): Promise<Verdict> {
    const taken = new Set<string>();
    for (;;) {
      // A second round only where the cache took so long that a window began meanwhile.
      const claims = this.#claimsOf(request).filter(({ key }) => !taken.has(key));
      if (claims.length === 0) return GO;
      const refusal = await this.#take(claims);
      if (refusal !== null) return refusal;
      for (const { key } of claims) taken.add(key);
    }
  }

  /** Null where all of it was to be had. */
  async #take(claims: readonly Claim[]): Promise<Verdict | null> {
    // What is known to be used up already costs nothing to find out.
    const known = claims.find(({ key, amount, most }) => this.#counts.peek(key) > most - amount);
    if (known !== undefined) return known.otherwise;
    const [blockedForMs, ...answers] = await Promise.all([
      this.#blockedForMs(),
      ...claims.map(({ key, amount, most, ttlMs }) => this.#counts.add(key, amount, most, ttlMs)),
    ]);
    if (blockedForMs > 0) {
      const why = 'the venue has told this address to stop';
      this.#blocked(blockedForMs, why);
      return { kind: 'hold', forMs: blockedForMs, why };
    }
    return claims.find((_claim, index) => answers[index]?.granted !== true)?.otherwise ?? null;
  }

  #claimsOf(request: BudgetRequest): readonly Claim[] {
    const { weight, orders, account, priority } = request;
    const ofAddress = [...this.#claims('weight', '', weight, priority), ...this.#claims('raw', '', 1, priority)];
    if (account === null) return ofAddress;
    const ofAccount = (['orders10s', 'orders1d'] as const).flatMap((limit) =>
      this.#claims(limit, account, orders, priority),
    );
    return [...ofAccount, ...ofAddress];
  }

  /** One for each window that the call may be counted in. */
  #claims(limit: LimitName, account: string, amount: number, priority: Priority): readonly Claim[] {
    const { config, nowMs } = this.#options;
    return windowsAt(limit, nowMs(), config.windowGuardMs).map(({ index, leftMs }) => ({
      key: this.#windowKey(limit, account, index),
      amount,
      // What is heavier than all that may be used goes alone.
      most: Math.max(this.#usable(limit, priority), amount),
      ttlMs: this.#ttlMs(limit),
      otherwise: {
        // An account that is out of orders holds nobody else back.
        kind: account === '' ? 'hold' : 'refuse',
        forMs: leftMs,
        why: LIMITS[limit].exceeded,
      },
    }));
  }

  async #blockedForMs(): Promise<number> {
    return (await this.#counts.read(this.#key('block'), LIMITS.weight.windowMs)) - this.#options.nowMs();
  }

  async #reported(limit: LimitName, account: string, count: number, sentMs: number, receivedMs: number): Promise<void> {
    const { clock, config, nowMs } = this.#options;
    if (!Number.isSafeInteger(count) || count < 0) return;
    const offsetMs = nowMs() - clock.monotonicMs();
    const index = windowOf(limit, sentMs + offsetMs, receivedMs + offsetMs, config.windowGuardMs);
    if (index !== null) await this.#counts.raise(this.#windowKey(limit, account, index), count, this.#ttlMs(limit));
  }

  #blocked(forMs: number, why: string): void {
    const untilMs = this.#options.clock.monotonicMs() + forMs;
    if (this.#block === null || untilMs > this.#block.untilMs) this.#block = { untilMs, why, by: null };
    this.#endLate(this.#lanes);
    this.#schedule();
  }

  /** The lane of a call that found no room waits, and those less urgent; who can't wait that long fails at once. */
  #hold(by: Waiting, forMs: number, why: string): void {
    const hold = { untilMs: this.#options.clock.monotonicMs() + forMs, why, by };
    if (by.deadlineMs < hold.untilMs) {
      by.settle(this.#late(by.request, hold));
      return;
    }
    const lanes = this.#lanes.slice(PRIORITIES.indexOf(by.request.priority));
    for (const { priority } of lanes) this.#holds.set(priority, hold);
    this.#endLate(lanes);
  }

  #endLate(lanes: readonly RequestLane[]): void {
    for (const lane of lanes) {
      const hold = this.#holdOf(lane.priority);
      if (hold === null) continue;
      lane.endWhere(({ request, deadlineMs }) => (deadlineMs < hold.untilMs ? this.#late(request, hold) : null));
    }
  }

  #late({ what, priority }: BudgetRequest, { untilMs, why }: Hold) {
    this.#refusals.add(1, { priority, why: 'deadline' });
    return limited(what, why, Math.max(1, untilMs - this.#options.clock.monotonicMs()));
  }

  #holdOf(priority: Priority): Hold | null {
    const nowMs = this.#options.clock.monotonicMs();
    const hold = this.#holds.get(priority) ?? null;
    const isOn = hold !== null && hold.by?.settled !== true && hold.untilMs > (this.#block?.untilMs ?? 0);
    const longest = isOn ? hold : this.#block;
    return longest !== null && longest.untilMs > nowMs ? longest : null;
  }

  /** Looks again when the first hold that somebody waits for is over. */
  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#stopped) return;
    const waits = this.#lanes.flatMap(({ head, priority }) => (head === null ? [] : (this.#holdOf(priority) ?? [])));
    if (waits.length === 0) return;
    const nextMs = Math.min(...waits.map(({ untilMs }) => untilMs)) - this.#options.clock.monotonicMs();
    // Whole milliseconds: a timer for less than the clock can tell would come before the hold is over, again and again.
    this.#timer = this.#options.clock.setTimer(Math.max(1, Math.ceil(nextMs)), () => void this.#pump());
  }

  #percentOf(priority: Priority): number {
    const { dataPercent, backfillPercent } = this.#options.config;
    return { orders: 100, trading: 100, data: dataPercent, backfill: backfillPercent }[priority];
  }

  #placesFor(priority: Priority): number {
    return Math.max(1, Math.floor((this.#options.config.requestsAtOnceMax * this.#percentOf(priority)) / 100));
  }

  #usable(limit: LimitName, priority: Priority): number {
    const { usePercent } = this.#options.config;
    return Math.floor((this.#venueLimit(limit) * usePercent * this.#percentOf(priority)) / 10_000);
  }

  /** The less of what is configured and what the venue said. */
  #venueLimit(limit: LimitName): number {
    return Math.min(this.#configured(limit), this.#listed.get(limit) ?? Number.POSITIVE_INFINITY);
  }

  #configured(limit: LimitName): number {
    const { config } = this.#options;
    switch (limit) {
      case 'weight':
        return config.weightPerMinuteMax;
      case 'raw':
        return config.rawRequestsPerFiveMinutesMax;
      case 'orders10s':
        return config.ordersPerTenSecondsMax;
      case 'orders1d':
        return config.ordersPerDayMax;
    }
  }

  #ttlMs(limit: LimitName): number {
    return 2 * LIMITS[limit].windowMs;
  }

  #key(name: string): string {
    const { config, host } = this.#options;
    return `binance:${host}:${config.addressName}:${name}`;
  }

  #windowKey(limit: LimitName, account: string, index: number): string {
    return this.#key(account === '' ? `${limit}:${index}` : `${limit}:${account}:${index}`);
  }
}
