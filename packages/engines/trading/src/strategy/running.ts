import { err, expectOk, type InstrumentId, type Interval, type Result, type StrategyId } from '@monsta/core';
import type { AnyParameterValues } from '../parameters.ts';
import type { KernelConfig } from '../kernel-types.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import { targetDraft, writeTarget } from './asks.ts';
import { BarOutcome, type StrategyOutcome } from './bar-outcome.ts';
import { SlotContext, type StrategySight } from './context.ts';
import { describeFailure, type StrategyFailure } from './failure.ts';
import { bytesOf, STATE_BYTES_MAX } from './plain-state.ts';
import { StrategySlot, type Hands } from './slot.ts';
import type { StrategyHandler } from '../strategy-watch.ts';
import { barsForSizing, LONG_ONLY, type SizingConfig } from '../risk.ts';
import { barsNotCollected, needsOf, parseParameters, type StrategyNeeds } from './validate.ts';
import type { StrategyContext, TargetOptions } from './vocabulary.ts';
import type { StrategyWish } from './wish.ts';

const NO_WISHES: readonly StrategyWish[] = [];

/** How many things a handler may ask for at a time. */
const WISHES_MAX = 1_000;

/** One strategy over all its instruments, with the values in force. */
export class RunningStrategy {
  readonly strategy: ConfiguredStrategy;
  readonly slots: readonly StrategySlot[];
  readonly #contexts: ReadonlyMap<string, SlotContext>;
  /** Windows hold the bars that sizes follow from, too. */
  readonly #sizing: SizingConfig | undefined;
  readonly #ready: (slot: StrategySlot) => boolean;
  readonly #joinsGaps: boolean;
  readonly #hands: Hands = { on: false };
  readonly #longOnly: boolean;
  readonly #calls: Float64Array;
  readonly #intervals: readonly Interval[] | undefined;
  #parameters: AnyParameterValues;
  #wishes: StrategyWish[] | null = null;
  readonly #bar = new BarOutcome();
  /** How it failed; null while it does not have to be started again. */
  failure: StrategyFailure | null = null;

  /** A strategy whose own code throws here has failed from the start. `calls`: its first number counts calls of handlers. */
  constructor(
    strategy: ConfiguredStrategy,
    sight: StrategySight,
    ready: (slot: StrategySlot) => boolean,
    {
      sizing,
      joinsGaps = false,
      short = null,
      intervals,
    }: Pick<KernelConfig, 'sizing' | 'joinsGaps' | 'short' | 'intervals'>,
    calls: Float64Array = new Float64Array(1),
  ) {
    this.#calls = calls;
    this.#joinsGaps = joinsGaps;
    this.#longOnly = short === null;
    this.#intervals = intervals;
    this.strategy = strategy;
    this.#sizing = strategy.sizing ?? sizing;
    this.#parameters = strategy.parameters;
    this.#ready = ready;
    this.slots = strategy.instruments.map((instrument) => new StrategySlot(strategy, instrument, this.#hands));
    this.#contexts = new Map(this.slots.map((slot) => [slot.instrument, new SlotContext(slot, this, sight)]));
    try {
      if (this.#asksForShorts(strategy.parameters)) throw new RangeError(LONG_ONLY);
      this.#rebuild(expectOk(needsOf(strategy.definition, strategy.parameters)));
      for (const slot of this.slots) slot.setState(strategy.definition.state?.(strategy.parameters) ?? {});
    } catch (thrown) {
      this.failure = describeFailure(thrown);
    }
  }

  get parameters(): AnyParameterValues {
    return this.#parameters;
  }

  get stateful(): boolean {
    return this.strategy.definition.state !== undefined;
  }

  handles(handler: StrategyHandler): boolean {
    return this.strategy.definition[handler] !== undefined;
  }

  contextOf(instrument: string): StrategyContext | null | undefined {
    const context = this.#contexts.get(instrument);
    const slot = this.slots.find((each) => each.instrument === instrument);
    if (context === undefined || slot === undefined) return undefined;
    return this.#ready(slot) ? context : null;
  }

  ask(wish: StrategyWish): void {
    const wishes = this.#wishes;
    if (wishes === null) throw new TypeError('a strategy can ask for something only while it is being called');
    const before = wishes === this.#bar.others && this.#bar.target !== null ? 1 : 0;
    if (before + wishes.length >= WISHES_MAX) throw new RangeError(`more than ${WISHES_MAX} things asked for at once`);
    wishes.push(wish);
  }

  askTarget(instrument: InstrumentId, fraction: number, options: TargetOptions, call: string): void {
    const bar = this.#bar;
    const draft = this.#wishes === bar.others ? bar.draft(instrument) : null;
    if (draft === null) this.ask(writeTarget(targetDraft(instrument), instrument, fraction, options, call));
    else bar.target = writeTarget(draft, instrument, fraction, options, call);
  }

  /** Other values: what was remembered stays, the bars are gathered anew. Faults as of `parseParameters`; nothing changes then. */
  setParameters(given: unknown): Result<AnyParameterValues> {
    const values = parseParameters(this.strategy.definition, given);
    if (!values.ok) return values;
    if (this.#asksForShorts(values.value)) return err('parameters_invalid', LONG_ONLY);
    const needs = needsOf(this.strategy.definition, values.value);
    if (!needs.ok) return needs;
    const uncollected = [...needs.value.bars.keys()].filter((each) => this.#intervals?.includes(each) === false);
    if (uncollected.length > 0) return err('parameters_invalid', barsNotCollected(uncollected));
    this.#parameters = values.value;
    this.#rebuild(needs.value);
    return values;
  }

  #asksForShorts(parameters: AnyParameterValues): boolean {
    return this.#longOnly && (this.strategy.definition.shorts?.(parameters) ?? false);
  }

  /** After a failure, or a restart of the strategy by a person: `onStart` is called again. */
  begin(): void {
    this.failure = null;
    for (const slot of this.slots) slot.started = false;
  }

  /**
   * Calls a handler. A throw asks for nothing and leaves the state as it was; so does an asynchronous answer, which would come when everything has long been decided. `changed`
   * is true when the strategy remembers something else than before.
   */
  call(slot: StrategySlot, handler: StrategyHandler, ...rest: readonly unknown[]): StrategyOutcome {
    const { definition } = this.strategy;
    const context = this.#contexts.get(slot.instrument);
    const wishes: StrategyWish[] = [];
    this.#calls[0] = (this.#calls[0] as number) + 1;
    this.#wishes = wishes;
    try {
      const run = definition[handler] as ((...given: readonly unknown[]) => unknown) | undefined;
      const answer = run?.call(definition, context, ...rest);
      refuseLater(answer, handler);
      return { wishes, failure: null, changed: this.#keepStates() };
    } catch (thrown) {
      return this.#failed(thrown);
    } finally {
      this.#wishes = null;
      this.#release();
    }
  }

  /** The context of a slot of its own. */
  contextIn(slot: StrategySlot): StrategyContext | undefined {
    return this.#contexts.get(slot.instrument);
  }

  /** `call` of `onBar`, which comes at each close. What came of it is good until the next call, but for `wishes`. */
  callBar(context: StrategyContext | undefined): BarOutcome {
    const { definition } = this.strategy;
    const outcome = this.#bar;
    const calls = this.#calls;
    calls[0] = (calls[0] as number) + 1;
    outcome.begin();
    this.#wishes = outcome.others;
    try {
      const answer: unknown = definition.onBar?.(context as StrategyContext);
      if (answer !== undefined) refuseLater(answer, 'onBar');
      this.#wishes = null;
      if (this.#hands.on) {
        outcome.changed = this.#keepStates();
        this.#release();
      }
    } catch (thrown) {
      this.#wishes = null;
      outcome.begin();
      outcome.failure = this.#failed(thrown).failure;
      this.#release();
    }
    return outcome;
  }

  #release(): void {
    this.#hands.on = false;
    for (const slot of this.slots) slot.release();
  }

  #failed(thrown: unknown): StrategyOutcome {
    for (const each of this.slots) each.dropState();
    this.failure = describeFailure(thrown);
    return { wishes: NO_WISHES, failure: this.failure, changed: false };
  }

  #keepStates(): boolean {
    const texts = this.slots.map((slot) => slot.changedState());
    if (texts.every((text) => text === null)) return false;
    if (!this.stateful) throw new TypeError('state() is missing: without it nothing is remembered');
    const bytes = this.slots.reduce((sum, { stateText }, index) => sum + bytesOf(texts[index] ?? stateText), 0);
    if (bytes > STATE_BYTES_MAX)
      throw new TypeError(`its state is ${bytes} bytes long as JSON; at most ${STATE_BYTES_MAX} are kept`);
    for (const [index, text] of texts.entries()) if (text !== null) this.slots[index]?.keepState(text);
    return true;
  }

  #rebuild(needs: StrategyNeeds): void {
    const bars = new Map(needs.bars);
    const [main] = bars.keys();
    if (main !== undefined && this.#sizing !== undefined)
      bars.set(main, Math.max(bars.get(main) ?? 1, barsForSizing(this.#sizing)));
    for (const slot of this.slots) slot.rebuild({ ...needs, bars }, this.#joinsGaps);
  }
}

/** What is asked for has to be known when a handler returns. */
function refuseLater(answer: unknown, handler: StrategyHandler): void {
  if (!(answer instanceof Promise)) return;
  // Nobody waits for it: left alone, its rejection would end the process.
  answer.catch(() => undefined);
  throw new TypeError(`${handler} must not be async: what it asks for has to be known when it returns`);
}

/** Fault `not_found` naming those there are. */
export function unknownStrategy(id: StrategyId, runs: readonly RunningStrategy[]): Result<never> {
  const known = runs.map(({ strategy }) => strategy.id).join(', ');
  return err('not_found', `no strategy is called ${id}; there are ${known === '' ? 'none' : known}`);
}
