export * from './judgement.ts';
export * from './net-of-costs.ts';
export * from './signals.ts';
