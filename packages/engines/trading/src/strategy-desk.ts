import { err, ok } from '@monsta/core';
import type { Bar, Instrument, InstrumentId, Result, StrategyId, TimestampUs } from '@monsta/core';
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
import type { GateState } from './trading-gate.ts';
import type { AnyParameterValues } from './parameters.ts';

interface StrategyDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly gates: StrategyGates;
  readonly emit: Emit;
}

/** A strategy as it stands, for publication. */
export interface StrategyView {
  readonly strategy: ConfiguredStrategy;
  readonly status: 'running' | 'reducing' | 'paused' | 'failed';
  readonly gate: GateState;
  readonly parameters: AnyParameterValues;
  readonly windows: readonly StrategySlot[];
  readonly failure: StrategyFailure | null;
}

const STATUS = { ACTIVE: 'running', REDUCING: 'reducing', HALTED: 'paused' } as const;

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

  views(): readonly StrategyView[] {
    const strategies = new Set(this.#runner.slots.map(({ strategy }) => strategy));
    return [...strategies].map((strategy) => {
      const gate = this.#parts.gates.of(strategy.id).current();
      const failure = this.#runner.failureOf(strategy.id);
      return {
        strategy,
        status: failure === null ? STATUS[gate.state] : 'failed',
        gate,
        parameters: strategy.parameters,
        windows: this.#runner.slots.filter((slot) => slot.strategy === strategy),
        failure,
      };
    });
  }

  /** Pauses a strategy, lets it only reduce, or starts it again. Fault `not_found`. */
  setState(id: StrategyId, state: 'running' | 'reducing' | 'paused', reason: string, nowUs: TimestampUs): Result<null> {
    if (!this.views().some(({ strategy }) => strategy.id === id))
      return err('not_found', `no strategy is called '${id}'`);
    const { desk, gates, portfolio } = this.#parts;
    const gate = gates.of(id);
    if (state === 'running') {
      gate.resume(reason, nowUs);
      return ok(null);
    }
    const strictness = state === 'paused' ? 'HALTED' : 'REDUCING';
    gate.raise({ code: 'user', state: strictness, reason, by: 'user', sinceUs: nowUs, lasting: true });
    for (const order of portfolio.workingOrders())
      if (order.strategyId === id && !order.reduceOnly) desk.cancel(order, nowUs);
    return ok(null);
  }

  /** Other values for a strategy. Fault `not_ready`. */
  setParameters(id: StrategyId, _given: unknown, _nowUs: TimestampUs): Result<null> {
    return err('not_ready', `the parameters of '${id}' can't be changed while it runs yet`);
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
