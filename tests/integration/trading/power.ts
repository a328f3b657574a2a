import { ok, type ClientOrderId, type OrderListRequest, type OrderRequest } from '@monsta/core';
import type { ClockReading, ExecutionVenue, Journal, Ledger } from '@monsta/ports';

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** The places where the power may fail: each call of each kind, before it does anything or right after. */
export type Step = 'commit' | 'submit' | 'cancel' | 'paper-append' | 'paper-sync' | 'event';
export interface Cut {
  readonly step: Step;
  /** Which call of that kind, from 0. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** One call, before it does anything or right after, and what is handed over in it: a batch, a request, a record, an event. */
export interface Moment {
  readonly step: Step;
  readonly when: 'before' | 'after';
  readonly subject: unknown;
}

/** Sees every moment of a life; true: the power fails at it. */
export type Watch = (moment: Moment) => boolean;

/** What was asked of the venue, by the call it was asked with. */
export type Asked =
  | { readonly call: 'submit'; readonly request: OrderRequest }
  | { readonly call: 'submit-list'; readonly request: OrderListRequest }
  | { readonly call: 'replace'; readonly id: ClientOrderId; readonly request: OrderRequest }
  | { readonly call: 'cancel'; readonly id: ClientOrderId }
  | { readonly call: 'cancel-list'; readonly id: ClientOrderId };

/** Counts calls and cuts the power at one of them: from then on nothing of this life of the program has any effect. */
export class Power {
  readonly #cut: Cut | Watch | null;
  readonly #calls = new Map<Step, number>();
  off = false;
  inFlight = 0;

  constructor(cut: Cut | Watch | null) {
    this.#cut = cut;
  }

  calls(step: Step): number {
    return this.#calls.get(step) ?? 0;
  }

  /** Runs `act` unless the power is off or fails before it; `null` then. Fails after it where the cut says so. */
  through<T>(step: Step, subject: unknown, act: () => T): { readonly value: T } | null {
    if (this.off) return null;
    const call = this.calls(step);
    this.#calls.set(step, call + 1);
    if (this.#failsAt({ step, when: 'before', subject }, call)) {
      this.off = true;
      return null;
    }
    const value = act();
    if (!this.#failsAt({ step, when: 'after', subject }, call)) return { value };
    this.off = true;
    return null;
  }

  #failsAt(moment: Moment, call: number): boolean {
    const cut = this.#cut;
    if (typeof cut === 'function') return cut(moment);
    return cut?.step === moment.step && cut.call === call && cut.when === moment.when;
  }

  /** The same for what takes its time: it is done when its promise is. */
  async throughAsync<T>(step: Step, subject: unknown, act: () => Promise<T>): Promise<T> {
    if (this.off) return never();
    const call = this.calls(step);
    this.#calls.set(step, call + 1);
    if (this.#failsAt({ step, when: 'before', subject }, call)) this.off = true;
    if (this.off) return never();
    this.inFlight += 1;
    const value = await act();
    this.inFlight -= 1;
    if (!this.off && this.#failsAt({ step, when: 'after', subject }, call)) this.off = true;
    return this.off ? never() : value;
  }
}

export function powered(ledger: Ledger, power: Power): Ledger {
  return new Proxy(ledger, {
    get(target, name, receiver) {
      if (name === 'commit')
        return (batch: Parameters<Ledger['commit']>[0]) =>
          power.throughAsync('commit', batch, () => target.commit(batch));
      const value: unknown = Reflect.get(target, name, receiver);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

export const poweredJournal = (journal: Journal, power: Power): Journal => ({
  recovery: journal.recovery,
  get oldestSequence() {
    return journal.oldestSequence;
  },
  append: (tsUs, payload) =>
    power.through('paper-append', payload, () => journal.append(tsUs, payload))?.value ?? ok(0),
  sync: () => power.throughAsync('paper-sync', null, () => journal.sync()),
  read: (from) => journal.read(from),
  close: () => journal.close(),
});

export function poweredVenue(venue: ExecutionVenue, power: Power, clock: () => ClockReading | null): ExecutionVenue {
  const asked = (step: Step, subject: Asked, act: () => void): void => void power.through(step, subject, act);
  return {
    name: venue.name,
    readsBooks: venue.readsBooks === true,
    onEvent: (listener) => venue.onEvent((event) => void power.through('event', event, () => listener(event))),
    useInstruments: (list) => venue.useInstruments?.(list),
    observe: (event) => {
      if (!power.off) venue.observe?.(event);
    },
    telling: () => venue.telling?.() ?? null,
    advance: (nowUs) => venue.advance?.(nowUs),
    onAccountEvent: (listener) =>
      venue.onAccountEvent((event) => void power.through('event', event, () => listener(event))),
    submit: (request) => asked('submit', { call: 'submit', request }, () => venue.submit(request)),
    submitList: (request) => asked('submit', { call: 'submit-list', request }, () => venue.submitList(request)),
    cancel: (id) => asked('cancel', { call: 'cancel', id }, () => venue.cancel(id)),
    cancelList: (id) => asked('cancel', { call: 'cancel-list', id }, () => venue.cancelList(id)),
    replace: (id, request) => asked('submit', { call: 'replace', id, request }, () => venue.replace(id, request)),
    openOrders: () => (power.off ? never() : venue.openOrders()),
    order: (id) => (power.off ? never() : venue.order(id)),
    fillsOf: (id) => (power.off ? never() : venue.fillsOf(id)),
    fillsSince: (instrument, fromUs) => (power.off ? never() : venue.fillsSince(instrument, fromUs)),
    clockReading: clock,
    fees: (instrument) => (power.off ? never() : venue.fees(instrument)),
    balances: () => (power.off ? never() : venue.balances()),
    close: () => venue.close(),
  };
}
