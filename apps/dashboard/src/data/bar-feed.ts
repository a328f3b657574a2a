import type { MonstaClient, MonstaSocket } from '@monsta/client';
import { topics, type BarMessage } from '@monsta/contracts';
import { instrumentId, type Interval } from '@monsta/core';
import {
  BARS_HELD_MAX,
  EMPTY_WINDOW,
  mergeBars,
  takeBar,
  type BarWindow,
  type WindowChange,
} from '../lib/bar-window.ts';

const FIRST_BARS = 500;
const OLDER_BARS = 1_000;
const RETRY_MS = 3_000;

/** Runs a task some time later; the returned function cancels it. */
type Later = (task: () => void) => () => void;

const afterAWhile: Later = (task) => {
  const timer = setTimeout(task, RETRY_MS);
  return () => clearTimeout(timer);
};

export interface BarFeedState {
  readonly window: BarWindow;
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly loadingOlder: boolean;
  /** What the last fetch failed with; null when it did not. */
  readonly fault: Fault | null;
}

type Fault = Extract<Awaited<ReturnType<MonstaClient['bars']>>, { readonly ok: false }>['fault'];

export type BarListener = (state: BarFeedState, change: WindowChange) => void;

/**
 * The bars of one chart: the newest by REST, then live; older ones on demand. What was lost in between (a cut, a hole between two bars)
 * is fetched anew; bars are never made up.
 */
export class BarFeed {
  readonly #client: Pick<MonstaClient, 'bars'>;
  readonly #socket: Pick<MonstaSocket, 'subscribe' | 'onGap'>;
  readonly #instrument: string;
  readonly #interval: Interval;
  readonly #listener: BarListener;
  readonly #later: Later;
  readonly #abort = new AbortController();
  #state: BarFeedState = { window: EMPTY_WINDOW, phase: 'loading', loadingOlder: false, fault: null };
  #ends: readonly (() => void)[] = [];
  #fetching = false;
  #fetchAgain = false;
  #cancelRetry: () => void = () => undefined;

  constructor(
    client: Pick<MonstaClient, 'bars'>,
    socket: Pick<MonstaSocket, 'subscribe' | 'onGap'>,
    what: { readonly instrument: string; readonly interval: Interval },
    listener: BarListener,
    later: Later = afterAWhile,
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#instrument = what.instrument;
    this.#interval = what.interval;
    this.#listener = listener;
    this.#later = later;
  }

  get state(): BarFeedState {
    return this.#state;
  }

  /** Subscribes first, so that nothing falls between the fetched bars and the live ones. */
  start(): void {
    const topic = topics.bars(instrumentId(this.#instrument), this.#interval) as `bars.${string}`;
    this.#ends = [
      this.#socket.subscribe(topic, (bar) => this.#live(bar)),
      this.#socket.onGap((gap) => {
        if (gap.topic !== topic) return;
        // Another life of the server may be another session: its times may start over.
        if (gap.cause === 'restarted')
          this.#change({ window: EMPTY_WINDOW, phase: 'loading', fault: null }, { kind: 'reset' });
        void this.refresh();
      }),
    ];
    void this.refresh();
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelRetry();
    for (const end of this.#ends) end();
    this.#ends = [];
  }

  /** Fetches the newest bars again; a call during a fetch makes one more fetch after it. What failed for now is tried again in a while. */
  async refresh(): Promise<void> {
    if (this.#fetching) {
      this.#fetchAgain = true;
      return;
    }
    this.#fetching = true;
    this.#cancelRetry();
    do {
      this.#fetchAgain = false;
      const reply = await this.#fetch({ limit: FIRST_BARS });
      if (this.#abort.signal.aborted) break;
      if (reply.ok) {
        const { items, nextCursor } = reply.value;
        this.#change(
          { window: this.#under(items, nextCursor !== null), phase: 'ready', fault: null },
          { kind: 'reset' },
        );
      } else {
        const phase = this.#state.window.bars.length > 0 ? 'ready' : 'failed';
        this.#change({ phase, fault: reply.fault }, { kind: 'none' });
        if (reply.fault.retry === 'retryable') this.#cancelRetry = this.#later(() => void this.refresh());
      }
    } while (this.#fetchAgain);
    this.#fetching = false;
  }

  /** Fetches bars before the oldest held; without effect while one is under way, when there are none, or when enough are held. */
  async loadOlder(): Promise<void> {
    const { window, loadingOlder } = this.#state;
    const [oldest] = window.bars;
    if (loadingOlder || oldest === undefined || !window.mayHaveOlder || window.bars.length >= BARS_HELD_MAX) return;
    this.#change({ loadingOlder: true }, { kind: 'none' });
    const reply = await this.#fetch({ limit: OLDER_BARS, beforeMs: oldest.openTimeMs });
    if (this.#abort.signal.aborted) return;
    if (!reply.ok) return this.#change({ loadingOlder: false, fault: reply.fault }, { kind: 'none' });
    const { items, nextCursor } = reply.value;
    const bars = mergeBars(items, this.#state.window.bars);
    this.#change(
      { window: { bars, mayHaveOlder: nextCursor !== null && items.length > 0 }, loadingOlder: false, fault: null },
      { kind: 'reset' },
    );
  }

  #fetch(page: { readonly limit: number; readonly beforeMs?: number }): ReturnType<MonstaClient['bars']> {
    return this.#client.bars({
      instrument: this.#instrument,
      interval: this.#interval,
      signal: this.#abort.signal,
      ...page,
    });
  }

  /** Puts fetched bars together with those held: older held ones stay only where they join on without a hole. */
  #under(fetched: readonly BarMessage[], mayHaveOlder: boolean): BarWindow {
    const held = this.#state.window;
    const first = fetched[0];
    if (first === undefined) return { bars: held.bars, mayHaveOlder: false };
    const joins = held.bars.some((bar) => bar.openTimeMs === first.openTimeMs);
    const kept = joins ? held.bars : held.bars.filter((bar) => bar.openTimeMs >= first.openTimeMs);
    const newest = fetched.at(-1) ?? first;
    const bars = mergeBars(
      mergeBars(kept, fetched),
      // A forming bar that came live after the fetch is the newer one.
      kept.filter((bar) => bar.openTimeMs > newest.openTimeMs),
    );
    return { bars, mayHaveOlder: joins ? held.mayHaveOlder : mayHaveOlder };
  }

  #live(bar: BarMessage): void {
    // Before the first fetch a lone live bar would look like all there is.
    if (this.#state.phase !== 'ready') return;
    const [window, change] = takeBar(this.#state.window, bar);
    if (change.kind === 'hole') void this.refresh();
    else if (change.kind !== 'none') this.#change({ window }, change);
  }

  #change(changed: Partial<BarFeedState>, change: WindowChange): void {
    this.#state = { ...this.#state, ...changed };
    this.#listener(this.#state, change);
  }
}
