/** What the test of a strategy imports: `import { runStrategy } from 'monsta/testing'`. */
export type { TestBar, TestInstrument, TestPrediction, TestTrade } from './market.ts';
export { runStrategy, type StrategyRun, type StrategyTest } from './run-strategy.ts';
