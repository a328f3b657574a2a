export * from './backtest/backtest.ts';
export * from './backtest/longer-bars.ts';
export type * from './backtest/outcome.ts';
export * from './tape/run-lines.ts';
export * from './tape/run-tape.ts';
export * from './tape/tape-run.ts';
