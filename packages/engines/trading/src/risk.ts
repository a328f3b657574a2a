/** What refuses, limits and sizes: the rooms of `risk/`, as the rest of the engine knows them. */
export { barsForSizing, type Allocation, type SizingConfig } from './risk/allocation.ts';
export {
  isDenied,
  LONG_ONLY,
  RULE_NAMES,
  type Assessment,
  type OrderDenied,
  type RiskApproved,
  type RuleName,
} from './risk/denial.ts';
export { TRADES_MAX } from './risk/closed-trades.ts';
export { UNLIMITED, type Lock, type ProtectionConfig, type RiskLimits, type StrategyLimits } from './risk/limits.ts';
export { RiskDesk, type RiskDeskState } from './risk/risk-desk.ts';
export type { EntryTerms } from './risk/order-view.ts';
export type { RiskReport } from './risk/risk-report.ts';
