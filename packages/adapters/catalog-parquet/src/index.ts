export { ParquetCatalog, type ParquetCatalogOptions } from './parquet-catalog.ts';
