export { createAiTrading, type TradingRole } from './ai-trading.ts';
export { aiTradingConfigSchema, riskConfigSchema, type AiTradingConfig } from './config.ts';
export type { AiTradingOptions } from './options.ts';
