import { assetId, err, expectOk, ok, parseAmount, timestampUs, ZERO_AMOUNT } from '@monsta/core';
import type {
  Balance,
  ClientOrderId,
  Fault,
  Fill,
  Instrument,
  MarketEvent,
  OrderRequest,
  Result,
  TimestampUs,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';
import { eventOf, FeedMatching, venueOrderOf, type AccountChange } from '@monsta/matching';
import type { ExecutionVenue, Journal, Logger } from '@monsta/ports';
import { changesRecord, recoverAccount, snapshotRecords } from './account-log.ts';
import type { PaperVenueConfig } from './config.ts';

export interface PaperVenueOptions {
  /** The account's own journal, used by nothing else. */
  readonly journal: Journal;
  readonly config: PaperVenueConfig;
  readonly logger: Logger;
  readonly name?: string;
  /** A snapshot is written after this many records, so that a start doesn't read for ever. Default 5000. */
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
  readonly #journal: Journal;
  readonly #logger: Logger;
  readonly #engine: FeedMatching;
  readonly #recordsPerSnapshot: number;
  readonly #listeners: ((event: VenueOrderEvent) => void)[] = [];
  #recordsSinceSnapshot: number;
  #undelivered: Undelivered[] = [];
  #flushing: Promise<void> | null = null;
  #failed: Fault | null = null;
  #closed = false;
  #nowUs: TimestampUs = timestampUs(0);

  constructor(options: PaperVenueOptions, engine: FeedMatching, recordsSinceSnapshot: number) {
    this.name = options.name ?? 'paper';
    this.#journal = options.journal;
    this.#logger = options.logger;
    this.#engine = engine;
    this.#recordsPerSnapshot = options.recordsPerSnapshot ?? 5_000;
    this.#recordsSinceSnapshot = recordsSinceSnapshot;
  }

  onEvent(listener: (event: VenueOrderEvent) => void): void {
    this.#listeners.push(listener);
  }

  useInstruments(instruments: readonly Instrument[]): void {
    this.#engine.setInstruments(instruments);
  }

  observe(event: MarketEvent): void {
    this.#advance(event.tsInitUs);
    if (this.#usable()) this.#record(this.#engine.observe(event));
  }

  submit(request: OrderRequest): void {
    this.#advance(request.createdUs);
    if (this.#usable()) this.#record(this.#engine.submit(request));
  }

  cancel(id: ClientOrderId): void {
    if (this.#usable()) this.#record(this.#engine.cancel(id, this.#nowUs));
  }

  openOrders(): Promise<Result<readonly VenueOrder[]>> {
    return this.#query(() =>
      this.#engine.account.openOrders().flatMap((order) => {
        const known = venueOrderOf(order);
        return known === null ? [] : [known];
      }),
    );
  }

  order(id: ClientOrderId): Promise<Result<VenueOrder | null>> {
    return this.#query(() => {
      const order = this.#engine.account.order(id);
      return order === null ? null : venueOrderOf(order);
    });
  }

  fillsOf(id: ClientOrderId): Promise<Result<readonly Fill[]>> {
    return this.#query(() => this.#engine.account.order(id)?.fills ?? []);
  }

  balances(): Promise<Result<readonly Balance[]>> {
    return this.#query(() => this.#engine.account.balances());
  }

  /** Waits for what was decided to be durable and delivered; the journal stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
  }

  /** Opens a new account with its first balances. */
  open(balances: readonly Balance[]): Promise<Result<null>> {
    this.#record(this.#engine.open(balances));
    return this.#query(() => null);
  }

  #usable(): boolean {
    return this.#failed === null && !this.#closed;
  }

  #advance(us: TimestampUs): void {
    if (us > this.#nowUs) this.#nowUs = us;
  }

  #record(changes: readonly AccountChange[]): void {
    if (changes.length === 0) return;
    // A refusal changes nothing, so that there is nothing to write down.
    if (changes.some(({ kind }) => kind !== 'refused')) {
      const appended = this.#journal.append(this.#nowUs, changesRecord(changes));
      if (!appended.ok) {
        this.#fail(appended.fault);
        return;
      }
      this.#recordsSinceSnapshot += 1;
      if (this.#recordsSinceSnapshot >= this.#recordsPerSnapshot) this.#writeSnapshot();
    }
    const events = changes.flatMap((change) => {
      const event = eventOf(change);
      return event === null ? [] : [event];
    });
    this.#undelivered.push({ events });
    this.#flushing ??= this.#flush();
  }

  /** A snapshot only shortens the next start: one that can't be written is tried again later, and half of one counts for nothing. */
  #writeSnapshot(): void {
    this.#recordsSinceSnapshot = 0;
    for (const record of snapshotRecords(this.#engine.account.snapshot())) {
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

  #fail(cause: Fault): void {
    if (this.#failed !== null) return;
    const message = `the paper account's journal can't be written (${cause.code}: ${cause.message}); outcomes are unknown until a restart`;
    this.#failed = { code: 'paper_journal_failed', message, retry: 'fatal', cause };
    this.#logger.error('paper venue stopped', { code: cause.code, reason: cause.message });
  }

  /** Answers once all that the answer shows is durable. */
  async #query<T>(read: () => T): Promise<Result<T>> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#failed !== null) return err(this.#failed.code, this.#failed.message, { retry: 'fatal' });
    return ok(read());
  }
}

/**
 * Opens the paper account that `journal` holds, or a new one with the configured balances.
 * Faults: those of reading the journal, `paper_journal_invalid`, `paper_journal_failed`.
 */
export async function createPaperVenue(options: PaperVenueOptions): Promise<Result<ExecutionVenue>> {
  const recovered = await recoverAccount(options.journal);
  if (!recovered.ok) return recovered;
  const { startingBalances, ...model } = options.config;
  const engine = new FeedMatching(model, recovered.value.account);
  const venue = new PaperVenue(options, engine, recovered.value.recordsSinceSnapshot);
  if (!recovered.value.fresh) return ok(venue);
  const balances = Object.entries(startingBalances).map(([asset, text]) => ({
    asset: assetId(asset),
    free: expectOk(parseAmount(text)),
    locked: ZERO_AMOUNT,
  }));
  const opened = await venue.open(balances);
  return opened.ok ? ok(venue) : opened;
}
