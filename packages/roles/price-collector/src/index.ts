export { priceCollectorConfigSchema, type PriceCollectorConfig } from './config.ts';
export { createPriceCollector, type PriceCollectorOptions } from './price-collector.ts';
