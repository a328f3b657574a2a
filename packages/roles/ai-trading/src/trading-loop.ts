import { slippageBps } from '@monsta/contracts';
import {
  BoundedQueue,
  err,
  fault,
  isFinal,
  ok,
  US_PER_MS,
  type Bar,
  type ClientOrderId,
  type Fault,
  type Instrument,
  type OrderStatus,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { commandsOf, encodeInput, type Kernel, type KernelInput, type KernelOutput } from '@monsta/trading';
import { DataTime } from './data-time.ts';
import { backoffMs } from './deadline.ts';
import { ledgerBatchOf } from './ledger-batch.ts';
import { loopMetrics, type LoopMetrics } from './loop-metrics.ts';
import type { AiTradingOptions } from './options.ts';
import type { Publisher } from './publisher.ts';
import { fetchWarmUp, warmUpInputs } from './warm-up.ts';

interface Waiting {
  readonly input: KernelInput;
  readonly sinceMs: number;
  /** Trace context of what brought it; null where nothing began one. */
  readonly traceparent: string | null;
}

/** Orders whose trace is remembered; with more, what the venue says of the oldest carries none. */
const TRACES_MAX = 1_000;

/** Venue events, commands, ticks and conditions: few, and none may be lost. */
const CONTROL_QUEUE_MAX = 10_000;

/** An order of which something is expected, and since when (our monotonic time). */
interface Expected {
  readonly status: string;
  sinceMs: number;
}

/**
 * Feeds the kernel one input at a time: journalled, seen by the venue, handled, its records durable, then its commands carried out and the world told.
 * Control inputs go before market data. When the market queue is full the newest input is refused, counted, and only exits are allowed until the
 * queue is empty again.
 */
export class TradingLoop {
  readonly #options: AiTradingOptions;
  readonly #kernel: Kernel;
  readonly #publisher: Publisher;
  readonly #metrics: LoopMetrics;
  readonly #control = new BoundedQueue<Waiting>(CONTROL_QUEUE_MAX, 'refuse');
  readonly #market: BoundedQueue<Waiting>;
  readonly #time: DataTime;
  /** Market data that the venue has seen, and the kernel not yet. */
  #shown: Waiting | null = null;
  /** What resolves when the venue has told what it did; then the line goes on. */
  #telling: Promise<void> | null = null;
  readonly #traces = new Map<ClientOrderId, string>();
  readonly #expected = new Map<ClientOrderId, Expected>();
  readonly #conditions = new Map<string, string>();
  #pumping: Promise<void> = Promise.resolve();
  /** True while inputs are being taken: what is offered meanwhile waits its turn, also from within. */
  #active = false;
  #running = false;
  #failed: Fault | null = null;
  #liveSinceMs = 0;
  #lastMarketMs = 0;
  #moves = 0;
  /** The journal lacks something, and does not say so yet. */
  #gap = false;

  constructor(options: AiTradingOptions, kernel: Kernel, publisher: Publisher) {
    this.#options = options;
    this.#kernel = kernel;
    this.#publisher = publisher;
    this.#metrics = loopMetrics(options.telemetry.metrics);
    this.#market = new BoundedQueue<Waiting>(options.config.queueMax, 'refuse');
    this.#time = new DataTime(options.config.tickMs * US_PER_MS);
  }

  get metrics(): LoopMetrics {
    return this.#metrics;
  }

  get failed(): Fault | null {
    return this.#failed;
  }

  /** Counts what may change the account: events of the venue taken in, orders sent. */
  get moves(): number {
    return this.#moves;
  }

  /** Our monotonic time of the last market input. */
  get lastMarketMs(): number {
    return this.#lastMarketMs;
  }

  /** Inputs waiting or in hand. */
  get busy(): boolean {
    return this.#active || this.#control.size > 0;
  }

  offerMarket(input: KernelInput, traceparent: string | null = null): void {
    const sinceMs = this.#options.clock.monotonicMs();
    this.#lastMarketMs = sinceMs;
    this.condition('feed_silent', null, '');
    if (this.#market.push({ input, sinceMs, traceparent })) {
      this.#wake();
      return;
    }
    this.#metrics.lost.add();
    this.condition(
      'queue_overflow',
      'REDUCING',
      `the kernel does not keep up: more than ${this.#market.capacity} inputs wait and the newest were lost`,
    );
  }

  /** Time passes also where no market data does. In line with it: where the line is full, what waits there moves the time. */
  offerTime(nowUs: TimestampUs): void {
    const input: KernelInput = { kind: 'tick', tsUs: this.#time.tickBefore(nowUs) };
    this.#market.push({ input, sinceMs: this.#options.clock.monotonicMs(), traceparent: null });
    this.#wake();
  }

  /** New terms of an instrument, in line with the market data: what waits before them is counted in the old ones. Where the line is full, all that waits in it is let go. */
  offerInstrument(instrument: Instrument): void {
    const input: KernelInput = { kind: 'instruments', tsUs: this.#kernel.nowUs, instruments: [instrument] };
    const waiting: Waiting = { input, sinceMs: this.#options.clock.monotonicMs(), traceparent: null };
    if (!this.#market.push(waiting)) {
      const kept: Waiting[] = [];
      for (let each = this.#market.shift(); each !== undefined; each = this.#market.shift()) {
        if (each.input.kind === 'instruments') kept.push(each);
        else this.#metrics.lost.add();
      }
      for (const each of [...kept, waiting]) this.#market.push(each);
    }
    this.#wake();
  }

  /** Puts a control input in line; a full line is fatal, since a lost outcome would be a lost fill. */
  offerControl(input: KernelInput, traceparent: string | null = this.#traceOf(input)): void {
    if (input.kind === 'venue' || input.kind === 'account') this.#moves += 1;
    if (!this.#control.push({ input, sinceMs: this.#options.clock.monotonicMs(), traceparent })) {
      this.#fail(
        fault('control_queue_full', `more than ${CONTROL_QUEUE_MAX} control inputs wait for the kernel`, {
          retry: 'fatal',
        }),
      );
      return;
    }
    this.#wake();
  }

  /** Raises or lifts (`state` null) a condition of the surroundings, once each. */
  condition(code: string, state: 'REDUCING' | 'HALTED' | null, reason: string): void {
    const known = this.#conditions.get(code);
    if (state === null ? known === undefined : known === reason) return;
    if (state === null) this.#conditions.delete(code);
    else {
      this.#conditions.set(code, reason);
      this.#options.telemetry.logger.warn(reason, { code });
    }
    this.offerControl({ kind: 'condition', tsUs: this.#kernel.nowUs, code, state, reason });
  }

  /** Begins to take what has been waiting. */
  run(): void {
    this.#running = true;
    this.#time.begin(this.#kernel.nowUs);
    this.#liveSinceMs = this.#options.clock.monotonicMs();
    this.#lastMarketMs = this.#liveSinceMs;
    this.#wake();
  }

  /** Forgets market data that waits; control inputs are still taken. */
  dropMarket(): void {
    this.#market.clear();
    this.#shown = null;
  }

  /** Takes nothing more; resolves when what is in hand is done. */
  async halt(): Promise<void> {
    this.#running = false;
    await this.#pumping;
  }

  /** One input, at once and out of line: for recovery, before `run`. Fault when its records could not be made durable. */
  async apply(input: KernelInput): Promise<Result<null>> {
    if (input.kind === 'market') this.#show(input.event);
    await this.#handle(input, null);
    return this.#failed === null ? ok(null) : { ok: false, fault: this.#failed };
  }

  /** All that waits in line, at once: for recovery, before `run`. Fault as of `apply`. */
  async applyWaiting(): Promise<Result<null>> {
    for (let next = this.#control.shift(); next !== undefined; next = this.#control.shift()) {
      const applied = await this.apply(next.input);
      if (!applied.ok) return applied;
    }
    return ok(null);
  }

  /** Orders whose outcome is overdue. Asking begins their time anew. */
  overdue(): readonly ClientOrderId[] {
    const nowMs = this.#options.clock.monotonicMs();
    const late: ClientOrderId[] = [];
    for (const [id, expected] of this.#expected) {
      if (nowMs - expected.sinceMs < this.#options.config.outcomeTimeoutMs) continue;
      expected.sinceMs = nowMs;
      late.push(id);
    }
    return late;
  }

  /** True while an order's submission or cancellation has no outcome yet. */
  get awaitsOutcome(): boolean {
    return this.#expected.size > 0;
  }

  #wake(): void {
    if (!this.#running || this.#failed !== null || this.#active) return;
    this.#active = true;
    this.#pumping = this.#pump();
  }

  async #pump(): Promise<void> {
    while (this.#running && this.#failed === null) {
      if (this.#market.size === 0) this.condition('queue_overflow', null, '');
      const next = this.#control.shift() ?? this.#nextInTime();
      if (next === undefined) break;
      // Most inputs lead to nothing durable and are done at once; awaiting them too would cost more than they do.
      const pending = this.#take(next);
      if (pending !== null) await pending;
    }
    this.#metrics.queueLength.set(this.#control.size + this.#market.size);
    this.#active = false;
  }

  /**
   * The next of market data and time, once the venue has told all that it did because of what came before: it sees the event first, what it does because of that is told and answered,
   * then the kernel sees it. `TapeRun` goes by the same order.
   */
  #nextInTime(): Waiting | undefined {
    if (this.#venueIsTelling()) return undefined;
    if (this.#shown !== null) {
      const shown = this.#shown;
      this.#shown = null;
      return shown;
    }
    for (let next = this.#market.peek(); next !== undefined; next = this.#market.peek()) {
      const tickUs = this.#time.dueBefore(next.input);
      if (tickUs !== null) return { ...next, input: { kind: 'tick', tsUs: tickUs } };
      this.#market.shift();
      // What it brought were the ticks before it.
      if (next.input.kind === 'tick') continue;
      if (next.input.kind !== 'market') return next;
      this.#show(next.input.event);
      if (!this.#venueIsTelling() && this.#control.size === 0) return next;
      this.#shown = next;
      return this.#control.shift();
    }
    return undefined;
  }

  #show(event: Extract<KernelInput, { kind: 'market' }>['event']): void {
    try {
      this.#options.venue.observe?.(event);
    } catch (thrown) {
      const message = `the venue broke on market data of kind '${event.kind}': ${String(thrown)}`;
      this.#fail(fault('trading_invariant', message, { retry: 'fatal', cause: thrown }));
    }
  }

  #venueIsTelling(): boolean {
    const telling = this.#options.venue.telling?.() ?? null;
    if (telling !== null && telling !== this.#telling) void telling.then(() => this.#wake());
    this.#telling = telling;
    return telling !== null;
  }

  #take({ input, sinceMs, traceparent }: Waiting): Promise<void> | null {
    if (input.kind === 'market') {
      this.#watchLag(sinceMs);
      if (input.event.kind === 'bar' && this.#hasGapBefore(input.event))
        return this.#repairThen(input, input.event, traceparent);
    }
    return input.kind === 'instruments' ? this.#change(input) : this.#handle(input, traceparent);
  }

  /** New terms are in the ledger before anything is counted in them. */
  async #change(input: Extract<KernelInput, { kind: 'instruments' }>): Promise<void> {
    const { ledger } = this.#options;
    if (await this.#durable('new terms of an instrument', () => ledger.putInstruments(input.instruments))) {
      await this.#handle(input, null);
    }
  }

  #watchLag(sinceMs: number): void {
    const { clock, config } = this.#options;
    const waitedMs = clock.monotonicMs() - Math.max(sinceMs, this.#liveSinceMs);
    if (waitedMs > config.lagMsMax)
      this.condition('lag', 'REDUCING', `inputs wait longer than ${config.lagMsMax} ms for the kernel`);
    else if (waitedMs < config.lagMsMax / 2) this.condition('lag', null, '');
  }

  #hasGapBefore(bar: Bar): boolean {
    const openMs = bar.openTimeUs / 1_000;
    const lengthMs = (bar.closeTimeUs - bar.openTimeUs) / 1_000;
    return this.#kernel.windows().some(({ instrument, interval, window }) => {
      if (instrument !== bar.instrument || interval !== bar.interval) return false;
      return window.newestOpenMs !== null && openMs > window.newestOpenMs + lengthMs;
    });
  }

  /** Bars were lost before this one: the history is asked for them, so that no window breaks. */
  async #repairThen(input: KernelInput, bar: Bar, traceparent: string | null): Promise<void> {
    const { history, clock, config, telemetry } = this.#options;
    const bars = Math.max(...this.#kernel.windows().map(({ window }) => window.capacity));
    const need = { instrument: bar.instrument, interval: bar.interval, bars };
    const instrument = this.#kernel.instrument(bar.instrument);
    const fetched = await fetchWarmUp(history, need, instrument, bar.openTimeUs, clock, config.callTimeoutMs);
    if (fetched.ok) {
      for (const older of warmUpInputs(fetched.value, this.#kernel.nowUs)) await this.#handle(older, null);
    } else {
      const { code, message } = fetched.fault;
      telemetry.logger.warn('bars are missing and the history has no answer', { code, reason: message });
    }
    await this.#handle(input, traceparent);
  }

  /** The first record of a life: what the kernel was made of. */
  beginLife(tsUs: TimestampUs, life: unknown): void {
    this.#gap = !this.#options.journal.append(tsUs, life).ok;
  }

  /** What a replay has to come to as well; without it nobody could tell that it did not. */
  #journalCommands(tsUs: TimestampUs, outputs: readonly KernelOutput[]): void {
    const { journal } = this.#options;
    const commands = commandsOf(outputs);
    if (commands.length > 0 && !this.#gap) this.#gap = !journal.append(tsUs, { kind: 'commands', commands }).ok;
  }

  #handle(input: KernelInput, traceparent: string | null): Promise<void> | null {
    const { journal, venue, clock, accountId } = this.#options;
    this.#metrics.inputs.add(1, { input: input.kind });
    if (this.#gap) this.#gap = !journal.append(input.tsUs, { kind: 'gap' }).ok;
    const appended = journal.append(input.tsUs, encodeInput(input));
    // The next input says so to the kernel; this one is handled all the same, since an outcome must not be lost.
    if (!appended.ok)
      this.condition(
        'journal',
        'REDUCING',
        `the journal can't be written: ${appended.fault.code}: ${appended.fault.message}`,
      );
    else this.condition('journal', null, '');
    this.#gap ||= !appended.ok;
    const beganMs = clock.monotonicMs();
    let outputs: readonly KernelOutput[];
    try {
      if (input.kind === 'instruments') venue.useInstruments?.(input.instruments);
      outputs = this.#kernel.handle(input);
    } catch (thrown) {
      this.#fail(
        fault('trading_invariant', `the kernel broke on an input of kind '${input.kind}': ${String(thrown)}`, {
          retry: 'fatal',
          cause: thrown,
        }),
      );
      return null;
    }
    this.#metrics.kernelSeconds.observe((clock.monotonicMs() - beganMs) / 1_000, { input: input.kind });
    this.#publisher.saw(input);
    if (outputs.length === 0) return null;
    this.#journalCommands(input.tsUs, outputs);
    const batch = ledgerBatchOf(accountId, outputs);
    if (batch === null) {
      this.#carryOut(outputs, beganMs, traceparent);
      return null;
    }
    const { ledger } = this.#options;
    return this.#durable('what the kernel decided', () => ledger.commit(batch)).then((done) => {
      if (done) this.#carryOut(outputs, beganMs, traceparent);
    });
  }

  /** True once durable. Tried again while it may help; then the role has failed, and nothing that follows from it is carried out. */
  async #durable(what: string, write: () => Promise<Result<unknown>>): Promise<boolean> {
    const { clock, config, random, telemetry } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const committed = await write().catch((thrown: unknown) =>
        err('ledger_unavailable', String(thrown), { retry: 'fatal', cause: thrown }),
      );
      if (committed.ok) return true;
      const { fault: cause } = committed;
      if (cause.retry !== 'retryable' || attempt + 1 >= config.commitAttemptsMax) {
        this.#fail(
          fault(cause.code, `${what} could not be made durable: ${cause.message}`, {
            retry: 'fatal',
            cause,
          }),
        );
        return false;
      }
      telemetry.logger.warn('the ledger did not take a change; it is tried again', {
        code: cause.code,
        reason: cause.message,
        attempt,
      });
      await clock.sleep(backoffMs(attempt, config.retryMsMax, random.next()));
    }
  }

  #carryOut(outputs: readonly KernelOutput[], beganMs: number, traceparent: string | null): void {
    const { venue, clock } = this.#options;
    venue.advance?.(this.#kernel.nowUs);
    for (const output of outputs) {
      if (output.kind !== 'order') continue;
      this.#expect(output.order.clientOrderId, output.order.status, traceparent);
      this.#measure(output);
    }
    for (const output of outputs) {
      const sent = command(venue, output);
      if (sent === null) continue;
      this.#moves += 1;
      if (sent === 'entry') this.#metrics.submitSeconds.observe((clock.monotonicMs() - beganMs) / 1_000);
    }
    this.#publisher.publish(outputs, traceparent);
  }

  #measure({ order, instrument }: Extract<KernelOutput, { kind: 'order' }>): void {
    const bps = isFinal(order.status) ? slippageBps(order, instrument) : null;
    if (bps !== null) this.#metrics.slippageBps.observe(bps, { side: order.side, type: order.type });
  }

  /** What a venue says of an order belongs to the trace in which the order was sent. */
  #traceOf(input: KernelInput): string | null {
    if (input.kind !== 'venue') return null;
    const { event } = input;
    return this.#traces.get(event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId) ?? null;
  }

  #expect(id: ClientOrderId, status: OrderStatus, traceparent: string | null): void {
    if (isFinal(status)) this.#traces.delete(id);
    else if (traceparent !== null && !this.#traces.has(id)) {
      this.#traces.set(id, traceparent);
      for (const oldest of this.#traces.keys()) {
        if (this.#traces.size <= TRACES_MAX) break;
        this.#traces.delete(oldest);
      }
    }
    const pending = status === 'pending_submit' || status === 'pending_cancel';
    if (!pending) this.#expected.delete(id);
    else if (this.#expected.get(id)?.status !== status) {
      this.#expected.set(id, { status, sinceMs: this.#options.clock.monotonicMs() });
    }
  }

  #fail(cause: Fault): void {
    if (this.#failed !== null) return;
    this.#failed = cause;
    this.#running = false;
    this.#options.telemetry.logger.error('trading has stopped', { code: cause.code, reason: cause.message });
    this.#options.onFatal(cause);
  }
}

/** Hands a command to the venue; `entry` for one that enters orders, null for an output that is no command. */
function command(venue: ExecutionVenue, output: KernelOutput): 'entry' | 'cancel' | null {
  switch (output.kind) {
    case 'submit':
      venue.submit(output.request);
      return 'entry';
    case 'submit-list':
      venue.submitList(output.request);
      return 'entry';
    case 'replace':
      venue.replace(output.clientOrderId, output.request);
      return 'entry';
    case 'cancel':
      venue.cancel(output.clientOrderId);
      return 'cancel';
    case 'cancel-list':
      venue.cancelList(output.listId);
      return 'cancel';
    default:
      return null;
  }
}
