import { timestampUs } from '@monsta/core';
import type { Bar, Instrument, InstrumentId, MarketEvent, Price, TimestampUs, VenueOrderEvent } from '@monsta/core';
import { FeedAccount, type FeedAccountMoment, type FeedAccountOptions, type FeedAccountState } from '@monsta/matching';
import {
  BookRhythm,
  Kernel,
  nextTickUs,
  tickBeforeUs,
  type ConfiguredStrategy,
  type KernelConfig,
  type KernelInput,
  type KernelOutput,
  type KeptRecords,
} from '@monsta/trading';
import { UNWATCHED, type StrategyWatch } from '@monsta/trading/strategy-watch';

/** What a tape holds: market data, and what else may come to the kernel from outside at a time of its own. */
export type TapeInput =
  | { readonly kind: 'market'; readonly tsUs: TimestampUs; readonly event: MarketEvent }
  | Extract<KernelInput, { readonly kind: 'instruments' | 'warm-up' | 'prediction' | 'command' }>;

export interface TapeRunOptions {
  readonly config: KernelConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  readonly instruments: readonly Instrument[];
  /** How orders fill, how late they are, what they cost, and what the account begins with. */
  readonly account: FeedAccountOptions;
  readonly startUs: TimestampUs;
  /** Time alone is looked at on every multiple of it, microseconds: timers ring then at the latest. The trading role's is `tick_ms`, 1 s. */
  readonly tickUs: number;
  /** Books that come sooner after another of their instrument are let by; 0: none. The trading role's is `book_every_ms`. */
  readonly bookEveryMs: number;
  /** Which records the kernel makes; all unless given. */
  readonly keeps?: KeptRecords;
  /** Sees the calls of strategies. */
  readonly watch?: StrategyWatch;
  /** False: nobody wants to hear that an order was accepted which is filled at that moment; true unless given. Strategies that hear of orders are told all the same. */
  readonly tellsAcceptances?: boolean;
  /** Everything that the kernel says, in order. */
  heard(output: KernelOutput): void;
}

/** A run as it was left, in plain data. */
export interface TapeRunSnapshot {
  readonly kernel: unknown;
  readonly venue: FeedAccountState;
  readonly moment: FeedAccountMoment;
  readonly books: ReturnType<BookRhythm['state']>;
  readonly tickedUs: TimestampUs;
}

/**
 * The kernel that trades for real on the exchange that paper trading fills from, driven by data alone: no clock of its own, no I/O. For each event, in this order: time passes to
 * it, tick by tick; the venue sees it; what the venue did is told and answered until nothing is due; the strategies see it; what they send is carried out, told and answered until
 * nothing is due. The trading role goes by the same order.
 */
export class TapeRun {
  readonly #options: TapeRunOptions;
  readonly #kernel: Kernel;
  readonly #venue: FeedAccount;
  readonly #books: BookRhythm;
  /** What is to be told next, oldest first, from `#at` to before `#end`; what lies beyond was told long ago. */
  readonly #due: KernelInput[] = [];
  #at = 0;
  #end = 0;
  readonly #tellsAcceptances: boolean;
  #tickedUs: TimestampUs;
  /** What has happened in the middle of a bar is told and answered there. */
  readonly #within = (events: readonly VenueOrderEvent[]): void => {
    this.#answer(events);
    this.#settle();
  };
  /** Up to where time has passed of which nobody was told; 0: everybody was. */
  #skippedUs = 0;

  /** `from`: goes on where another run of the same options was. */
  constructor(options: TapeRunOptions, from: TapeRunSnapshot | null = null) {
    const { config, strategies, account, startUs, tickUs, keeps, watch = UNWATCHED } = options;
    if (!Number.isSafeInteger(tickUs) || tickUs <= 0)
      throw new RangeError('tickUs is a whole number of microseconds above 0');
    this.#options = options;
    this.#kernel =
      from === null
        ? new Kernel(config, strategies, watch, keeps)
        : Kernel.restore(from.kernel, config, strategies, watch, keeps);
    // No kernel asks for an order that has ended, and none sends the same id twice.
    this.#venue = new FeedAccount(
      { endedOrdersKept: 0, instruments: options.instruments, ...account },
      from?.venue ?? null,
    );
    this.#tellsAcceptances =
      (options.tellsAcceptances ?? true) ||
      keeps?.ledger !== false ||
      strategies.some(({ definition }) => definition.onOrder !== undefined);
    this.#books = new BookRhythm(options.bookEveryMs);
    this.#tickedUs = tickBeforeUs(startUs, tickUs);
    if (from === null) {
      this.#begin();
      return;
    }
    this.#venue.goOn(from.moment);
    this.#books.goOn(from.books);
    this.#tickedUs = from.tickedUs;
  }

  /** Everything, between two inputs. */
  snapshot(): TapeRunSnapshot {
    if (this.#skippedUs > 0) this.#catchUp();
    return {
      kernel: this.#kernel.snapshot(),
      venue: this.#venue.state(),
      moment: this.#venue.moment(),
      books: this.#books.state(),
      tickedUs: this.#tickedUs,
    };
  }

  get kernel(): Kernel {
    return this.#kernel;
  }

  /** Lets time pass to the input, and everybody concerned see it. An input older than the clock is late, and moves it not. */
  take(input: TapeInput): void {
    if (input.kind === 'market' && input.event.kind === 'book-snapshot') {
      if (!this.#books.takes(input.event.instrument, input.tsUs)) return;
    }
    if (input.kind !== 'prediction') this.passTime(input.tsUs);
    if (input.kind === 'market') {
      this.show(input.event);
      if (input.event.kind !== 'book-delta') this.#tell({ ...input, event: input.event });
      return;
    }
    this.#await(input);
    if (input.kind === 'instruments') this.#answer(this.#venue.useInstruments(input.instruments));
    this.#settle();
  }

  /** Lets time pass, tick by tick, the tick at `untilUs` included. */
  passTime(untilUs: TimestampUs): void {
    const { tickUs } = this.#options;
    if (this.#skippedUs > 0) this.#catchUp();
    for (;;) {
      const dueUs = nextTickUs(this.#tickedUs, tickUs);
      if (dueUs > untilUs) return;
      this.#tickedUs = dueUs;
      this.#tell({ kind: 'tick', tsUs: dueUs });
    }
  }

  /** Lets time pass in which nothing is due: nobody is told. */
  skipTo(untilUs: number): void {
    this.#skippedUs = untilUs;
  }

  /** The last tick that has passed, told or not. */
  #catchUp(): void {
    const lastUs = tickBeforeUs(timestampUs(this.#skippedUs), this.#options.tickUs);
    if (lastUs > this.#tickedUs) this.#tickedUs = lastUs;
    this.#skippedUs = 0;
  }

  /** Lets the venue see bars that no order has anything to do with (`reach`), by the close of the last of them alone. */
  letBy(instrument: InstrumentId, close: number, closeTimeUs: number): void {
    this.#venue.letBy(instrument, close, closeTimeUs);
  }

  /** No order has anything to do with a bar whose range lies between these prices, until something is sent or fills; null where one may with any. */
  reach(instrument: InstrumentId): ReturnType<FeedAccount['reach']> {
    return this.#venue.reach(instrument);
  }

  /** Carries out what the kernel has said to something that it was told elsewhere. */
  said(outputs: readonly KernelOutput[]): void {
    for (let place = 0; place < outputs.length; place += 1) this.#take(outputs[place] as KernelOutput);
    this.#settle();
  }

  /** Lets the venue alone see market data, and tells what it did: a bar, before what is known at its close. */
  show(event: MarketEvent): void {
    this.#answer(this.#venue.observe(event, this.#within));
    this.#settle();
  }

  /** No more bars come: what the venue then does is told and answered. See `FeedExchange.endData`. */
  endData(prices: ReadonlyMap<InstrumentId, Price> | null): void {
    this.#answer(this.#venue.endData(prices));
    this.#settle();
  }

  /** Lets the venue see the open of a bar that it is shown whole afterwards, and tells what it did: what is sent in answer meets the open too. */
  showOpen(bar: Bar): void {
    this.#answer(this.#venue.showOpen(bar));
    this.#settle();
  }

  /** Lets the venue see the close of a bar that it was shown, and tells what it did: what is sent until it is left meets the close too. */
  showClose(bar: Bar): void {
    this.#answer(this.#venue.showClose(bar));
    this.#settle();
  }

  leaveClose(instrument: InstrumentId): void {
    this.#venue.leaveClose(instrument);
  }

  /** Tells the kernel alone: what the venue was shown before, or knows nothing of. */
  tell(input: KernelInput): void {
    this.#tell(input);
  }

  /** Start-up as the trading role does it, of a new account. */
  #begin(): void {
    const { instruments, startUs } = this.#options;
    this.#tell({ kind: 'instruments', tsUs: startUs, instruments });
    const nothing = { account: null, balances: [], positions: [], openOrders: [], seenFills: [], seenTransfers: [] };
    const state = { ...nothing, decided: [], strategies: [], roundTrips: [] };
    this.#tell({ kind: 'recover', tsUs: startUs, state });
    const plan = { events: [], cancels: [], divergences: [] };
    this.#tell({ kind: 'reconcile', tsUs: startUs, plan, balances: this.#venue.balances() });
  }

  #tell(input: KernelInput): void {
    this.#await(input);
    this.#settle();
  }

  #await(input: KernelInput): void {
    this.#due[this.#end] = input;
    this.#end += 1;
  }

  #settle(): void {
    while (this.#at < this.#end) {
      const next = this.#due[this.#at] as KernelInput;
      this.#at += 1;
      const outputs = this.#kernel.handle(next);
      for (let place = 0; place < outputs.length; place += 1) this.#take(outputs[place] as KernelOutput);
    }
    this.#at = 0;
    this.#end = 0;
  }

  #take(output: KernelOutput): void {
    this.#options.heard(output);
    this.#carryOut(output);
  }

  #carryOut(output: KernelOutput): void {
    const { nowUs } = this.#kernel;
    if (output.kind === 'submit') this.#answer(this.#venue.submit(output.request));
    else if (output.kind === 'submit-list') this.#answer(this.#venue.submitList(output.request));
    else if (output.kind === 'replace') this.#answer(this.#venue.replace(output.clientOrderId, output.request));
    else if (output.kind === 'cancel') this.#answer(this.#venue.cancel(output.clientOrderId, nowUs));
    else if (output.kind === 'cancel-list') this.#answer(this.#venue.cancelList(output.listId, nowUs));
  }

  #answer(events: readonly VenueOrderEvent[]): void {
    for (let at = 0; at < events.length; at += 1) {
      const event = events[at] as VenueOrderEvent;
      if (this.#tellsAcceptances || !this.#isFilledAtOnce(event, events[at + 1]))
        this.#await({ kind: 'venue', tsUs: event.tsEventUs, event });
    }
  }

  /**
   * True for the acceptance of an order whose fill comes with it, at the moment at which the kernel is: the fill says as much, nothing was due in between, and a kernel that keeps no records has nobody to tell. What protects
   * positions is looked at anew with each answer of the venue: where there is any, all of them are told.
   */
  #isFilledAtOnce(event: VenueOrderEvent, next: VenueOrderEvent | undefined): boolean {
    return (
      event.kind === 'order-accepted' &&
      next?.kind === 'order-filled' &&
      next.fill.clientOrderId === event.clientOrderId &&
      next.tsEventUs === event.tsEventUs &&
      event.tsEventUs === this.#kernel.nowUs &&
      this.#kernel.protectsNothing
    );
  }
}
