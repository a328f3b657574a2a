export { FeedAccount, type FeedAccountMoment, type FeedAccountOptions, type FeedAccountState } from './feed-account.ts';
export { orderPart, orderToPart, partsOf, stateOfParts } from './feed-account-parts.ts';
export { FeedExchange, type FeedExchangeOptions, type FeedSnapshot } from './feed-exchange.ts';
export type { FeedCommand, FeedMessage } from './feed-messages.ts';
export * from './fill-rules.ts';
export type { HeldOrder } from './held-orders.ts';
export { rulesOfInstrument } from './instrument-rules.ts';
export { NO_LATENCY, type Delay, type LatencyModel } from './latency.ts';
export { movedPrice, moveOf, type SlippageModel } from './slippage.ts';
