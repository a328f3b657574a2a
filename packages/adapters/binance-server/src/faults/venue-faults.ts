import { instrumentId, timestampUs, US_PER_MS, type InstrumentId, type TimestampUs } from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import type { Timer } from '@monsta/ports';
import type { ExchangeModel } from '../exchange-model.ts';
import type { ArmedRule, FaultInjector } from './fault-injector.ts';
import type { Fault } from './fault-plan.ts';

/** What the venue's own faults need of the server around them. */
export interface VenueHooks {
  /** Bans an address from now on; a time that has passed ends the ban. */
  ban(address: string, untilMs: number): void;
  /** Tells every connection that the server is about to stop. */
  announceShutdown(): void;
  /** Ends every connection. */
  closeAll(): void;
}

type Of<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** The faults that no traffic brings about: the clock, halts, bans, maintenance. They begin and end by the venue's time. */
export class VenueFaults {
  readonly #injector: FaultInjector;
  readonly #model: ExchangeModel;
  readonly #hooks: VenueHooks;
  readonly #timers = new Set<Timer>();
  /** The status that a halted symbol goes back to. */
  readonly #halted = new Map<InstrumentId, SymbolRules['status']>();
  readonly #banned = new Set<string>();

  constructor(injector: FaultInjector, model: ExchangeModel, hooks: VenueHooks) {
    this.#injector = injector;
    this.#model = model;
    this.#hooks = hooks;
  }

  #runs({ fromUs, untilUs }: ArmedRule): boolean {
    const nowUs = this.#model.nowUs();
    return nowUs >= fromUs && nowUs < untilUs;
  }

  /** By how much the clock that clients see is ahead. */
  driftUs(): number {
    let driftUs = 0;
    for (const armed of this.#injector.armed) {
      const { fault } = armed.rule;
      if (fault.kind === 'clock-drift' && this.#runs(armed)) driftUs += fault.driftMs * US_PER_MS;
    }
    return driftUs;
  }

  /** True while maintenance keeps the doors closed. */
  closed(): boolean {
    if (!this.#injector.watches('venue')) return false;
    return this.#injector.armed.some((armed) => {
      const { fault } = armed.rule;
      if (fault.kind !== 'maintenance' || !this.#runs(armed)) return false;
      return this.#model.nowUs() >= armed.fromUs + fault.announceMs * US_PER_MS;
    });
  }

  /** Runs `task` when the venue's time has come: at once where it has. */
  at(atUs: number, task: () => void): void {
    if (atUs <= this.#model.nowUs()) {
      task();
      return;
    }
    if (!Number.isFinite(atUs)) return;
    const due: TimestampUs = timestampUs(atUs);
    const timer = this.#model.setVenueTimer(due, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
  }

  /** Begins and ends what the rule says when its time comes. */
  schedule(armed: ArmedRule): void {
    const { fault } = armed.rule;
    switch (fault.kind) {
      case 'clock-drift':
        this.at(armed.fromUs, () => this.#injector.note(armed, `the clock is ${fault.driftMs} ms off`));
        this.at(armed.untilUs, () => this.#injector.note(armed, 'the clock is right again'));
        return;
      case 'halt':
        this.at(armed.fromUs, () => this.#injector.note(armed, `halted: ${this.#haltWhatIsDue()}`));
        this.at(armed.untilUs, () => this.#injector.note(armed, `over; halted: ${this.#haltWhatIsDue()}`));
        return;
      case 'ban':
        this.at(armed.fromUs, () => this.#ban(armed, fault));
        return;
      case 'maintenance':
        this.#maintain(armed, fault);
        return;
      default:
    }
  }

  #ban(armed: ArmedRule, { address }: Of<'ban'>): void {
    const untilMs = Math.ceil(armed.untilUs / US_PER_MS);
    this.#banned.add(address);
    this.#hooks.ban(address, untilMs);
    this.#injector.note(armed, `${address} banned until ${untilMs}`);
  }

  #maintain(armed: ArmedRule, { announceMs }: Of<'maintenance'>): void {
    this.at(armed.fromUs, () => {
      this.#hooks.announceShutdown();
      this.#injector.note(armed, `announced, ${announceMs} ms ahead`);
    });
    this.at(armed.fromUs + announceMs * US_PER_MS, () => {
      if (!this.#runs(armed)) return;
      this.#hooks.closeAll();
      this.#injector.note(armed, 'closed');
    });
    this.at(armed.untilUs, () => this.#injector.note(armed, 'open again'));
  }

  /** Symbols of a plan that are not traded here; empty where all are. */
  unknownSymbols(fault: Fault): readonly string[] {
    if (fault.kind !== 'halt') return [];
    const exchange = this.#model.trading?.exchange;
    return (fault.symbols ?? []).filter((symbol) => (exchange?.rules(instrumentId(symbol)) ?? null) === null);
  }

  /** Sets every symbol's status to what the rules of this moment want; the symbols that are halted then, as text. */
  #haltWhatIsDue(): string {
    const { trading } = this.#model;
    if (trading === null) return 'nothing, since nothing is traded here';
    const wanted = new Map<InstrumentId, 'HALT' | 'BREAK'>();
    const all = this.#model.symbols().map(({ instrument }) => instrument.id);
    for (const armed of this.#injector.armed) {
      const { fault } = armed.rule;
      if (fault.kind !== 'halt' || !this.#runs(armed)) continue;
      for (const symbol of fault.symbols?.map(instrumentId) ?? all) wanted.set(symbol, fault.status);
    }
    // What was due before the halt happens before it.
    trading.advance();
    const { exchange } = trading;
    for (const [symbol, status] of this.#halted) {
      if (wanted.has(symbol)) continue;
      exchange.setStatus(symbol, status);
      this.#halted.delete(symbol);
    }
    for (const [symbol, status] of wanted) {
      const before = exchange.rules(symbol)?.status;
      if (before === undefined) continue;
      if (!this.#halted.has(symbol)) this.#halted.set(symbol, before);
      exchange.setStatus(symbol, status);
    }
    return wanted.size === 0 ? 'nothing' : [...wanted].map(([symbol, status]) => `${symbol} ${status}`).join(', ');
  }

  /** Ends everything that lasts; the rules are gone by now. */
  lift(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    if (this.#halted.size > 0) this.#haltWhatIsDue();
    for (const address of this.#banned) this.#hooks.ban(address, 0);
    this.#banned.clear();
  }
}
