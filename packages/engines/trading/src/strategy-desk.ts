import type { Bar, Instrument, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import { decide } from './decide.ts';
import type { Decided, KernelConfig, KernelPrediction } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Emit, OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { ConfiguredStrategy, StrategyFailure, StrategyPrediction } from './strategy.ts';
import { StrategyRunner, type StrategySlot } from './strategy-runner.ts';
import type { StrategyGates } from './strategy-gates.ts';
import type { StrategyWatch } from './strategy-watch.ts';

interface StrategyDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly gates: StrategyGates;
  readonly emit: Emit;
}

/** What became of a person's wish about a strategy. */
export type StrategyAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Brings what happens before the strategies, and what they ask for to risk and execution. */
export class StrategyDesk {
  readonly #parts: StrategyDeskParts;
  readonly #runner: StrategyRunner;
  readonly #predictions = new Map<InstrumentId, Map<string, StrategyPrediction>>();

  constructor(parts: StrategyDeskParts, strategies: readonly ConfiguredStrategy[], watch: StrategyWatch) {
    this.#parts = parts;
    this.#runner = new StrategyRunner(strategies, watch);
  }

  get slots(): readonly StrategySlot[] {
    return this.#runner.slots;
  }

  /** Of the configuration, in its order. */
  get ids(): readonly StrategyId[] {
    return [...new Set(this.#runner.slots.map(({ strategy }) => strategy.id))];
  }

  /** A person starts, pauses or reduces a strategy. Faults: `strategy_unknown`. */
  setState(
    id: StrategyId,
    state: 'running' | 'reducing' | 'paused',
    reason: string,
    nowUs: TimestampUs,
  ): StrategyAnswer {
    if (!this.ids.includes(id))
      return { ok: false, code: 'strategy_unknown', message: `no strategy is called '${id}'` };
    const { desk, gates, portfolio } = this.#parts;
    const gate = gates.of(id);
    if (state === 'running') {
      gate.resume(reason, nowUs);
      return { ok: true };
    }
    const stricter = state === 'paused' ? 'HALTED' : 'REDUCING';
    gate.raise({ code: 'user', state: stricter, reason, by: 'user', sinceUs: nowUs, lasting: true });
    for (const order of portfolio.workingOrders())
      if (order.strategyId === id && !order.reduceOnly) desk.cancel(order, nowUs);
    return { ok: true };
  }

  /** A person changes values of a strategy. Faults: `strategy_unknown`, `parameters_invalid`. */
  setParameters(id: StrategyId, _parameters: unknown, _actor: string, _nowUs: TimestampUs): StrategyAnswer {
    return { ok: false, code: 'not_ready', message: `the parameters of '${id}' can't be changed while it runs yet` };
  }

  recover(decided: readonly Decided[]): void {
    this.#runner.recover(decided);
  }

  warmUp(bars: readonly Bar[]): void {
    this.#runner.warmUp(bars, (id) => this.#parts.markets.instrument(id));
  }

  onClosedBar(bar: Bar, instrument: Instrument, nowUs: TimestampUs): void {
    const predictions = [...(this.#predictions.get(bar.instrument)?.values() ?? [])];
    for (const slot of this.#runner.take(bar, instrument)) {
      const failedBefore = this.#runner.failureOf(slot.strategy.id) !== null;
      const parts = { ...this.#parts, runner: this.#runner };
      const decision = decide(slot, bar, instrument, predictions, nowUs, parts);
      this.#parts.emit({ kind: 'decision', decision });
      if (!failedBefore) this.#reportFailure(slot.strategy.id, 'strategy_threw', 'threw');
    }
  }

  /** A strategy that was cut off from outside: it is asked no more. */
  fail(id: StrategyId, failure: StrategyFailure): void {
    this.#runner.fail(id, failure);
    this.#reportFailure(id, 'strategy_stuck', 'did not return');
  }

  onPrediction({ instrument, ...said }: KernelPrediction): void {
    const known = this.#predictions.get(instrument) ?? new Map<string, StrategyPrediction>();
    known.set(`${said.model}:${said.interval}:${said.horizonMs}`, said);
    this.#predictions.set(instrument, known);
  }

  get state() {
    return {
      runner: this.#runner.snapshot(),
      predictions: [...this.#predictions].map(([instrument, said]) => [instrument, [...said]] as const),
    };
  }

  restore({ runner, predictions }: StrategyDesk['state']): void {
    this.#runner.restore(runner);
    for (const [instrument, said] of predictions) this.#predictions.set(instrument, new Map(said));
  }

  #reportFailure(id: StrategyId, code: string, what: string): void {
    const failure = this.#runner.failureOf(id);
    if (failure === null) return;
    const place = failure.file === null ? '' : ` at ${failure.file}:${failure.line ?? '?'}`;
    const message = `strategy ${id} ${what}${place}: ${failure.message}; it is stopped, the others go on`;
    this.#parts.emit({ kind: 'note', level: 'error', code, message });
  }
}
