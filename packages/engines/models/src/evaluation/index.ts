export type { ConformalScore } from './conformal.ts';
export type { DirectionScore, DirectionSkill } from './direction-score.ts';
export * from './evaluate-direction.ts';
export { evaluateReturnSteps, type ReturnEvaluation } from './evaluate-return.ts';
export { levelOfLook, type Judged, type Judgement } from './judgement.ts';
export type { NetOfCosts, NetResult, TradingCosts } from './net-of-costs.ts';
export type { ReturnScore, ReturnSkill } from './return-score.ts';
export { directionNetSteps, judgedNet, mayVote, ROUND_TRIPS_MIN } from './signals.ts';
