export type { AlertTerms } from './alerts.ts';
export { createAiTrading, type TradingRole } from './ai-trading.ts';
export { MARKET_SUBJECTS } from './market-inputs.ts';
export type { AiTradingOptions } from './options.ts';
export { readLedger } from './recovery.ts';
