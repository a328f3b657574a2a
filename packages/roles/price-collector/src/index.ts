export { createPriceCollector, type PriceCollector, type PriceCollectorOptions } from './price-collector.ts';
export { keptFromMs } from './retention.ts';
