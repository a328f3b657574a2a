export { renderComparison } from './comparison.ts';
export type { Language as ReportLanguage } from './format.ts';
export * as reportParts from './parts.ts';
export { renderReport } from './report.ts';
export type { BacktestRun, ReportPrices } from './run.ts';
export { statisticList } from './statistic-list.ts';
