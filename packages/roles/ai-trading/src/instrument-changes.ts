import { decodeInstrument, instrumentSchema, internalSubjects } from '@monsta/contracts';
import { ok, sameTerms, type Instrument, type InstrumentId, type Result } from '@monsta/core';
import type { Clock, EventStream, MarketHistory, Subscription } from '@monsta/ports';
import { within } from './deadline.ts';

export interface InstrumentChangesOptions {
  readonly stream: EventStream;
  readonly history: MarketHistory;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  /** Terms that differ from those known, in order with the market data that is counted in them. */
  take(instrument: Instrument): void;
  refused(code: string): void;
}

const WAITING_MAX = 1_000;

/** Hears of new terms of the traded instruments. */
export class InstrumentChanges {
  readonly #options: InstrumentChangesOptions;
  readonly #known = new Map<InstrumentId, Instrument>();
  #subscription: Subscription | null = null;

  constructor(options: InstrumentChangesOptions) {
    this.#options = options;
  }

  /** From here on changes of these instruments are told. Faults: those of subscribing. */
  subscribe(instruments: readonly Instrument[]): Result<null> {
    for (const instrument of instruments) this.#known.set(instrument.id, instrument);
    const subscribed = this.#options.stream.subscribe({
      subject: internalSubjects.instruments,
      queueMax: WAITING_MAX,
      overflow: 'drop-oldest',
      onMessage: ({ payload }) => this.#receive(payload),
    });
    if (!subscribed.ok) return subscribed;
    this.#subscription = subscribed.value;
    return ok(null);
  }

  /** Compares with what the collector knows: a message may have been lost. */
  async check(): Promise<void> {
    const { history, clock, callTimeoutMs } = this.#options;
    const listed = await within(clock, callTimeoutMs, 'the market history', () => history.instruments());
    // Where there is no answer, the next check asks again.
    if (listed.ok) for (const instrument of listed.value) this.#look(instrument);
  }

  close(): void {
    this.#subscription?.unsubscribe();
  }

  #receive(payload: unknown): void {
    const message = instrumentSchema.safeParse(payload);
    const instrument = message.success ? decodeInstrument(message.data) : null;
    if (instrument?.ok === true) this.#look(instrument.value);
    else this.#options.refused('message_malformed');
  }

  #look(instrument: Instrument): void {
    const known = this.#known.get(instrument.id);
    if (known === undefined || sameTerms(known, instrument)) return;
    this.#known.set(instrument.id, instrument);
    this.#options.take(instrument);
  }
}
