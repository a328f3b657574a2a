export { foreignTradeOf } from './account-desk.ts';
export type { CurveLine, CurvePen } from './closes/closes-parts.ts';
export type { EquitySample, RoundTrip } from './book-records.ts';
export { netOf } from './fees.ts';
export { positionKey } from './position.ts';
export { END_TAG } from './exit-cause.ts';
export { splitFill, type EndedTrip } from './round-trip.ts';
export { BookRhythm } from './book-rhythm.ts';
export type { AlgoBegun } from './algo-desk.ts';
export type { ExitPlan, PlannedProfit, PlannedStop } from './exit-plan.ts';
export { SHIPPED_STRATEGIES } from './strategies/index.ts';
export { emaCross } from './strategies/ema-cross.ts';
export * from './input-codec.ts';
export { MANUAL, type KernelAction } from './kernel-action.ts';
export { knownUntilUs } from './kernel-state.ts';
export * from './journal-replay.ts';
export { ALL_RECORDS, type KeptRecords } from './kept-records.ts';
export * from './kernel.ts';
export * from './life-record.ts';
export type * from './kernel-types.ts';
export { isKernelOrderId, isProtectiveOrderId } from './order-ids.ts';
export { TRANSITIONS } from './order-state.ts';
export * from './parameters.ts';
export * from './performance.ts';
export { PROFIT_TAG, type Protection } from './protection.ts';
export * from './reconcile.ts';
export type * from './records.ts';
export * from './slippage.ts';
export type { SlippageView } from './slippage-book.ts';
export { LONG_ONLY, RULE_NAMES, TRADES_MAX, UNLIMITED } from './risk.ts';
export type {
  Lock,
  OrderDenied,
  ProtectionConfig,
  RiskApproved,
  RiskLimits,
  RiskReport,
  RuleName,
  SizingConfig,
  StrategyLimits,
} from './risk.ts';
export * from './strategy.ts';
export * from './ticks.ts';
export { describeFailure, type StrategyFailure } from './strategy/failure.ts';
export { barsNotCollected, needsOf, parseParameters, validateStrategy } from './strategy/validate.ts';
export type * from './strategy/vocabulary.ts';
export type { StrategyView, StrategyWindow } from './strategy/view.ts';
export type { GateCause, GateOwner, GateState } from './trading-gate.ts';
export type { TwapState, TwapWish } from './twap.ts';
