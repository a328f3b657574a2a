/** What a strategy may be called with. */
export const STRATEGY_HANDLERS = [
  'onStart',
  'onBar',
  'onTrade',
  'onBook',
  'onPrediction',
  'onFill',
  'onOrder',
  'onTimer',
] as const;
export type StrategyHandler = (typeof STRATEGY_HANDLERS)[number];

/** All calls of a strategy's code: `setup` stands for what is asked of it before and between, by its values: `intervals`, `indicators`, `warmUpBars`, `state`, `validate`. */
export const STRATEGY_CALLS = [...STRATEGY_HANDLERS, 'setup'] as const;
export type StrategyCall = (typeof STRATEGY_CALLS)[number];

/**
 * Sees each call of a strategy begin and end, so that one that never returns can be ended from outside: the kernel is synchronous and can't do it itself. `enter` may throw,
 * and what it throws leaves the kernel: a replay ends so where a run was cut off. Called outside of what catches a strategy's own throws.
 */
export interface StrategyWatch {
  /** `strategyIndex`: its place among the strategies that the kernel was made with. */
  enter(strategyIndex: number, call: StrategyCall): void;
  leave(): void;
  /** Its first number becomes one more with each call of a handler, which costs next to nothing: another thread sees by it that a strategy still returns. */
  readonly calls?: Float64Array;
}

/** For engines whose caller waits as long as it takes. */
export const UNWATCHED: StrategyWatch = { enter: () => undefined, leave: () => undefined };

/** True where somebody hears of the calls themselves, beyond their number. */
export const hearsCalls = (watch: StrategyWatch): boolean => watch.enter !== UNWATCHED.enter;
