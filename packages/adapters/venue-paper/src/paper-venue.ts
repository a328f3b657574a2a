import { assetId, err, expectOk, InvariantError, ok, parseAmount, timestampUs, US_PER_MS } from '@monsta/core';
import type {
  AccountFees,
  Balance,
  ClientOrderId,
  Fault,
  Fill,
  ForeignFill,
  Instrument,
  InstrumentId,
  MarketEvent,
  OrderListRequest,
  OrderRequest,
  Result,
  TimestampUs,
  VenueAccountEvent,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';
import { FeedAccount, NO_LATENCY, type FeedAccountOptions, type SlippageModel } from '@monsta/matching';
import type { ExecutionVenue, Journal, Logger } from '@monsta/ports';
import { AccountLog, recoverAccount } from './account-log.ts';
import type { PaperVenueConfig } from './config.ts';

export interface PaperVenueOptions {
  /** The account's own journal, used by nothing else. */
  readonly journal: Journal;
  readonly config: PaperVenueConfig;
  readonly logger: Logger;
  readonly name?: string;
  /** The whole state is written after this many records, so that a start doesn't read for ever. Default 5000. */
  readonly recordsPerSnapshot?: number;
}

/** What has been decided and waits to be durable before anybody hears of it. */
interface Undelivered {
  readonly events: readonly VenueOrderEvent[];
}

/**
 * Paper trading: any feed in, orders filled by the matching engine. Every change of the account is in the journal, synced, before its event is
 * emitted or a query shows it; at the start the account is rebuilt from there. When the journal fails the venue falls silent: what it
 * was asked has an unknown outcome, its queries answer `paper_journal_failed`, and a restart finds out.
 */
class PaperVenue implements ExecutionVenue {
  readonly name: string;
  readonly readsBooks: boolean;
  readonly #journal: Journal;
  readonly #logger: Logger;
  readonly #account: FeedAccount;
  readonly #log: AccountLog;
  readonly #recordsPerSnapshot: number;
  readonly #listeners: ((event: VenueOrderEvent) => void)[] = [];
  #recordsSinceWhole: number;
  #undelivered: Undelivered[] = [];
  #flushing: Promise<void> | null = null;
  #failed: Fault | null = null;
  #closed = false;
  #nowUs: TimestampUs = timestampUs(0);
  /** Between which prices the market was since a trailing order was last entered, in ticks. */
  readonly #trailed = new Map<InstrumentId, readonly [low: number, high: number]>();

  constructor(options: PaperVenueOptions, account: FeedAccount, recordsSinceWhole: number) {
    this.name = options.name ?? 'paper';
    this.readsBooks = options.config.fillsFrom === 'depth';
    this.#journal = options.journal;
    this.#logger = options.logger;
    this.#account = account;
    this.#log = new AccountLog(account);
    this.#recordsPerSnapshot = options.recordsPerSnapshot ?? 5_000;
    this.#recordsSinceWhole = recordsSinceWhole;
  }

  onEvent(listener: (event: VenueOrderEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Nobody else touches this account: nothing is ever told. */
  onAccountEvent(_listener: (event: VenueAccountEvent) => void): void {}

  useInstruments(instruments: readonly Instrument[]): void {
    if (this.#usable()) this.#record(this.#account.useInstruments(instruments));
  }

  observe(event: MarketEvent): void {
    this.advance(event.tsInitUs);
    if (!this.#usable()) return;
    const events = this.#account.observe(event);
    // Market data that moves no order is not written down: it comes again. What a trailing order has followed does not.
    if (this.#leadsTrailing(event) || events.length > 0) this.#record(events);
  }

  telling(): Promise<void> | null {
    return this.#flushing;
  }

  advance(nowUs: TimestampUs): void {
    if (nowUs > this.#nowUs) this.#nowUs = nowUs;
  }

  submit(request: OrderRequest): void {
    this.advance(request.createdUs);
    this.#trailed.clear();
    if (this.#usable()) this.#record(this.#account.submit(request));
  }

  submitList(request: OrderListRequest): void {
    for (const { createdUs } of request.orders) this.advance(createdUs);
    this.#trailed.clear();
    if (this.#usable()) this.#record(this.#account.submitList(request));
  }

  cancel(id: ClientOrderId): void {
    if (this.#usable()) this.#record(this.#account.cancel(id, this.#nowUs));
  }

  cancelList(listId: ClientOrderId): void {
    if (this.#usable()) this.#record(this.#account.cancelList(listId, this.#nowUs));
  }

  replace(id: ClientOrderId, request: OrderRequest): void {
    this.advance(request.createdUs);
    this.#trailed.clear();
    if (this.#usable()) this.#record(this.#account.replace(id, request));
  }

  openOrders(): Promise<Result<readonly VenueOrder[]>> {
    return this.#query(() => this.#account.openOrders());
  }

  order(id: ClientOrderId): Promise<Result<VenueOrder | null>> {
    return this.#query(() => this.#account.order(id));
  }

  fillsOf(id: ClientOrderId): Promise<Result<readonly Fill[]>> {
    return this.#query(() => this.#account.fillsOf(id));
  }

  /** Reaches back as far as the account knows its orders: the open ones, and the newest thousand that have ended. */
  fillsSince(instrument: InstrumentId, fromUs: TimestampUs): Promise<Result<readonly ForeignFill[]>> {
    return this.#query(() => this.#account.fillsSince(instrument, fromUs));
  }

  /** The configured rates, the same on every instrument. */
  fees(_instrument: InstrumentId): Promise<Result<AccountFees>> {
    return this.#query(() => {
      const { makerPpm, takerPpm } = this.#account.fees();
      return { makerPpm, takerPpm, discount: null };
    });
  }

  balances(): Promise<Result<readonly Balance[]>> {
    return this.#query(() => this.#account.balances());
  }

  /** Waits for what was decided to be durable and delivered; the journal stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
  }

  /** Writes down a new account. */
  async open(): Promise<Result<null>> {
    for (const record of this.#log.whole()) {
      const appended = this.#journal.append(this.#nowUs, record);
      if (!appended.ok) return this.#fail(appended.fault);
    }
    const synced = await this.#journal.sync();
    return synced.ok ? synced : this.#fail(synced.fault);
  }

  #usable(): boolean {
    return this.#failed === null && !this.#closed;
  }

  /** True for a trade beyond all since a trailing order was last entered: such orders follow it. */
  #leadsTrailing(event: MarketEvent): boolean {
    if (event.kind !== 'trade') return false;
    const { instrument, price } = event;
    if (!this.#account.trails(instrument)) {
      this.#trailed.delete(instrument);
      return false;
    }
    const [low, high] = this.#trailed.get(instrument) ?? [Infinity, -Infinity];
    if (price >= low && price <= high) return false;
    this.#trailed.set(instrument, [Math.min(low, price), Math.max(high, price)]);
    return true;
  }

  #record(events: readonly VenueOrderEvent[]): void {
    const changes = this.#log.changes();
    // A refusal that changes nothing is told, and there is nothing to write down.
    if (changes !== null) {
      const appended = this.#journal.append(this.#nowUs, changes);
      if (!appended.ok) {
        this.#fail(appended.fault);
        return;
      }
      this.#recordsSinceWhole += 1;
      if (this.#recordsSinceWhole >= this.#recordsPerSnapshot) this.#writeWhole();
    }
    // What nobody hears of, such as new rules, is durable with the next thing that somebody does.
    if (events.length === 0) return;
    this.#undelivered.push({ events });
    this.#flushing ??= this.#flush();
  }

  /** The whole state only shortens the next start: one that can't be written is tried again later, and half of one counts for nothing. */
  #writeWhole(): void {
    this.#recordsSinceWhole = 0;
    for (const record of this.#log.whole()) {
      const appended = this.#journal.append(this.#nowUs, record);
      if (appended.ok) continue;
      this.#logger.warn('the paper account could not be snapshotted', {
        code: appended.fault.code,
        reason: appended.fault.message,
      });
      return;
    }
  }

  /** One sync carries all that was decided before it; nothing is emitted in the call that decided it. */
  async #flush(): Promise<void> {
    await Promise.resolve();
    while (this.#undelivered.length > 0 && this.#failed === null) {
      const batch = this.#undelivered;
      this.#undelivered = [];
      const synced = await this.#journal.sync();
      if (!synced.ok) {
        this.#fail(synced.fault);
        break;
      }
      for (const { events } of batch) for (const event of events) this.#emit(event);
    }
    this.#flushing = null;
  }

  #emit(event: VenueOrderEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #fail(cause: Fault): Result<never> {
    const message = `the paper account's journal can't be written (${cause.code}: ${cause.message}); outcomes are unknown until a restart`;
    if (this.#failed === null) {
      this.#failed = { code: 'paper_journal_failed', message, retry: 'fatal', cause };
      this.#logger.error('paper venue stopped', { code: cause.code, reason: cause.message });
    }
    return { ok: false, fault: this.#failed };
  }

  /** Answers once all that the answer shows is durable. */
  async #query<T>(read: () => T): Promise<Result<T>> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#failed !== null) return err(this.#failed.code, this.#failed.message, { retry: 'fatal' });
    return ok(read());
  }
}

/** The rule and the rates of takers, as the configuration names them. */
function slippageOf({ slippage, slippagePpm }: PaperVenueConfig): SlippageModel {
  switch (slippage) {
    case 'none':
      return { kind: 'none' };
    case 'spread':
      return { kind: 'spread', sharePpm: slippagePpm };
    case 'rate':
    case 'square-root':
      return { kind: slippage, ppm: slippagePpm };
  }
}

/** What the engine that fills a paper account's orders is made of: with it the same orders fill the same elsewhere, as in a backtest. */
export function accountOptions(config: PaperVenueConfig): FeedAccountOptions {
  const { startingBalances, takerFeePpm, makerFeePpm, feeAsset, orderLatencyMs } = config;
  return {
    rules: {
      kind: 'ticks',
      offers: config.fillsFrom === 'depth' ? 'both' : 'quotes',
      resting: config.restingFills,
      slippage: slippageOf(config),
      beyondPpm: config.beyondTouchSlippagePpm,
      quoteAgeMsMax: config.quoteAgeMsMax,
    },
    latency: { ...NO_LATENCY, order: orderLatencyMs * US_PER_MS },
    fees: { makerPpm: makerFeePpm, takerPpm: takerFeePpm },
    feesFrom: feeAsset,
    balances: Object.entries(startingBalances).map(([asset, text]) => ({
      asset: assetId(asset),
      free: expectOk(parseAmount(text)),
    })),
  };
}

/**
 * Opens the paper account that `journal` holds, or a new one with the configured balances.
 * Faults: those of reading the journal, `paper_journal_invalid`, `paper_journal_failed`.
 */
export async function createPaperVenue(options: PaperVenueOptions): Promise<Result<ExecutionVenue>> {
  const { journal, config, logger } = options;
  const recovered = await recoverAccount(journal);
  if (!recovered.ok) return recovered;
  const { state, recordsSinceWhole } = recovered.value;
  const wanted = accountOptions(config);
  let account: FeedAccount;
  try {
    account = new FeedAccount(wanted, state);
  } catch (thrown) {
    if (!(thrown instanceof InvariantError || thrown instanceof RangeError)) throw thrown;
    const why = `the paper account's journal leaves a state that contradicts itself (${thrown.message}); restore it from a backup, or move the journal away to begin a new account`;
    return err('paper_journal_invalid', why, { retry: 'fatal' });
  }
  const fees = account.fees();
  if (fees.makerPpm !== wanted.fees.makerPpm || fees.takerPpm !== wanted.fees.takerPpm) {
    logger.warn('paper fees stay as they were while open orders have locked them; they change at a start without any', {
      makerFeePpm: fees.makerPpm,
      takerFeePpm: fees.takerPpm,
    });
  }
  const venue = new PaperVenue(options, account, recordsSinceWhole);
  if (state !== null) return ok(venue);
  const opened = await venue.open();
  return opened.ok ? ok(venue) : opened;
}
