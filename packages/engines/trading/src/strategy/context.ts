import { msFromUs, type InstrumentId, type Interval, type TimestampUs } from '@monsta/core';
import type { AnyParameterValues } from '../parameters.ts';
import {
  bracketWish,
  checkFraction,
  closeWish,
  logWish,
  nameOf,
  ocoWish,
  orderWish,
  protectWish,
  timerWish,
  twapWish,
} from './asks.ts';
import type { StrategySlot } from './slot.ts';
import type {
  BracketAsk,
  CloseOptions,
  ExitAsk,
  IndicatorValues,
  Indicators,
  OcoAsk,
  OrderAsk,
  StrategyBar,
  StrategyContext,
  StrategyOrder,
  StrategyPosition,
  StrategyPrediction,
  TargetOptions,
  TwapAsk,
} from './vocabulary.ts';
import type { StrategyWish } from './wish.ts';

const NO_OPTIONS: TargetOptions = {};

function noBars(): never {
  throw new RangeError('this strategy asks for no bars: its intervals() is empty');
}

/** The kernel as strategies see it. */
export interface StrategySight {
  nowUs(): TimestampUs;
  position(slot: StrategySlot): StrategyPosition;
  orders(slot: StrategySlot): readonly StrategyOrder[];
  account(): StrategyContext['account'];
  quote(instrument: InstrumentId): StrategyContext['quote'];
  slippage(slot: StrategySlot): StrategyContext['slippage'];
  predictions(instrument: InstrumentId): readonly StrategyPrediction[];
}

/** The strategy behind a context. */
export interface StrategyOwner {
  readonly parameters: AnyParameterValues;
  /** The context of another of its instruments; undefined for one that it does not run on. */
  contextOf(instrument: string): StrategyContext | null | undefined;
  /** Throws outside of a handler. */
  ask(wish: StrategyWish): void;
  /** The same for a target. */
  askTarget(instrument: InstrumentId, fraction: number, options: TargetOptions, call: string): void;
}

/** One for each strategy and instrument, for as long as it lives: everything is read when it is looked at. Its methods need no `this`. */
export class SlotContext implements StrategyContext {
  readonly #slot: StrategySlot;
  readonly #owner: StrategyOwner;
  readonly #sight: StrategySight;
  readonly instrument: InstrumentId;
  readonly instruments: readonly InstrumentId[];

  constructor(slot: StrategySlot, owner: StrategyOwner, sight: StrategySight) {
    this.#slot = slot;
    this.#owner = owner;
    this.#sight = sight;
    this.instrument = slot.instrument;
    this.instruments = slot.strategy.instruments;
  }

  get nowMs(): number {
    return msFromUs(this.#sight.nowUs());
  }

  get parameters(): StrategyContext['parameters'] {
    return this.#owner.parameters;
  }

  get interval(): Interval {
    const { interval } = this.#slot;
    return interval ?? noBars();
  }

  get bars(): readonly StrategyBar[] {
    return this.barsOf(this.interval);
  }

  get bar(): StrategyBar {
    return (this.#slot.main ?? noBars()).newest;
  }

  readonly barsOf = (interval: Interval): readonly StrategyBar[] => {
    const window = this.#slot.windows.get(interval);
    if (window === undefined) throw new RangeError(`barsOf: ${interval} is not among what intervals() returns`);
    return window.bars;
  };

  get indicators(): IndicatorValues<Indicators> {
    return this.#slot.indicators;
  }

  get position(): StrategyPosition {
    return this.#sight.position(this.#slot);
  }

  get orders(): readonly StrategyOrder[] {
    return this.#sight.orders(this.#slot);
  }

  get account(): StrategyContext['account'] {
    return this.#sight.account();
  }

  get quote(): StrategyContext['quote'] {
    return this.#sight.quote(this.instrument);
  }

  get slippage(): StrategyContext['slippage'] {
    return this.#sight.slippage(this.#slot);
  }

  get predictions(): readonly StrategyPrediction[] {
    return this.#sight.predictions(this.instrument);
  }

  get state(): object {
    return this.#slot.state;
  }

  readonly of = (instrument: string): StrategyContext | null => {
    const context = this.#owner.contextOf(instrument);
    if (context !== undefined) return context;
    throw new RangeError(`of: it does not run on ${instrument}; it runs on ${this.instruments.join(', ')}`);
  };

  readonly setTarget = (fraction: number, options: TargetOptions = NO_OPTIONS): void =>
    this.#owner.askTarget(this.instrument, fraction, options, 'setTarget');

  readonly buy = (fraction = 1, options: TargetOptions = NO_OPTIONS): void => {
    checkFraction(fraction, 'buy');
    const target = fraction === 1 ? 1 : Math.min(1, this.#held() + fraction);
    this.#owner.askTarget(this.instrument, target, options, 'buy');
  };

  readonly sell = (fraction = 1, options: TargetOptions = NO_OPTIONS): void => {
    checkFraction(fraction, 'sell');
    const held = this.#isShort() ? this.#held() : null;
    const target = held ?? (fraction === 1 ? 0 : Math.max(0, this.#held() - fraction));
    this.#owner.askTarget(this.instrument, target, options, 'sell');
  };

  readonly short = (fraction = 1, options: TargetOptions = {}): void => {
    checkFraction(fraction, 'short');
    const target = fraction === 1 ? -1 : Math.max(-1, this.#held() - fraction);
    this.#owner.askTarget(this.instrument, target, options, 'short');
  };

  readonly cover = (fraction = 1, options: TargetOptions = {}): void => {
    checkFraction(fraction, 'cover');
    const held = this.#isShort() ? null : this.#held();
    const target = held ?? (fraction === 1 ? 0 : Math.min(0, this.#held() + fraction));
    this.#owner.askTarget(this.instrument, target, options, 'cover');
  };

  readonly close = (options: CloseOptions = {}): void => this.#owner.ask(closeWish(this.instrument, options));
  readonly order = (ask: OrderAsk): void => this.#owner.ask(orderWish(this.instrument, ask));
  readonly bracket = (ask: BracketAsk): void => this.#owner.ask(bracketWish(this.instrument, ask));
  readonly oco = (ask: OcoAsk): void => this.#owner.ask(ocoWish(this.instrument, ask));
  readonly twap = (ask: TwapAsk): void => this.#owner.ask(twapWish(this.instrument, ask));

  readonly protect = (plan: ExitAsk | null): void => this.#owner.ask(protectWish(this.instrument, plan));

  readonly cancel = (tag: string): void =>
    this.#owner.ask({ kind: 'cancel', instrument: this.instrument, tag: nameOf(tag, 'cancel', 'the tag') });

  readonly cancelAll = (): void => this.#owner.ask({ kind: 'cancel-all', instrument: this.instrument });

  readonly setTimer = (name: string, when: { readonly afterMs?: number; readonly everyMs?: number }): void =>
    this.#owner.ask(timerWish(this.instrument, name, when));

  readonly cancelTimer = (name: string): void =>
    this.#owner.ask({
      kind: 'cancel-timer',
      instrument: this.instrument,
      name: nameOf(name, 'cancelTimer', 'the name'),
    });

  readonly log = (text: string): void => this.#owner.ask(logWish(this.instrument, text));

  #isShort(): boolean {
    return this.position.quantity < 0;
  }

  #held(): number {
    const { fraction } = this.position;
    if (fraction === null) throw new RangeError('how much is held is unknown while a price is missing');
    return fraction;
  }
}
