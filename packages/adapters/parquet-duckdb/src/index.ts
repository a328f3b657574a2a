export type { ColumnSpec } from './columns.ts';
export { DuckDb, type DuckDbOptions } from './duckdb.ts';
export type { TableColumn } from './table-column.ts';
