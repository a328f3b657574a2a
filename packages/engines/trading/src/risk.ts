/** What refuses, limits and sizes: the rooms of `risk/`, as the rest of the engine knows them. */
export type { SizingConfig } from './risk/allocation.ts';
export { isTimeZone, type DayBoundary } from './risk/day.ts';
export { UNLIMITED, type Lock, type ProtectionConfig, type RiskLimits, type StrategyLimits } from './risk/limits.ts';
export { RiskDesk, type EntryTerms } from './risk/risk-desk.ts';
export type { Assessment, OrderDenied, RiskApproved } from './risk/rules.ts';
