export { priceCollectorConfigSchema, type PriceCollectorConfig, type PriceCollectorSettings } from './config.ts';
export { createPriceCollector, type PriceCollector, type PriceCollectorOptions } from './price-collector.ts';
