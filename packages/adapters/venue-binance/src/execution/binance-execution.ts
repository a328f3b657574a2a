import {
  err,
  ok,
  type AccountFees,
  type Balance,
  type ClientOrderId,
  type Fill,
  type ForeignFill,
  type Instrument,
  type InstrumentId,
  type MarketEvent,
  type OrderListRequest,
  type OrderRequest,
  type Result,
  type TimestampUs,
  type VenueAccountEvent,
  type VenueOrder,
  type VenueOrderEvent,
} from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import type { ClockReading, ExecutionVenue, Gauge, Timer } from '@monsta/ports';
import { Backoff } from '../backoff.ts';
import type { BinanceConnection } from '../connection.ts';
import type { RestAccount, RestClient } from '../rest-client.ts';
import { AccountBook } from './account-book.ts';
import { AccountComparison, type Finding } from './account-comparison.ts';
import { AccountQueries } from './account-queries.ts';
import { binanceExecutionConfigSchema, type BinanceExecutionConfig, type BinanceExecutionSettings } from './config.ts';
import { LocalFilters } from './local-filters.ts';
import { OrderEntry } from './order-entry.ts';
import { OrderQuestions } from './order-questions.ts';
import { OrderRecords } from './order-records.ts';
import type { RulesOf } from './order-reports.ts';
import type { OrderTracker } from './order-tracker.ts';
import { ReportWatch } from './report-watch.ts';
import { RequestOutcomes } from './request-outcomes.ts';
import { SeenTrades } from './seen-trades.ts';
import { Transfers, type Transfer } from './transfers.ts';
import { Turns } from './turns.ts';
import { UserEvents } from './user-events.ts';
import { UserStream } from './user-stream.ts';

export interface BinanceExecutionOptions {
  /** With the address of the WebSocket API. */
  readonly connection: BinanceConnection;
  readonly account: RestAccount;
  /** What is traded: what the account is asked about. */
  readonly symbols: readonly InstrumentId[];
  /** The trading rules of a symbol as they are now; null for one that the venue doesn't list. */
  readonly rulesOf: (symbol: InstrumentId) => SymbolRules | null;
  /** True for a client order id that this installation made, in this run or an earlier one. */
  readonly isOurs: (id: ClientOrderId) => boolean;
  /** When the account was last known, on the venue's clock: transfers since then are told as soon as somebody listens. Left out: only those from now on. */
  readonly knownUntilUs?: TimestampUs;
  /** The venue refused an order by a filter that the rules let pass: they should be read anew. */
  readonly onRulesDoubted?: () => void;
  /** See `binanceExecutionConfigSchema`; what is left out has its default. Throws where a value is not allowed. */
  readonly config?: BinanceExecutionSettings;
}

type State = 'starting' | 'lost' | 'live' | 'closed';

/** How a comparison that failed is repeated. */
const RETRY_DELAYS = { minMs: 500, maxMs: 30_000 };

const keyRefused = (code: number, message: string): Result<never> =>
  err('venue_key', `the user stream: the venue refuses the API key (${code} ${message})`, {
    details: { venueCode: code, venueMessage: message },
  });

class BinanceExecution implements ExecutionVenue {
  readonly name: string;
  readonly #options: BinanceExecutionOptions;
  readonly #config: BinanceExecutionConfig;
  readonly #abort = new AbortController();
  readonly #questions: OrderQuestions;
  readonly #client: RestClient;
  readonly #queries: AccountQueries;
  readonly #records: OrderRecords;
  readonly #watch: ReportWatch;
  readonly #outcomes: RequestOutcomes;
  readonly #filters: LocalFilters;
  readonly #turns: Turns;
  readonly #entry: OrderEntry;
  readonly #seen = new SeenTrades();
  readonly #book: AccountBook;
  readonly #transfers: Transfers;
  readonly #comparison: AccountComparison;
  readonly #stream: UserStream;
  readonly #live: Gauge;
  readonly #orderListeners: ((event: VenueOrderEvent) => void)[] = [];
  readonly #accountListeners: ((event: VenueAccountEvent) => void)[] = [];
  #state: State = 'starting';
  /** Counts the times that the stream came and went: a recovery of before says nothing of now. */
  #epoch = 0;
  #opened = false;
  /** Transfers that nobody has heard of: those of before the start, and of before somebody listens. */
  #untold: readonly Transfer[] = [];
  #comparing: Promise<unknown> = Promise.resolve();
  #timer: Timer | null = null;
  /** Runs while balances wait for the reports that explain them. */
  #weighing: Timer | null = null;
  #closing: Promise<void> | null = null;
  #begun: (result: Result<null>) => void = () => undefined;

  constructor(options: BinanceExecutionOptions, wsApiUrl: string) {
    const { connection, account, rulesOf, symbols } = options;
    const { clock, random, metrics, transport } = connection;
    const logger = connection.logger.child({ account: account.name });
    const config = binanceExecutionConfigSchema.parse(options.config ?? {});
    const { signal } = this.#abort;
    const { recvWindowMs } = connection.config;
    const nowUs = (): TimestampUs => connection.time.measuredNowUs();
    const tell = (events: readonly VenueOrderEvent[]): void => this.#tell(events);
    const tellForeign = (fill: ForeignFill): void => this.#tellForeign(fill);
    const tellBalances = (balances: readonly Balance[], tsEventUs: TimestampUs): void =>
      this.#tellAccount({ kind: 'balances', balances, tsEventUs });
    const isOurs = (id: ClientOrderId): boolean => options.isOurs(id);
    this.name = connection.name;
    this.#options = options;
    this.#config = config;
    this.#client = connection.accountClient(account);
    const rulesFor: RulesOf = (symbol, order) => this.#records.rulesFor(symbol, order);
    this.#queries = new AccountQueries(this.#client, rulesFor, logger, signal);
    this.#watch = new ReportWatch({
      clock,
      ...config,
      onSilent: (reason) => this.#distrust(reason),
      onMissing: (tracker) => void this.#outcomes.fetchTrades(tracker),
    });
    const onHeard = (tracker: OrderTracker): void => this.#watch.heard(tracker);
    this.#records = new OrderRecords({ endedMax: config.ordersRememberedMax, rulesOf, isOurs, tell, onHeard });
    const shared = { queries: this.#queries, records: this.#records, clock, random, logger, config, signal, nowUs };
    this.#outcomes = new RequestOutcomes({
      ...shared,
      recvWindowMs,
      measureClock: () => connection.measureClock(),
    });
    this.#filters = new LocalFilters({ rulesOf, nowUs, onRulesDoubted: () => options.onRulesDoubted?.() });
    this.#turns = new Turns(config.requestsWaitingMax, logger);
    const parts = { ...shared, outcomes: this.#outcomes, turns: this.#turns, symbols };
    this.#entry = new OrderEntry({ ...parts, caller: this.#client, filters: this.#filters, rulesOf: rulesFor, tell });
    this.#book = new AccountBook(rulesFor);
    this.#transfers = new Transfers({
      clock,
      logger,
      lookupMs: config.transferLookupMs,
      signal,
      wallet: (fromUs) => this.#queries.walletRecords(fromUs),
      tell: (transfer) => this.#tellTransfer(transfer),
    });
    const heard = { records: this.#records, seen: this.#seen, book: this.#book, transfers: this.#transfers };
    const tellers = { tellForeign, tellBalances };
    this.#comparison = new AccountComparison({ ...parts, ...heard, ...config, ...tellers, isOurs });
    this.#questions = new OrderQuestions({ ...parts, recvWindowMs, isOurs });
    const onPosition = (): void => this.#weigh();
    const events = new UserEvents({ ...heard, ...tellers, rulesOf: rulesFor, logger, metrics, onPosition });
    this.#stream = new UserStream({
      url: `${wsApiUrl}/ws-api/v3`,
      transport,
      clock,
      random,
      logger,
      metrics,
      config,
      credentials: account.credentials,
      recvWindowMs,
      nowUs,
      onClockRefused: () => void connection.measureClock(),
      onKeyRefused: (code, message) => this.#begun(keyRefused(code, message)),
      onEvent: (event) => events.take(event),
      onUp: () => void this.#recover(),
      onDown: (reason) => this.#lost(reason),
      onOpenCount: () => undefined,
    });
    this.#live = metrics.gauge({
      name: 'monsta_binance_user_stream_live_count',
      help: '1 while the reports of the account reach us and nothing is missing, else 0',
    });
  }

  /**
   * Connects, takes over what earlier runs left, and begins to listen. Fault `venue_unreachable` where that takes too long, `venue_key` where the venue refuses the key: it
   * would refuse it again.
   */
  async start(): Promise<Result<null>> {
    const { connection } = this.#options;
    const { startTimeoutMs } = this.#config;
    const measured = await connection.start();
    if (!measured.ok) return measured;
    const begun = new Promise<Result<null>>((resolve) => {
      this.#begun = resolve;
    });
    this.#stream.start();
    const late = new AbortController();
    const tooLate = connection.clock
      .sleep(startTimeoutMs, late.signal)
      .then(() =>
        err(
          'venue_unreachable',
          `orders and account could not be read within ${startTimeoutMs} ms; the log says what stood in the way`,
          { retry: 'retryable' },
        ),
      );
    const started = await Promise.race([begun, tooLate]);
    late.abort();
    if (!started.ok) await this.close();
    return started;
  }

  onEvent(listener: (event: VenueOrderEvent) => void): void {
    this.#orderListeners.push(listener);
  }

  onAccountEvent(listener: (event: VenueAccountEvent) => void): void {
    this.#accountListeners.push(listener);
    queueMicrotask(() => {
      const untold = this.#untold;
      this.#untold = [];
      for (const transfer of untold) this.#tellTransfer(transfer);
    });
  }

  useInstruments(instruments: readonly Instrument[]): void {
    this.#filters.use(instruments);
  }

  observe(event: MarketEvent): void {
    this.#filters.observe(event);
  }

  submit(request: OrderRequest): void {
    if (this.#closing === null) this.#entry.submit(request);
  }

  submitList(request: OrderListRequest): void {
    if (this.#closing === null) this.#entry.submitList(request);
  }

  cancel(id: ClientOrderId): void {
    if (this.#closing === null) this.#entry.cancel(id);
  }

  cancelList(listId: ClientOrderId): void {
    if (this.#closing === null) this.#entry.cancelList(listId);
  }

  replace(id: ClientOrderId, request: OrderRequest): void {
    if (this.#closing === null) this.#entry.replace(id, request);
  }

  openOrders(): Promise<Result<readonly VenueOrder[]>> {
    return this.#questions.openOrders();
  }

  order(id: ClientOrderId): Promise<Result<VenueOrder | null>> {
    return this.#questions.order(id);
  }

  fillsOf(id: ClientOrderId): Promise<Result<readonly Fill[]>> {
    return this.#questions.fillsOf(id);
  }

  fillsSince(instrument: InstrumentId, fromUs: TimestampUs): Promise<Result<readonly ForeignFill[]>> {
    return this.#questions.fillsSince(instrument, fromUs);
  }

  clockReading(): ClockReading | null {
    const { offsetMs, errorMs } = this.#options.connection.time;
    return offsetMs === null || errorMs === null ? null : { offsetMs, errorMs };
  }

  async balances(): Promise<Result<readonly Balance[]>> {
    const view = await this.#queries.account('trading');
    return view.ok ? ok(view.value.balances) : view;
  }

  fees(instrument: InstrumentId): Promise<Result<AccountFees>> {
    return this.#queries.fees(instrument);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { clock } = this.#options.connection;
    this.#timer?.cancel();
    this.#weighing?.cancel();
    const late = new AbortController();
    await Promise.race([this.#turns.done(), clock.sleep(this.#config.closeTimeoutMs, late.signal)]);
    late.abort();
    this.#state = 'closed';
    this.#abort.abort();
    this.#stream.stop();
    this.#watch.stop();
    this.#live.set(0);
  }

  #nowUs(): TimestampUs {
    return this.#options.connection.time.measuredNowUs();
  }

  /** The stream delivers (again): what was missed is found, then its reports count. */
  async #recover(): Promise<void> {
    const { connection } = this.#options;
    const epoch = (this.#epoch += 1);
    const stale = (): boolean => epoch !== this.#epoch || this.#state === 'closed';
    const backoff = new Backoff(RETRY_DELAYS, connection.random);
    while (!stale()) {
      const done = await this.#inLine(() => (stale() ? Promise.resolve(ok('agrees' as const)) : this.#catchUp()));
      if (stale()) return;
      if (done.ok) {
        this.#nowLive(done.value);
        return;
      }
      const { code, message } = done.fault;
      if (code === 'venue_key') this.#begun(done);
      connection.logger.warn('what the account missed can not be asked for yet', { code, reason: message });
      await connection.clock.sleep(backoff.next(), this.#abort.signal);
    }
  }

  #nowLive(found: Finding): void {
    this.#state = 'live';
    this.#live.set(1);
    this.#watch.listening(true);
    const reason = 'what was missed has been found, and the stream delivers';
    this.#tellAccount({ kind: 'reports', state: 'live', reason, tsEventUs: this.#nowUs() });
    this.#begun(ok(null));
    this.#schedule(found);
  }

  async #catchUp(): Promise<Result<Finding>> {
    if (!this.#opened) {
      const opened = await this.#comparison.open(this.#options.knownUntilUs ?? null);
      if (!opened.ok) return opened;
      this.#untold = [...this.#untold, ...opened.value];
      this.#opened = true;
    }
    return this.#comparison.run('recovery');
  }

  #lost(reason: string): void {
    this.#epoch += 1;
    this.#timer?.cancel();
    if (this.#state !== 'live') return;
    this.#state = 'lost';
    this.#live.set(0);
    this.#watch.listening(false);
    this.#tellAccount({ kind: 'reports', state: 'lost', reason, tsEventUs: this.#nowUs() });
  }

  /** The stream has kept something from us: it is opened anew, and what it kept is found. */
  #distrust(reason: string): void {
    if (this.#state !== 'live') return;
    this.#options.connection.logger.warn('the user stream is opened anew: it does not report all that happens', {
      reason,
    });
    this.#stream.restart(reason);
  }

  /** The next comparison; soon where the last one left something to be confirmed. */
  #schedule(found: Finding): void {
    const { clock, random } = this.#options.connection;
    const { compareIntervalMs, reportTimeoutMs } = this.#config;
    this.#timer?.cancel();
    // Not every process at the same moment.
    const regularMs = compareIntervalMs * (0.9 + 0.2 * random.next());
    const delayMs = found === 'suspects' ? Math.min(reportTimeoutMs, regularMs) : regularMs;
    this.#timer = clock.setTimer(delayMs, () => void this.#compare());
  }

  /** Balances that don't follow from what was reported by the time that reports may take: one was lost, and is looked for at once. */
  #weigh(): void {
    if (this.#book.addsUp || this.#state !== 'live') return;
    this.#weighing ??= this.#options.connection.clock.setTimer(this.#config.reportTimeoutMs, () => {
      this.#weighing = null;
      if (this.#book.addsUp || this.#state !== 'live') return;
      this.#timer?.cancel();
      void this.#compare();
    });
  }

  async #compare(): Promise<void> {
    const { logger } = this.#options.connection;
    const epoch = this.#epoch;
    const compared = await this.#inLine(() => this.#comparison.run('answer'));
    if (epoch !== this.#epoch || this.#state !== 'live') return;
    if (!compared.ok) {
      const { code, message } = compared.fault;
      logger.warn('the account can not be compared with the venue’s', { code, reason: message });
    } else if (compared.value === 'contradicts' && (await this.#comparison.stillContradicts())) {
      if (epoch === this.#epoch) this.#distrust('balances differ from those that were reported');
    }
    if (epoch === this.#epoch && this.#state === 'live') this.#schedule(compared.ok ? compared.value : 'agrees');
  }

  /** Comparisons go one after the other. */
  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#comparing.then(work);
    this.#comparing = turn.catch(() => undefined);
    return turn;
  }

  #tell(events: readonly VenueOrderEvent[]): void {
    if (this.#state === 'closed') return;
    for (const event of events) {
      if (event.kind === 'order-filled') this.#count(event.fill);
      for (const listener of this.#orderListeners) listener(event);
    }
  }

  #tellAccount(event: VenueAccountEvent): void {
    if (this.#state === 'closed') return;
    for (const listener of this.#accountListeners) listener(event);
  }

  #tellForeign(fill: ForeignFill): void {
    const { connection, isOurs } = this.#options;
    if (isOurs(fill.clientOrderId)) {
      connection.logger.error('an order trades that was taken for refused', { order: fill.clientOrderId });
    }
    this.#count(fill);
    this.#tellAccount({ kind: 'foreign-fill', fill, tsEventUs: fill.tsEventUs });
  }

  #tellTransfer(transfer: Transfer): void {
    if (this.#accountListeners.length === 0) {
      this.#untold = [...this.#untold, transfer];
      return;
    }
    const { id, cause, asset, change, tsUs } = transfer;
    this.#tellAccount({ kind: 'transfer', id, cause, asset, amount: change, tsEventUs: tsUs });
  }

  #count(fill: ForeignFill): void {
    if (this.#seen.isNew(fill.instrument, Number(fill.fillId))) this.#book.filled(fill);
  }
}

/**
 * Orders and account at a Binance-compatible venue. Nothing is kept on disk: what is not known is asked of the venue by our own ids. Faults are those of the REST client, and
 * `venue_protocol` where the connection has no address for the WebSocket API.
 */
export async function createBinanceExecution(options: BinanceExecutionOptions): Promise<Result<ExecutionVenue>> {
  const { wsApiUrl } = options.connection;
  if (wsApiUrl === null) return err('venue_protocol', 'orders need the address of the venue’s WebSocket API');
  const execution = new BinanceExecution(options, wsApiUrl);
  const started = await execution.start();
  return started.ok ? ok(execution) : started;
}
