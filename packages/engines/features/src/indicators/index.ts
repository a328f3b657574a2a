export { barFrameOf, frameBar, frameColumnsOf, isEvenlySpaced, type BarFrame, type FrameColumns } from './bar-frame.ts';
export { ema, macd, sma, wma, type Macd } from './averages.ts';
export { indicator, INDICATOR_BARS_MAX, lag, on, type FrameValues, type Indicator } from './indicator.ts';
export type { IndicatorBar } from './indicator-bar.ts';
export {
  absoluteReturn,
  bollinger,
  donchian,
  realizedVolatility,
  roc,
  standardDeviation,
  stochastic,
  vwap,
  type Band,
  type Stochastic,
} from './ranges.ts';
export { columnOf, endRunsOver, valuesOver } from './shared-values.ts';
export { adx, atr, rsi, type Adx } from './wilder.ts';
