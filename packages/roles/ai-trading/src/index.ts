export type { AlertTerms } from './alerts.ts';
export { createAiTrading, type TradingRole } from './ai-trading.ts';
export { aiTradingConfigSchema, kernelConfigOf, type AiTradingConfig } from './config.ts';
export { sizingOf, sizingSchema, strategyLimitsSchema } from './risk-config.ts';
export { MARKET_SUBJECTS } from './market-inputs.ts';
export type { AiTradingOptions } from './options.ts';
export { readLedger } from './recovery.ts';
