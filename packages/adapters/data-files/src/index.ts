export type { TableColumn } from '@monsta/parquet-duckdb';
export { readBarFile, readBars, type BarFile } from './bar-file.ts';
export type { BarFlow } from './bar-flow.ts';
export { surveyBarFile, type BarSurvey, type RowFaults } from './bar-survey.ts';
export type { BarTerms } from './bar-rows.ts';
export { readDataFile } from './data-file.ts';
export { writeTable } from './table-file.ts';
export { readTradeFile, type TradeTerms } from './trade-file.ts';
