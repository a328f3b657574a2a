import type { StrategyDefinition } from '../strategy.ts';
import { bollingerBreakout } from './bollinger-breakout.ts';
import { buyAndHold } from './buy-and-hold.ts';
import { dca } from './dca.ts';
import { emaCross } from './ema-cross.ts';
import { grid } from './grid.ts';
import { modelDriven } from './model-driven.ts';
import { rsiReversal } from './rsi-reversal.ts';
import { smaCross } from './sma-cross.ts';
import { volatilityTarget } from './volatility-target.ts';

/** The strategies that come with MONSTA. */
export const SHIPPED_STRATEGIES: readonly StrategyDefinition[] = [
  buyAndHold,
  smaCross,
  emaCross,
  rsiReversal,
  bollingerBreakout,
  grid,
  dca,
  volatilityTarget,
  modelDriven,
];
