import { internalSubjects, tradingCommandSchema, type RulesDoubted } from '@monsta/contracts';
import {
  err,
  fault,
  ok,
  US_PER_MS,
  type Instrument,
  type InstrumentId,
  type Order,
  type Result,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import type { Readiness, Role, Subscription, Timer } from '@monsta/ports';
import {
  encodeLife,
  Kernel,
  missedEvents,
  type AccountRecord,
  type KernelConfig,
  type KernelInput,
} from '@monsta/trading';
import { readDay } from './alert-day.ts';
import { clockDrift } from './clock-drift.ts';
import { kernelConfigOf } from './config.ts';
import { backoffMs, within } from './deadline.ts';
import { InstrumentChanges } from './instrument-changes.ts';
import { MarketInputs } from './market-inputs.ts';
import type { AiTradingOptions } from './options.ts';
import { Publisher } from './publisher.ts';
import { askVenue, compareWithVenue, readLedger, tradesOfOthers } from './recovery.ts';
import { TradingLoop } from './trading-loop.ts';
import { fetchWarmUp, missingWarmUp, warmUpInputs } from './warm-up.ts';

const COMMANDS_WAITING_MAX = 1_000;
const WARM_UP_RETRY_MS = 5_000;

export interface TradingRole extends Role {
  /** After `drain`: true when nothing rests at the venue, as far as it has answered, that `onStop` doesn't keep. */
  readonly settled: boolean;
}

/**
 * Strategies, risk, execution and positions of one account. Start-up is recovery: instruments, ledger, venue, reconciliation, warm-up, then trading. What
 * closed while the program was down is warm-up only: nothing of the past is decided.
 */
class AiTradingRole implements TradingRole {
  readonly name = 'ai-trading';
  readonly #options: AiTradingOptions;
  readonly #config: KernelConfig;
  readonly #kernel: Kernel;
  readonly #publisher: Publisher;
  readonly #loop: TradingLoop;
  readonly #inputs: MarketInputs;
  readonly #changes: InstrumentChanges;
  readonly #stop = new AbortController();
  #phase: 'new' | 'recovering' | 'live' | 'draining' | 'stopped' = 'new';
  #waitingFor = 'to be started';
  #wasLive = false;
  #clocksDiffer = false;
  #commands: Subscription | null = null;
  #tick: Timer | null = null;
  #bringUp: Promise<void> = Promise.resolve();
  #upkeep: Promise<void> | null = null;
  #subscribedUs: TimestampUs | null = null;
  #reconciledMs = 0;
  #lookedUs: TimestampUs | null = null;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #warmedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AiTradingOptions) {
    this.#options = options;
    const { config, accountId, exposureMax, strategies, watch, intervals } = options;
    this.#config = { ...kernelConfigOf(config, accountId, exposureMax), intervals };
    this.#kernel = new Kernel(this.#config, strategies, watch);
    this.#publisher = new Publisher(options, this.#kernel);
    this.#loop = new TradingLoop(options, this.#kernel, this.#publisher);
    this.#inputs = new MarketInputs({
      stream: options.stream,
      logger: options.telemetry.logger,
      bookEveryMs: config.bookEveryMs,
      bookDepth: config.bookDepth,
      take: (input, traceparent) => this.#loop.offerMarket(input, traceparent),
      refused: (_subject, code) => this.#loop.metrics.refused.add(1, { code }),
      lost: (reason) => {
        this.#loop.metrics.lost.add();
        options.telemetry.logger.warn(reason, { code: 'messages_lost' });
      },
    });
    this.#changes = new InstrumentChanges({
      stream: options.stream,
      history: options.history,
      clock: options.clock,
      callTimeoutMs: options.config.callTimeoutMs,
      refused: (code) => this.#loop.metrics.refused.add(1, { code }),
      take: (instrument) => {
        this.#inputs.use(instrument);
        this.#loop.offerInstrument(instrument);
      },
    });
  }

  /** Returns once ledger and venue answer; recovery goes on behind it, and `readiness` tells how far it is. Faults: the ledger's and the venue's. */
  async start(): Promise<Result<null>> {
    if (this.#phase !== 'new') return err('state_conflict', 'the trading role was started already');
    this.#phase = 'recovering';
    this.#waitingFor = 'the ledger and the venue';
    const { ledger, venue, stream, clock, config, accountId } = this.#options;
    venue.onEvent((event) => this.#onVenueEvent(event));
    venue.onAccountEvent((event) => this.#loop.offerControl({ kind: 'account', tsUs: event.tsEventUs, event }));
    const account = await ledger.account(accountId);
    if (!account.ok) return account;
    const balances = await within(clock, config.callTimeoutMs, 'the venue', () => venue.balances());
    if (!balances.ok) return balances;
    const commands = stream.subscribe({
      subject: internalSubjects.tradingCommands,
      queueMax: COMMANDS_WAITING_MAX,
      overflow: 'end',
      onMessage: ({ payload, traceparent }) => this.#onCommand(payload, traceparent),
      onEnd: (code, reason) =>
        this.#loop.condition('commands_lost', 'REDUCING', `no commands can be taken: ${code}: ${reason}`),
    });
    if (!commands.ok) return commands;
    this.#commands = commands.value;
    this.#bringUp = this.#recover().catch((thrown: unknown) => {
      this.#options.onFatal(fault('trading_recovery_failed', String(thrown), { retry: 'fatal', cause: thrown }));
    });
    return ok(null);
  }

  readiness(): Readiness {
    const { failed } = this.#loop;
    if (failed !== null) return { ready: false, waitingFor: [`a restart: ${failed.code}: ${failed.message}`] };
    return this.#phase === 'live' ? { ready: true, waitingFor: [] } : { ready: false, waitingFor: [this.#waitingFor] };
  }

  /**
   * Takes no more market data and commands, so that no order is sent; cancels the resting orders that `onStop` does not keep, and waits for outcomes that are due, at most
   * `drainMsMax`.
   */
  async drain(): Promise<void> {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return;
    this.#phase = 'draining';
    this.#waitingFor = 'to be stopped';
    this.#stop.abort();
    this.#tick?.cancel();
    this.#inputs.close();
    this.#changes.close();
    this.#commands?.unsubscribe();
    this.#loop.dropMarket();
    if (this.#wasLive) this.#letGo();
    const { clock, config } = this.#options;
    const endMs = clock.monotonicMs() + config.drainMsMax;
    const cancel = new AbortController();
    await Promise.race([Promise.all([this.#bringUp, this.#upkeep]), clock.sleep(config.drainMsMax, cancel.signal)]);
    cancel.abort();
    while ((this.#loop.busy || this.#loop.awaitsOutcome) && this.#loop.failed === null && clock.monotonicMs() < endMs)
      await clock.sleep(10);
  }

  async stop(): Promise<void> {
    await this.drain();
    this.#phase = 'stopped';
    await this.#loop.halt();
    const synced = await this.#options.journal.sync();
    if (!synced.ok)
      this.#options.telemetry.logger.warn('the journal could not be synced', {
        code: synced.fault.code,
        reason: synced.fault.message,
      });
  }

  get settled(): boolean {
    if (this.#options.onStop === 'keep-all') return true;
    const idle = this.#wasLive && this.#loop.failed === null && !this.#loop.busy;
    return idle && this.#kernel.workingOrders().every((order) => this.#stays(order));
  }

  /** The gate cancels what is not allowed in its state; it is the way that every cancel of several orders goes. */
  #letGo(): void {
    const { onStop } = this.#options;
    if (onStop === 'keep-all') return;
    this.#loop.condition('stopping', onStop === 'cancel-all' ? 'HALTED' : 'REDUCING', 'the program is being stopped');
  }

  #stays({ reduceOnly }: Order): boolean {
    return this.#options.onStop === 'keep-protective' && reduceOnly;
  }

  async #recover(): Promise<void> {
    const { ledger, venue, strategies, accountId, clock, config, history } = this.#options;
    const wanted = new Set(strategies.flatMap(({ instruments }) => instruments));
    const found = await this.#until('the list of instruments', async () => {
      const listed = await within(clock, config.callTimeoutMs, 'the market history', () => history.instruments());
      if (!listed.ok) return listed;
      const missing = [...wanted].filter((id) => !listed.value.some((instrument) => instrument.id === id));
      return missing.length === 0
        ? listed
        : err('not_ready', `instruments to trade are not collected: ${missing.join(', ')}`, { retry: 'retryable' });
    });
    if (found === null) return;
    const stranger = found.find(({ id, quote }) => wanted.has(id) && quote !== config.quoteAsset);
    if (stranger !== undefined) {
      this.#giveUp(
        'instrument_quote_mismatch',
        `${stranger.id} is traded in ${stranger.quote}, the account is kept in ${config.quoteAsset}; trade only instruments of one quote asset`,
      );
      return;
    }
    const startUs = await this.#until('the venue’s time', async () => {
      const time = await within(clock, config.callTimeoutMs, 'the market history', () => history.venueTimeUs());
      if (!time.ok) return time;
      return time.value === null
        ? err('not_ready', 'the venue’s time is not known yet', { retry: 'retryable' })
        : ok(time.value);
    });
    if (startUs === null) return;
    this.#waitingFor = 'recovery';
    const stored = await ledger.putInstruments(found);
    if (!stored.ok) return this.#giveUp(stored.fault.code, stored.fault.message);
    const older = await ledger.instruments();
    if (!older.ok) return this.#giveUp(older.fault.code, older.fault.message);
    const instruments = [
      ...new Map([...older.value, ...found].map((instrument) => [instrument.id, instrument])).values(),
    ];
    const state = await readLedger(ledger, accountId, strategies);
    if (!state.ok) return this.#giveUp(state.fault.code, state.fault.message);
    await this.#resumeDay(state.value.account);
    // What is held but no longer traded is watched too: without its price the equity would be unknown.
    const held = new Set(
      state.value.positions.filter(({ openedUs }) => openedUs !== null).map(({ instrument }) => instrument),
    );
    // A person may trade whatever is collected in the account's own asset.
    const watched = found.filter(({ id, quote }) => quote === config.quoteAsset || held.has(id));
    if (!this.#subscribe(watched, startUs)) return;
    const { life } = this.#options;
    if (life !== undefined) this.#loop.beginLife(startUs, encodeLife(startUs, this.#config, strategies, life));
    if (!(await this.#feed({ kind: 'instruments', tsUs: startUs, instruments }))) return;
    if (!(await this.#feed({ kind: 'recover', tsUs: startUs, state: state.value }))) return;
    for (const cutOff of this.#options.cutOff ?? []) {
      if (!(await this.#feed({ kind: 'strategy-failed', tsUs: startUs, ...cutOff }))) return;
    }
    const ids = watched.map(({ id }) => id);
    const foreign = await this.#until('the venue', () =>
      tradesOfOthers(venue, state.value, ids, clock, config.callTimeoutMs),
    );
    if (foreign === null) return;
    for (const input of foreign) if (!(await this.#feed(input))) return;
    const compared = await this.#until('the venue', async () => {
      // What was told meanwhile is in what the venue answers, and explains it.
      const applied = await this.#loop.applyWaiting();
      return applied.ok ? this.#compare() : applied;
    });
    if (compared === null || !(await this.#feed(compared))) return;
    await this.#readFeeds();
    await this.#warmUp();
    if (this.#stop.signal.aborted) return;
    this.#goLive();
  }

  /** Books are many: only those are listened to that a strategy reads, or a venue that fills from them. */
  #booksOf(watched: readonly Instrument[]): ReadonlySet<InstrumentId> {
    const { venue, strategies } = this.#options;
    if (venue.readsBooks === true) return new Set(watched.map(({ id }) => id));
    const reading = strategies.filter(({ definition }) => definition.onBook !== undefined);
    return new Set(reading.flatMap(({ instruments }) => instruments));
  }

  /** What has happened in the account's day so far, for its summary. */
  async #resumeDay(account: AccountRecord | null): Promise<void> {
    const { ledger, accountId } = this.#options;
    if (account?.dayStartUs === null || account === null) return;
    this.#publisher.alerts.resume(account, await readDay(ledger, accountId, account.dayStartUs));
  }

  /** Bars of every interval that is collected: the parameters of a strategy, and with them its intervals, may be changed while it runs. */
  #subscribe(watched: readonly Instrument[], nowUs: TimestampUs): boolean {
    this.#subscribedUs = nowUs;
    const changes = this.#changes.subscribe(watched);
    const { intervals } = this.#options;
    const subscribed = changes.ok ? this.#inputs.subscribe(watched, intervals, this.#booksOf(watched)) : changes;
    if (!subscribed.ok) this.#giveUp(subscribed.fault.code, subscribed.fault.message);
    return subscribed.ok;
  }

  #goLive(): void {
    this.#phase = 'live';
    this.#wasLive = true;
    this.#reconciledMs = this.#options.clock.monotonicMs();
    this.#options.telemetry.logger.info('trading is live', {
      state: this.#kernel.gate.state,
      reason: this.#kernel.gate.reason,
      strategies: this.#options.strategies.map(({ id }) => id),
    });
    this.#loop.run();
    this.#onTick();
  }

  /** Asks until there is an answer, with backoff; null when the role was stopped meanwhile. */
  async #until<T>(what: string, ask: () => Promise<Result<T>>): Promise<T | null> {
    const { clock, config, random, telemetry } = this.#options;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const answer = await ask();
      if (answer.ok) return answer.value;
      this.#waitingFor = `${what}: ${answer.fault.message}`;
      if (attempt % 10 === 9)
        telemetry.logger.warn(`trading waits for ${what}`, { code: answer.fault.code, reason: answer.fault.message });
      await clock.sleep(backoffMs(attempt, config.retryMsMax, random.next()), this.#stop.signal);
    }
    return null;
  }

  async #feed(input: KernelInput): Promise<boolean> {
    return (await this.#loop.apply(input)).ok;
  }

  #giveUp(code: string, message: string): void {
    this.#waitingFor = `a restart: ${code}: ${message}`;
    this.#options.telemetry.logger.error('trading can not start', { code, reason: message });
    this.#options.onFatal(fault(code, message, { retry: 'fatal' }));
  }

  /** Feeds are told on change; what they are now has to be asked for. */
  async #readFeeds(): Promise<void> {
    const { history, clock, config } = this.#options;
    const feeds = await within(clock, config.callTimeoutMs, 'the market history', () => history.feeds());
    if (!feeds.ok) return;
    for (const event of feeds.value) {
      if (this.#kernel.instrument(event.instrument) !== null)
        await this.#feed({ kind: 'market', tsUs: event.tsInitUs, event });
    }
  }

  /** Fills windows from the history with what closed before we listened; later bars come live. */
  async #warmUp(): Promise<void> {
    const { history, clock, config } = this.#options;
    this.#warmedMs = clock.monotonicMs();
    if (this.#subscribedUs === null) return;
    this.#waitingFor = 'bars of the past';
    for (const need of missingWarmUp(this.#kernel)) {
      const instrument = this.#kernel.instrument(need.instrument);
      const bars = await fetchWarmUp(history, need, instrument, this.#subscribedUs, clock, config.callTimeoutMs);
      // New terms may have come while the history was asked; the windows are looked at again soon.
      if (!bars.ok || bars.value.length === 0 || this.#kernel.instrument(need.instrument) !== instrument) continue;
      for (const input of warmUpInputs(bars.value, this.#kernel.nowUs)) {
        if (this.#phase === 'live') this.#loop.offerControl(input);
        else await this.#feed(input);
      }
    }
  }

  #onVenueEvent(event: VenueOrderEvent): void {
    this.#loop.offerControl({ kind: 'venue', tsUs: event.tsEventUs, event });
    // An order that a filter refuses was made by terms that may be old.
    if (event.kind === 'order-rejected' && event.code.startsWith('filter_')) {
      const doubt: RulesDoubted = { reason: `an order was refused: ${event.code}: ${event.reason}` };
      this.#options.stream.publish(internalSubjects.rulesDoubted, doubt, { tsEventUs: event.tsEventUs });
    }
  }

  #onCommand(payload: unknown, traceparent: string | null): void {
    const parsed = tradingCommandSchema.safeParse(payload);
    if (!parsed.success) {
      this.#loop.metrics.refused.add(1, { code: 'command_malformed' });
      return;
    }
    const { id, actor, action } = parsed.data;
    const refuse = (code: string, message: string): void => {
      // It never reaches the kernel, which would leave a decision.
      const { logger } = this.#options.telemetry;
      logger.warn('a command was refused', { code, reason: message, command: action.kind, actor });
      this.#publisher.reply({ id, error: { code, message }, state: null, orders: [], repeated: false, note: null });
    };
    if (this.#loop.failed !== null)
      refuse('not_ready', `trading has stopped and waits for a restart: ${this.#loop.failed.message}`);
    else if (this.#phase !== 'live') refuse('not_ready', `trading is not live yet; it waits for ${this.#waitingFor}`);
    else this.#loop.offerControl({ kind: 'command', tsUs: this.#kernel.nowUs, id, actor, action }, traceparent);
  }

  #onTick(): void {
    const { clock, config, venue } = this.#options;
    if (this.#phase !== 'live') return;
    this.#tick = clock.setTimer(this.#nextTickMs(), () => this.#onTick());
    if (this.#loop.failed !== null) return;
    const silentMs = clock.monotonicMs() - this.#loop.lastMarketMs;
    if (silentMs > config.silentAfterMs) {
      this.#loop.condition('feed_silent', 'REDUCING', `no market data has come for ${config.silentAfterMs / 1_000} s`);
    }
    const drift = clockDrift(venue.clockReading?.() ?? null, config.clockDriftMsMax);
    // Told once, with the numbers of when it began: they change at every look.
    if ((drift !== null) !== this.#clocksDiffer) {
      this.#clocksDiffer = drift !== null;
      this.#loop.condition('clock_drift', drift === null ? null : 'HALTED', drift ?? '');
    }
    this.#loop.offerTime(clock.nowUs());
    this.#publisher.present();
    this.#upkeep ??= this.#keepUp().finally(() => {
      this.#upkeep = null;
    });
  }

  /** Until the next tick of the market's time; the whole of one where that time stands still. */
  #nextTickMs(): number {
    const { clock, config } = this.#options;
    const nowUs = clock.nowUs();
    const stands = nowUs === this.#lookedUs;
    this.#lookedUs = nowUs;
    return stands ? config.tickMs : config.tickMs - ((nowUs / US_PER_MS) % config.tickMs);
  }

  /** What takes time and may fail: overdue outcomes, reconciliation, windows that are still short. */
  async #keepUp(): Promise<void> {
    const { venue, clock, config } = this.#options;
    for (const id of this.#loop.overdue()) {
      const view = await askVenue(venue, id, clock, config.callTimeoutMs);
      if (!view.ok) {
        this.#loop.condition(
          'venue_unreachable',
          'REDUCING',
          `the venue does not tell what became of an order: ${view.fault.code}: ${view.fault.message}`,
        );
        continue;
      }
      this.#loop.condition('venue_unreachable', null, '');
      const order = this.#kernel.workingOrders().find(({ clientOrderId }) => clientOrderId === id);
      if (order === undefined) continue;
      for (const event of missedEvents(order, view.value, this.#kernel.seenFills, this.#kernel.nowUs)) {
        this.#loop.offerControl({ kind: 'venue', tsUs: event.tsEventUs, event });
      }
    }
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#warmedMs >= WARM_UP_RETRY_MS && missingWarmUp(this.#kernel).length > 0) await this.#warmUp();
    if (nowMs - this.#checkedMs >= config.reconcileEveryMs) {
      this.#checkedMs = nowMs;
      await this.#changes.check();
    }
    // Orders rest for days; only what is on its way makes both sides differ.
    const quiet = this.#kernel
      .workingOrders()
      .every(({ status }) => status === 'accepted' || status === 'partially_filled');
    if (nowMs - this.#reconciledMs >= config.reconcileEveryMs && quiet) await this.#reconcileAgain(nowMs);
  }

  /** The venue's view as an input. Fault `state_conflict` when something moved while the venue was asked, so that the views don't belong together. */
  async #compare(): Promise<Result<Extract<KernelInput, { kind: 'reconcile' }>>> {
    const { venue, clock, config } = this.#options;
    const before = this.#loop.moves;
    const compared = await compareWithVenue(this.#kernel, venue, clock, config.callTimeoutMs);
    if (!compared.ok || this.#loop.moves === before) return compared;
    return err('state_conflict', 'orders moved while the venue was asked; it is asked again', { retry: 'retryable' });
  }

  async #reconcileAgain(nowMs: number): Promise<void> {
    const before = this.#loop.moves;
    const compared = await this.#compare();
    if (!compared.ok && compared.fault.code !== 'state_conflict') {
      const { code, message } = compared.fault;
      this.#loop.condition('venue_unreachable', 'REDUCING', `the venue does not answer: ${code}: ${message}`);
      return;
    }
    this.#loop.condition('venue_unreachable', null, '');
    if (!compared.ok || this.#loop.moves !== before) return;
    this.#reconciledMs = nowMs;
    this.#loop.offerControl(compared.value);
  }
}

/**
 * The trading role of one account. `start` fails where ledger or venue don't answer; later it can only end by `onFatal`. Commands on
 * `internal.trading.commands` are answered on `internal.trading.replies` once they are durable.
 */
export function createAiTrading(options: AiTradingOptions): TradingRole {
  return new AiTradingRole(options);
}
