export {
  binanceMarketDataConfigSchema,
  type BinanceMarketDataConfig,
  type BinanceMarketDataSettings,
} from './config.ts';
export { FrameDecoder, type Frame } from './frames.ts';
export {
  createBinanceMarketData,
  type BinanceMarketData,
  type BinanceMarketDataOptions,
} from './market-data-client.ts';
export { decodeDepth } from './replies.ts';
export { readExchangeListing } from './symbol-rules-reader.ts';
