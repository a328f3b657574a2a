/** What a strategy file imports: `import { defineStrategy } from 'monsta'`. */
export {
  defineStrategy,
  type ParameterSpecs,
  type ParameterValues,
  type StrategyBar,
  type StrategyContext,
  type StrategyDefinition,
  type StrategyPosition,
  type StrategyPrediction,
} from '@monsta/trading';
