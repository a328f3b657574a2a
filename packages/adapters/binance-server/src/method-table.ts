import type { ApiMethod } from './api-method.ts';
import { MARKET_METHODS } from './market-methods.ts';
import { TRADING_METHODS } from './trading/trading-methods.ts';
import { WALLET_METHODS } from './trading/wallet-methods.ts';

/** Every method of the API that is served, for REST and the WebSocket API. `takesOrders`: whether there is an exchange to trade on. */
export function apiMethods(takesOrders: boolean): readonly ApiMethod[] {
  return takesOrders ? [...MARKET_METHODS, ...TRADING_METHODS, ...WALLET_METHODS] : MARKET_METHODS;
}
