import {
  msFromUs,
  ok,
  timestampUs,
  type Bar,
  type BookSnapshot,
  type Instrument,
  type InstrumentId,
  type Result,
  type StrategyId,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { keepsDecisionOn } from './kept-records.ts';
import type { KernelInput, KernelOutput, KernelPrediction } from './kernel-types.ts';
import type { Decided, StrategyRecord } from './records.ts';
import { carryOut, carryOutHeld, exits, goOnClosing } from './strategy/carry-out.ts';
import {
  asksForMore,
  decisionOf,
  hindranceOf,
  verdict,
  verdictOn,
  type Occasion,
  type Verdict,
} from './strategy/decisions.ts';
import { placeOf, type StrategyFailure } from './strategy/failure.ts';
import { Hearing } from './strategy/hearing.ts';
import { RINGS_MAX, TOLD_WHILE_PAUSED, WAIT_US, type StrategyDeskParts } from './strategy/desk-parts.ts';
import { Places, type Place } from './strategy/places.ts';
import { FAILED, recoverStrategy, strategyRecord } from './strategy/records.ts';
import { RunningStrategy, unknownStrategy } from './strategy/running.ts';
import type { StrategyOutcome } from './strategy/bar-outcome.ts';
import { bookSight, KernelSight, tradeSight } from './strategy/sight.ts';
import type { Notice, StrategySlot, StrategyWindow } from './strategy/slot.ts';
import { viewOf, windowsOf, type StrategyView } from './strategy/view.ts';
import type { StrategyPrediction } from './strategy/vocabulary.ts';
import type { ConfiguredStrategy } from './strategy.ts';
import type { StrategyCall, StrategyHandler, StrategyWatch } from './strategy-watch.ts';
import { SEVERITY, type GateState, type TradingGate } from './trading-gate.ts';

const NO_PREDICTIONS: readonly StrategyPrediction[] = [];

/** Brings what happens before the strategies, and what they ask for to risk and execution. */
export class StrategyDesk {
  readonly #parts: StrategyDeskParts;
  readonly #watch: StrategyWatch;
  readonly places: Places;
  readonly #predictions = new Map<InstrumentId, Map<string, StrategyPrediction>>();
  readonly #hearing = new Hearing((id, instrument, handler) => this.places.slotOf(id, instrument, handler));
  /** False where no strategy wants to know of orders and fills. */
  readonly #isHeard: boolean;
  /** Strategies of which something has to be recorded with this input. */
  readonly #moved = new Set<RunningStrategy>();
  /** The newest time that they know of. */
  nowUs: TimestampUs = timestampUs(0);
  /** When the strategies have to be looked at again, whatever happens; null: only when something happens. */
  #dueUs: number | null = 0;

  constructor(parts: StrategyDeskParts, strategies: readonly ConfiguredStrategy[], watch: StrategyWatch) {
    this.#parts = parts;
    this.#watch = watch;
    const sight = new KernelSight(parts, this);
    const ready = (slot: StrategySlot): boolean => this.#isReady(slot);
    const runs = strategies.map((strategy, index) =>
      this.#watched(index, 'setup', () => new RunningStrategy(strategy, sight, ready, parts.config, watch.calls)),
    );
    this.places = new Places(runs);
    this.#isHeard = runs.some((run) => run.handles('onOrder') || run.handles('onFill'));
  }

  /** What each strategy watches, and how full it is. */
  get windows(): readonly StrategyWindow[] {
    return this.places.runs.flatMap(windowsOf);
  }

  views(): readonly StrategyView[] {
    return this.places.runs.map((run) => viewOf(run, this.#gateOf(run)));
  }

  /** When the strategies have to be looked at next though nothing happens; Infinity: not by time. */
  get dueUs(): number {
    return this.#dueUs ?? Infinity;
  }

  /** Decides a bar whose window has it already, as after `onClosedBar`. Null: the one that is pending. */
  decide(place: Place, bar: Bar | null): void {
    if (bar !== null) place.slot.pending = { bar, sinceUs: this.nowUs };
    this.#dueUs = 0;
    this.#decidePending(place);
  }

  /** What came of `onBar` at the close of a bar that began at `openMs`. */
  answerBar({ run, slot }: Place, openMs: number, outcome: StrategyOutcome): void {
    const predictions = this.predictionsOf(slot.instrument);
    this.#answer(run, 'onBar', { slot, key: openMs, tsEventUs: this.nowUs, predictions }, outcome);
  }

  /** Goes on from what the ledger holds. */
  recover(decided: readonly Decided[], records: readonly StrategyRecord[], nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    for (const run of this.places.runs) {
      for (const slot of run.slots) {
        const last = decided.find((each) => each.strategyId === run.strategy.id && each.instrument === slot.instrument);
        slot.decidedUs = last?.tsUs ?? slot.decidedUs;
      }
      const record = records.find(({ strategyId }) => strategyId === run.strategy.id);
      if (record !== undefined) {
        const said = this.#recoverOne(run, record);
        if (said !== null) this.#note('warn', 'strategy_recovered', said);
      }
      if (run.failure !== null && !this.#gateOf(run).has(FAILED)) this.#stop(run, run.failure, 'threw');
      this.#moved.add(run);
    }
  }

  warmUp(bars: readonly Bar[]): void {
    this.#dueUs = 0;
    for (const { slot } of this.places.all) {
      const instrument = this.#parts.markets.instrument(slot.instrument);
      if (instrument !== null) slot.merge(bars, instrument);
    }
  }

  onClosedBar(bar: Bar, instrument: Instrument, nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    const places = this.places.of(bar.instrument);
    for (const { slot } of places) if (slot.push(bar, instrument, nowUs)) this.#dueUs = 0;
    for (const place of places) this.#decidePending(place);
  }

  onTrade(trade: TradeTick, nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    for (const place of this.places.hearing('onTrade', trade.instrument))
      this.#tell(place, 'onTrade', `trade:${trade.tradeId}`, trade.tsEventUs, (known) => tradeSight(trade, known));
  }

  onBook(book: BookSnapshot, nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    for (const place of this.places.hearing('onBook', book.instrument))
      this.#tell(place, 'onBook', `book:${book.lastUpdateId}`, book.tsEventUs, (known) => bookSight(book, known));
  }

  onPrediction({ instrument, ...said }: KernelPrediction, nowUs: TimestampUs, open: boolean): void {
    this.nowUs = nowUs;
    const known = this.#predictions.get(instrument) ?? new Map<string, StrategyPrediction>();
    const name = `${said.model}:${said.interval}:${said.horizonMs}`;
    known.set(name, said);
    this.#predictions.set(instrument, known);
    if (!open) return;
    for (const place of this.places.of(instrument)) {
      this.#tell(place, 'onPrediction', `prediction:${name}:${said.timeMs}:${nowUs}`, nowUs, () => said);
    }
  }

  /** Hears what the kernel records; the strategies are told when the input is settled. */
  heard(output: KernelOutput): void {
    const toBeTold = this.#isHeard && this.#hearing.heard(output);
    // The rest of a `close` waits for what becomes of orders.
    if (toBeTold || (output.kind === 'order' && this.places.closing)) this.#dueUs = 0;
  }

  /** What follows every input: what the venue did is told, what has become ready is started, timers ring, and what moved is recorded. */
  settle(nowUs: TimestampUs, kind: KernelInput['kind'], open: boolean): void {
    this.nowUs = nowUs;
    const due = this.#dueUs !== null && nowUs >= this.#dueUs;
    if (due) {
      if (open && kind !== 'warm-up') {
        for (const place of this.places.all) this.#goOn(place);
        this.#ring();
        this.#dueUs = this.#nextUs();
      }
      for (const { run, slot } of this.places.all) if (slot.takeNoticesMoved()) this.#moved.add(run);
    }
    if (this.#moved.size === 0) return;
    for (const run of this.#parts.keeps.ledger ? this.#moved : []) {
      const { accountId } = this.#parts.config;
      this.#parts.emit({ kind: 'strategy', strategy: strategyRecord(run, this.#gateOf(run), accountId, nowUs) });
    }
    this.#moved.clear();
  }

  /** A strategy that was cut off from outside: it is asked no more. */
  fail(id: StrategyId, failure: StrategyFailure, nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    const run = this.places.runs.find(({ strategy }) => strategy.id === id);
    if (run === undefined) return;
    run.failure = failure;
    this.#stop(run, failure, 'did not return', 'strategy_stuck');
  }

  /** Something else has moved a strategy's gate: its record tells, and a stricter one takes off what it does not allow. */
  gateMoved(id: StrategyId, before: GateState, nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    const run = this.places.runs.find(({ strategy }) => strategy.id === id);
    if (run !== undefined) this.#onGate(run, before);
  }

  /** Pauses a strategy, lets it only reduce, or starts it again, also after a failure. Fault `not_found`. */
  setState(id: StrategyId, state: 'running' | 'reducing' | 'paused', reason: string, nowUs: TimestampUs): Result<null> {
    this.nowUs = nowUs;
    const run = this.places.runs.find(({ strategy }) => strategy.id === id);
    if (run === undefined) return unknownStrategy(id, this.places.runs);
    const gate = this.#gateOf(run);
    const before = gate.current();
    if (state === 'running') {
      gate.resume(reason, nowUs);
      if (run.failure !== null) run.begin();
    } else {
      const strictness = state === 'paused' ? 'HALTED' : 'REDUCING';
      gate.raise({ code: 'user', state: strictness, reason, by: 'user', sinceUs: nowUs, lasting: true });
    }
    this.#onGate(run, before);
    return ok(null);
  }

  /** Other values, in force until the configuration's own change. Bars are gathered anew. Faults `not_found`, and as of `parseParameters`. */
  setParameters(id: StrategyId, given: unknown, nowUs: TimestampUs): Result<null> {
    this.nowUs = nowUs;
    const run = this.places.runs.find(({ strategy }) => strategy.id === id);
    if (run === undefined) return unknownStrategy(id, this.places.runs);
    const taken = this.#watched(this.places.runs.indexOf(run), 'setup', () => run.setParameters(given));
    if (!taken.ok) return taken;
    this.#moved.add(run);
    this.#dueUs = 0;
    this.#note('info', 'strategy_parameters', `strategy ${id} runs with ${JSON.stringify(taken.value)} from now on`);
    return ok(null);
  }

  get state() {
    return {
      places: this.places.all.map(({ slot }) => slot.saved),
      runs: this.places.runs.map((run) => ({
        record: strategyRecord(run, this.#gateOf(run), this.#parts.config.accountId, this.nowUs),
        failure: run.failure,
      })),
      predictions: [...this.#predictions].map(([instrument, said]) => [instrument, [...said]] as const),
      nowUs: this.nowUs,
      dueUs: this.#dueUs,
    };
  }

  restore({ places, runs, predictions, nowUs, dueUs }: StrategyDesk['state']): void {
    for (const [index, run] of this.places.runs.entries()) {
      const saved = runs[index];
      if (saved === undefined) continue;
      // What does not last is in the gates' own state, which was restored before.
      const { state } = this.#parts.gates;
      this.#recoverOne(run, saved.record);
      this.#parts.gates.restore(state);
      run.failure = saved.failure;
    }
    for (const [index, { slot }] of this.places.all.entries()) {
      const saved = places[index];
      if (saved !== undefined) slot.restore(saved);
    }
    for (const [instrument, said] of predictions) this.#predictions.set(instrument, new Map(said));
    this.nowUs = nowUs;
    this.#dueUs = dueUs;
  }

  #recoverOne(run: RunningStrategy, record: StrategyRecord): string | null {
    return this.#watched(this.places.runs.indexOf(run), 'setup', () => recoverStrategy(run, this.#gateOf(run), record));
  }

  #gateOf({ strategy }: RunningStrategy): TradingGate {
    return this.#parts.gates.of(strategy.id);
  }

  predictionsOf(instrument: InstrumentId): readonly StrategyPrediction[] {
    const known = this.#predictions.get(instrument);
    return known === undefined ? NO_PREDICTIONS : [...known.values()];
  }

  #isReady(slot: StrategySlot): boolean {
    const { markets } = this.#parts;
    return slot.full && markets.instrument(slot.instrument) !== null && markets.state(slot.instrument).mark !== null;
  }

  #mayCall(run: RunningStrategy, handler: StrategyHandler): boolean {
    if (run.failure !== null) return false;
    return this.#gateOf(run).current().state !== 'HALTED' || TOLD_WHILE_PAUSED.has(handler);
  }

  /** True when the strategy may be called for this instrument now; begins it where it has not begun. */
  #begin(place: Place, handler: StrategyHandler): boolean {
    const { run, slot } = place;
    const allowed = (which: StrategyHandler): boolean => this.#mayCall(run, which);
    if (!allowed(handler) || !this.#isReady(slot)) return false;
    if (!slot.started) {
      if (!allowed('onStart')) return false;
      slot.started = true;
      this.#call(place, 'onStart', { slot, key: `start:${this.nowUs}`, tsEventUs: this.nowUs, predictions: [] });
    }
    for (let notice = slot.takeNotice(); notice !== null; notice = run.failure === null ? slot.takeNotice() : null)
      this.#callNotice(place, notice);
    return allowed(handler);
  }

  #callNotice(place: Place, notice: Notice): void {
    const { slot } = place;
    const occasion = { slot, tsEventUs: this.nowUs, predictions: [] };
    if (notice.kind === 'fill') {
      this.#call(place, 'onFill', { ...occasion, key: `fill:${notice.fill.id}` }, notice.fill);
    } else {
      const { id, status, filledQuantity } = notice.order;
      this.#call(place, 'onOrder', { ...occasion, key: `order:${id}:${status}:${filledQuantity}` }, notice.order);
    }
  }

  /** What became of a slot while nobody asked it: its bar has waited long enough, it has become ready, or the rest of a `close` is due. */
  #goOn(place: Place): void {
    const { run, slot } = place;
    this.#decidePending(place);
    this.#begin(place, 'onFill');
    if (slot.closing === null) return;
    if (this.#parts.markets.instrument(slot.instrument) === null) return;
    const { tag, reason } = slot.closing;
    const { over, carried } = goOnClosing(slot, this.nowUs, this.#parts);
    if (!over) return;
    slot.closing = null;
    this.#moved.add(run);
    if (carried === null) return;
    const occasion = { slot, key: `close:${this.nowUs}`, tsEventUs: this.nowUs, predictions: [] };
    const wish = { kind: 'close', instrument: slot.instrument, reason, confidence: null, tag } as const;
    this.#say(occasion, verdictOn([{ wish, ...carried }], slot.indicators));
  }

  #ring(): void {
    for (let rings = 0; rings < RINGS_MAX; rings += 1) {
      let first: Place | null = null;
      let firstUs = Number.POSITIVE_INFINITY;
      for (const place of this.places.all) {
        const nextUs = this.#ringsUs(place);
        if (nextUs !== null && nextUs <= this.nowUs && nextUs < firstUs) [first, firstUs] = [place, nextUs];
      }
      const timer = first?.slot.timers.take(this.nowUs) ?? null;
      if (first === null || timer === null) return;
      this.#moved.add(first.run);
      const { name, dueUs, everyUs } = timer;
      const told = { name, dueMs: dueUs / 1_000, everyMs: everyUs === null ? null : everyUs / 1_000 };
      const { slot } = first;
      const key = `timer:${name}:${dueUs}`;
      this.#call(first, 'onTimer', { slot, key, tsEventUs: this.nowUs, predictions: [] }, told);
    }
  }

  /** When the next timer of a place rings; null where none does for now. */
  #ringsUs(place: Place): number | null {
    const { nextUs } = place.slot.timers;
    return nextUs === null || (nextUs <= this.nowUs && !this.#begin(place, 'onTimer')) ? null : nextUs;
  }

  #nextUs(): number | null {
    let next: number | null = null;
    const earlier = (us: number): void => void (next = next === null || us < next ? us : next);
    for (const place of this.places.all) {
      const ringsUs = this.#ringsUs(place);
      if (ringsUs !== null) earlier(ringsUs);
      const { pending, started, full } = place.slot;
      if (pending !== null) earlier(pending.sinceUs + WAIT_US);
      // Any input may bring the first price.
      if (!started && full && this.#mayCall(place.run, 'onStart')) earlier(0);
    }
    return next;
  }

  /** Decides the bar that has closed, once the bars of the other intervals that closed with it are there. */
  #decidePending(place: Place): void {
    const { run, slot } = place;
    const { pending } = slot;
    if (pending === null || slot.interval === null) return;
    const { bar, sinceUs } = pending;
    const behind = run.failure === null && slot.full ? slot.behind(bar.closeTimeUs) : null;
    if (behind !== null && this.nowUs < sinceUs + WAIT_US) return;
    slot.pending = null;
    if (!run.handles('onBar')) return;
    const occasion: Occasion = {
      slot,
      key: msFromUs(bar.openTimeUs),
      tsEventUs: bar.closeTimeUs,
      predictions: this.predictionsOf(slot.instrument),
    };
    const hindrance = (): Verdict | null => {
      const gate = this.#gateOf(run).current();
      return hindranceOf(slot, bar, { failure: run.failure, gate, behind, nowUs: this.nowUs });
    };
    const hindered = hindrance();
    if (hindered !== null) this.#say(occasion, hindered);
    else if (this.#begin(place, 'onBar')) this.#call(place, 'onBar', occasion);
    // It failed as it began.
    else this.#say(occasion, hindrance() ?? verdict('warm_up', { reason: 'no price is known yet' }));
  }

  /** Calls a handler at an event of its instrument. */
  #tell(
    place: Place,
    handler: StrategyHandler,
    key: string,
    tsEventUs: TimestampUs,
    event: (instrument: Instrument) => unknown,
  ): void {
    const { run, slot } = place;
    const instrument = this.#parts.markets.instrument(slot.instrument);
    if (instrument === null || !run.handles(handler) || !this.#begin(place, handler)) return;
    const predictions = handler === 'onPrediction' ? this.predictionsOf(slot.instrument) : [];
    this.#call(place, handler, { slot, key, tsEventUs, predictions }, event(instrument));
  }

  /** Calls a handler and carries out what it asks for. A bar leaves a decision always, anything else where something was asked for. */
  #call({ run, slot }: Place, handler: StrategyHandler, occasion: Occasion, ...rest: readonly unknown[]): void {
    if (!run.handles(handler)) return;
    const outcome = this.#watched(this.places.runs.indexOf(run), handler, () => run.call(slot, handler, ...rest));
    this.#answer(run, handler, occasion, outcome);
  }

  #answer(run: RunningStrategy, handler: StrategyHandler, occasion: Occasion, outcome: StrategyOutcome): void {
    if (outcome.changed) this.#moved.add(run);
    const { failure } = outcome;
    if (failure !== null) {
      this.#say(occasion, verdict('error', { reason: `${handler} threw, and the strategy is stopped`, ...failure }));
      this.#stop(run, failure, 'threw');
      return;
    }
    this.#carryOut(run, handler, occasion, outcome);
  }

  #carryOut(run: RunningStrategy, handler: StrategyHandler, occasion: Occasion, { wishes }: StrategyOutcome): void {
    if (wishes.some(({ kind }) => kind === 'close' || kind === 'set-timer' || kind === 'cancel-timer')) {
      this.#dueUs = 0;
      this.#moved.add(run);
    }
    const isAlone = run.slots.length === 1;
    for (const slot of run.slots) {
      const own = isAlone ? wishes : wishes.filter(({ instrument }) => instrument === slot.instrument);
      const instrument = this.#parts.markets.instrument(slot.instrument);
      if (instrument === null) continue;
      const answered = carryOut(slot, own, instrument, this.nowUs, this.#parts);
      if (!keepsDecisionOn(answered, this.#parts.keeps)) continue;
      const always = handler === 'onBar' && slot === occasion.slot;
      if (always || asksForMore(own)) this.#say(occasion, verdictOn(answered, slot.indicators), slot.instrument);
    }
  }

  /** Prices have come: what waited for them is sized by them; `exits`: where something would make a position smaller. */
  sizeHeld(instruments: readonly InstrumentId[], what: 'exits' | 'all', nowUs: TimestampUs): void {
    this.nowUs = nowUs;
    const places = instruments.flatMap((id) => this.places.of(id));
    const leaving = what === 'all' ? places : places.filter(({ slot }) => exits(slot, nowUs, this.#parts));
    for (const { slot } of leaving) {
      const answered = carryOutHeld(slot, this.nowUs, this.#parts);
      if (answered !== null) this.#dueUs = 0;
      if (answered === null || !keepsDecisionOn(answered, this.#parts.keeps)) continue;
      const occasion = { slot, key: `open:${this.nowUs}`, tsEventUs: this.nowUs, predictions: [] };
      this.#say(occasion, verdictOn(answered, slot.indicators));
    }
  }

  /** Runs code of a strategy where it is seen from outside how long it takes. */
  #watched<T>(index: number, call: StrategyCall, run: () => T): T {
    this.#watch.enter(index, call);
    try {
      return run();
    } finally {
      this.#watch.leave();
    }
  }

  #say(occasion: Occasion, what: Verdict, instrument: InstrumentId = occasion.slot.instrument): void {
    const decision = decisionOf(occasion, this.#parts.config.accountId, what, instrument);
    this.#parts.emit({ kind: 'decision', decision });
  }

  /** A strategy that failed is held, alone, until a person starts it again; what protects its positions stays. */
  #stop(run: RunningStrategy, failure: StrategyFailure, what: string, code = 'strategy_threw'): void {
    const gate = this.#gateOf(run);
    const before = gate.current();
    const reason = `it ${what}${placeOf(failure)}: ${failure.message}`;
    gate.raise({ code: FAILED, state: 'HALTED', reason, by: 'system', sinceUs: this.nowUs, lasting: true });
    this.#onGate(run, before);
    this.#note('error', code, `strategy ${run.strategy.id}: ${reason}; it is stopped, the others go on`);
  }

  /** A stricter gate takes off the orders that it does not allow: what reduces a position stays. */
  #onGate(run: RunningStrategy, before: GateState): void {
    this.#moved.add(run);
    this.#dueUs = 0;
    if (SEVERITY[this.#gateOf(run).current().state] <= SEVERITY[before.state]) return;
    const { desk, portfolio } = this.#parts;
    for (const order of portfolio.workingOrders()) {
      if (order.strategyId === run.strategy.id && !order.reduceOnly) desk.cancel(order, this.nowUs);
    }
  }

  #note(level: 'info' | 'warn' | 'error', code: string, message: string): void {
    this.#parts.emit({ kind: 'note', level, code, message });
  }
}
