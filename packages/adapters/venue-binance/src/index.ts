export { createBinanceAccountAccess, type BinanceAccountAccess, type OpenOrder } from './account-access.ts';
export { createBinanceConnection, type BinanceConnection, type BinanceConnectionOptions } from './connection.ts';
export {
  pingVenue,
  probeMarketStream,
  probeUserStream,
  readOrderCounts,
  readVenueListing,
  type VenueLimit,
  type VenueListing,
} from './diagnosis.ts';
export { createBinanceExecution, type BinanceExecutionOptions } from './execution/binance-execution.ts';
export { BinanceArchive, type ArchiveTarget, type FetchedFile } from './history/archive.ts';
export {
  archiveFile,
  barMonthAround,
  dayAround,
  hasDailyFiles,
  monthAround,
  type ArchiveContent,
  type ArchiveFile,
} from './history/archive-files.ts';
export { HistoryRest, type RestRows, type TakeRows } from './history/history-rest.ts';
export { FrameDecoder, type Frame } from './frames.ts';
export {
  createBinanceMarketData,
  type BinanceMarketData,
  type BinanceMarketDataOptions,
} from './market-data-client.ts';
export { createBinanceKeyInspector, type BinanceKeyVenue } from './key-inspection.ts';
export { decodeDepth } from './replies.ts';
export type { RestAccount, RestCall, RestClient, RestReply } from './rest-client.ts';
export { createBinanceCredentials, type BinanceCredentials, type BinanceKey } from './signing.ts';
export { openBinanceSymbolRules, type BinanceSymbolRules, type BinanceSymbolRulesOptions } from './symbol-rules.ts';
export { readExchangeListing } from './symbol-rules-reader.ts';
