import { err, ok, US_PER_MS, type AccountId, type Result } from '@monsta/core';
import type { Clock, HttpRoute, IncomingRequest, WebSocketRoute } from '@monsta/ports';
import type { ExchangeModel } from '../exchange-model.ts';
import { AwkwardFills } from './awkward-fills.ts';
import { FaultInjector, type ArmedRule } from './fault-injector.ts';
import type { FaultRecord } from './fault-log.ts';
import type { FaultPlan, FaultRule } from './fault-plan.ts';
import { faultyRoute, type FaultTools } from './faulty-route.ts';
import { FaultySockets } from './faulty-sockets.ts';
import { VenueFaults, type VenueHooks } from './venue-faults.ts';

const DEFAULT_SEED = 1;
/** "Going away", as a server's stop is told. */
const GOING_AWAY = 1001;

export interface FaultDeskOptions {
  readonly model: ExchangeModel;
  readonly clock: Clock;
  readonly originHeaders: Readonly<Record<string, string>>;
  readonly hooks: Omit<VenueHooks, 'closeAll'>;
  readonly streamsInUrl: (request: IncomingRequest) => readonly string[];
  /** Whose key it is; null for an unknown one. */
  readonly accountOf: (apiKey: string) => AccountId | null;
}

/** A rule and what it has done so far. */
export interface RuleState {
  readonly id: string;
  /** As it was sent. */
  readonly rule: unknown;
  readonly fromMs: number;
  /** Null: it has no end. */
  readonly untilMs: number | null;
  readonly matches: number;
  readonly strikes: number;
}

/** Faults on demand, for tests and for `/sim/faults`. */
export interface FaultControl {
  /** From which the draws of the rules follow. */
  readonly seed: number;
  /** Takes all rules away, begins the log anew and arms the plan's. Fault `fault_plan_invalid` leaves everything as it was. */
  load(plan: FaultPlan): Result<null>;
  /** Arms one more rule; its id. Fault `fault_plan_invalid`. */
  add(rule: FaultRule): Result<string>;
  /** Takes all rules away and ends what lasts: frozen connections go on, halted symbols trade, requests without an answer are cut. The log stays. */
  clear(): void;
  rules(): readonly RuleState[];
  /** What happened since the plan was loaded, oldest first. */
  log(): readonly FaultRecord[];
}

/** Puts faults before the doors of a server. */
export class FaultDesk implements FaultControl {
  readonly #injector: FaultInjector;
  readonly #venue: VenueFaults;
  readonly #sockets: FaultySockets;
  readonly #tools: FaultTools;
  #lifted = new AbortController();

  constructor({ model, clock, originHeaders, hooks, streamsInUrl, accountOf }: FaultDeskOptions) {
    const nowUs = (): number => model.nowUs();
    this.#injector = new FaultInjector(DEFAULT_SEED, nowUs);
    this.#venue = new VenueFaults(this.#injector, model, {
      ...hooks,
      closeAll: () => this.#sockets.closeAll(GOING_AWAY, 'maintenance'),
    });
    this.#tools = {
      injector: this.#injector,
      clock,
      pause: (delayMs) => clock.sleep(delayMs, this.#lifted.signal),
      fills: new AwkwardFills(model.trading, nowUs, accountOf),
      closed: () => this.#venue.closed(),
      originHeaders,
      streamsInUrl,
    };
    this.#sockets = new FaultySockets(this.#tools);
  }

  get seed(): number {
    return this.#injector.seed;
  }

  /** The number for the id of the next rule that has none. */
  get nextOrdinal(): number {
    return this.#injector.nextOrdinal;
  }

  /** Log entries that made room for newer ones. */
  get logForgotten(): number {
    return this.#injector.log.forgotten;
  }

  wrapRoute(route: HttpRoute): HttpRoute {
    return faultyRoute(route, this.#tools);
  }

  wrapSocket(route: WebSocketRoute): WebSocketRoute {
    return this.#sockets.wrap(route);
  }

  /** By how much the time that clients are told is ahead of the venue's. */
  driftUs(): number {
    return this.#venue.driftUs();
  }

  load(plan: FaultPlan): Result<null> {
    for (const rule of plan.rules) {
      const known = this.#checkSymbols(rule);
      if (!known.ok) return known;
    }
    this.clear();
    for (const armed of this.#injector.load(plan)) this.#schedule(armed);
    return ok(null);
  }

  add(rule: FaultRule): Result<string> {
    const known = this.#checkSymbols(rule);
    if (!known.ok) return known;
    const armed = this.#injector.add(rule);
    if (!armed.ok) return armed;
    this.#schedule(armed.value);
    return ok(rule.id);
  }

  #checkSymbols({ id, fault }: FaultRule): Result<null> {
    const unknown = this.#venue.unknownSymbols(fault);
    return unknown.length === 0
      ? ok(null)
      : err('fault_plan_invalid', `rule '${id}': ${unknown.join(', ').slice(0, 200)} is not traded here`);
  }

  #schedule(armed: ArmedRule): void {
    const { fault } = armed.rule;
    this.#venue.schedule(armed);
    if ((fault.kind === 'cut-connection' || fault.kind === 'freeze-connection') && fault.moment === 'now')
      this.#venue.at(armed.fromUs, () => this.#sockets.strikeOpen(armed));
  }

  clear(): void {
    this.#injector.disarm();
    this.#lifted.abort();
    this.#lifted = new AbortController();
    this.#venue.lift();
    this.#sockets.release();
  }

  rules(): readonly RuleState[] {
    return this.#injector.armed.map(({ rule, fromUs, untilUs, matches, strikes }) => ({
      id: rule.id,
      rule: rule.source,
      fromMs: Math.floor(fromUs / US_PER_MS),
      untilMs: Number.isFinite(untilUs) ? Math.floor(untilUs / US_PER_MS) : null,
      matches,
      strikes,
    }));
  }

  log(): readonly FaultRecord[] {
    return this.#injector.log.records();
  }
}
