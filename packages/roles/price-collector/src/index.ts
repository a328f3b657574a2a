export {
  priceCollectorConfigSchema,
  retentionSchema,
  type PriceCollectorConfig,
  type PriceCollectorSettings,
  type Retention,
} from './config.ts';
export { createPriceCollector, type PriceCollector, type PriceCollectorOptions } from './price-collector.ts';
export { keptFromMs } from './retention.ts';
