export type { LedgerReader } from './account-routes.ts';
export type { BacktestDesk } from './backtest-routes.ts';
export type { AskedDescription, DataDesk } from './data-routes.ts';
export type { OptimizationDesk } from './optimization-routes.ts';
export { createApiGateway, type ApiGatewayDependencies, type ApiGatewayRole } from './api-gateway.ts';
export type { ProgramStatus } from './program-status.ts';
export { performanceOf } from './performance.ts';
