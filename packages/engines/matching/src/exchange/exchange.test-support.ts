import {
  accountId,
  amount,
  assetId,
  expectOk,
  instrumentId,
  parseAmount,
  parseDecimal,
  price,
  quantity,
} from '@monsta/core';
import type { AccountId, Amount, Price, Quantity } from '@monsta/core';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { ExchangeListener } from './exchange-context.ts';
import type { ExecutionReport } from './execution-report.ts';
import type { SymbolRules } from './symbol-rules.ts';
import type {
  AssetPosition,
  BestBidAsk,
  CancelOrder,
  ExchangeTrade,
  NewOrder,
  OrderListStatus,
  OrderTerms,
} from './vocabulary.ts';

export const BTC = assetId('BTC');
export const USDT = assetId('USDT');
export const BNB = assetId('BNB');
export const SYMBOL = instrumentId('BTCUSDT');
export const ANN = accountId('ann');
export const BEN = accountId('ben');
export const CYD = accountId('cyd');

const decimal = (text: string) => expectOk(parseDecimal(text));
export const money = (text: string): Amount => expectOk(parseAmount(text));
export const ticks = (value: number): Price => price(value);
export const lots = (value: number): Quantity => quantity(value);

/** One tick is 0.01 USDT and one lot 0.001 BTC; no filter is on but the steps. */
export const OPEN_RULES: SymbolRules = {
  symbol: SYMBOL,
  base: BTC,
  quote: USDT,
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 3 },
  pricePrecision: 8,
  quantityPrecision: 8,
  status: 'TRADING',
  orderTypes: ['LIMIT', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT', 'LIMIT_MAKER'],
  icebergAllowed: true,
  listsAllowed: true,
  quoteQuantityAllowed: true,
  trailingAllowed: true,
  cancelReplaceAllowed: true,
  amendAllowed: true,
  selfTradeModes: ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'],
  selfTradeModeDefault: 'NONE',
  price: { min: 1, max: 100_000_000 },
  percentPrice: null,
  quantity: { min: 1, max: 9_000_000 },
  marketQuantity: null,
  notional: [],
  icebergPartsMax: null,
  ordersMax: null,
  algoOrdersMax: null,
  icebergOrdersMax: null,
  orderListsMax: null,
  orderAmendsMax: null,
  positionMax: null,
  trailing: null,
};

/** As BTCUSDT was recorded, where the steps allow. */
export const STRICT_RULES: SymbolRules = {
  ...OPEN_RULES,
  percentPrice: {
    name: 'PERCENT_PRICE_BY_SIDE',
    bidUp: decimal('5'),
    bidDown: decimal('0.2'),
    askUp: decimal('5'),
    askDown: decimal('0.2'),
    averageMinutes: 5,
  },
  marketQuantity: { min: 1, max: 100_000, step: 0 },
  notional: [
    {
      name: 'NOTIONAL',
      min: money('5'),
      max: money('9000000'),
      minAppliesToMarket: true,
      maxAppliesToMarket: false,
      averageMinutes: 5,
    },
  ],
  icebergPartsMax: 10,
  ordersMax: 200,
  algoOrdersMax: 5,
  icebergOrdersMax: 5,
  orderListsMax: 20,
  orderAmendsMax: 10,
  trailing: { aboveMin: 10, aboveMax: 2_000, belowMin: 10, belowMax: 2_000 },
};

/** Keeps everything that it hears, in order. */
export class Recorder implements ExchangeListener {
  readonly reports: ExecutionReport[] = [];
  readonly trades: ExchangeTrade[] = [];
  readonly bests: BestBidAsk[] = [];
  readonly lists: OrderListStatus[] = [];
  readonly accounts: { readonly account: AccountId; readonly positions: readonly AssetPosition[] }[] = [];

  onReport(report: ExecutionReport): void {
    this.reports.push(report);
  }
  onTrade(trade: ExchangeTrade): void {
    this.trades.push(trade);
  }
  onBest(best: BestBidAsk): void {
    this.bests.push(best);
  }
  onListStatus(status: OrderListStatus): void {
    this.lists.push(status);
  }
  onAccount(account: AccountId, holdings: readonly { position(): AssetPosition }[]): void {
    this.accounts.push({ account, positions: holdings.map((holding) => holding.position()) });
  }

  forget(): void {
    for (const events of [this.reports, this.trades, this.bests, this.lists, this.accounts]) events.length = 0;
  }

  /** `orderId executionType/status` of the reports since `from`, in order. */
  told(from = 0): readonly string[] {
    return this.reports.slice(from).map((report) => `${report.orderId} ${report.executionType}/${report.status}`);
  }
}

export const RICH = [
  { asset: BTC, free: money('1000') },
  { asset: USDT, free: money('10000000') },
];

/** An exchange of one symbol with three rich accounts that pay no fees. */
export function openExchange(
  rules: SymbolRules = OPEN_RULES,
  options: Partial<ExchangeOptions> & { readonly openingPrice?: number } = {},
): { readonly exchange: Exchange; readonly heard: Recorder } {
  const heard = new Recorder();
  const { openingPrice, ...rest } = options;
  const exchange = new Exchange({
    symbols: [{ rules, openingPrice: openingPrice === undefined ? null : ticks(openingPrice) }],
    listener: heard,
    ...rest,
  });
  for (const id of [ANN, BEN, CYD]) {
    exchange.addAccount(id, { balances: RICH, fees: { makerPpm: 0, takerPpm: 0 } });
  }
  return { exchange, heard };
}

const NOTHING: OrderTerms = {
  side: 'buy',
  type: 'LIMIT',
  timeInForce: null,
  quantity: null,
  quoteOrderQuantity: null,
  price: null,
  stopPrice: null,
  trailingDelta: null,
  icebergQuantity: null,
  clientOrderId: null,
  selfTradeMode: null,
  strategyId: null,
  strategyType: null,
};

interface Draft extends Omit<Partial<OrderTerms>, 'price' | 'stopPrice' | 'quantity' | 'icebergQuantity'> {
  readonly price?: number;
  readonly stopPrice?: number;
  readonly quantity?: number;
  readonly icebergQuantity?: number;
}

/** Terms in plain numbers: ticks and lots. */
export function terms(draft: Draft): OrderTerms {
  const { price: at, stopPrice, quantity: size, icebergQuantity, ...rest } = draft;
  return {
    ...NOTHING,
    ...rest,
    price: at === undefined ? null : ticks(at),
    stopPrice: stopPrice === undefined ? null : ticks(stopPrice),
    quantity: size === undefined ? null : lots(size),
    icebergQuantity: icebergQuantity === undefined ? null : lots(icebergQuantity),
  };
}

export function order(account: AccountId, draft: Draft): NewOrder {
  return { ...terms(draft), account, symbol: SYMBOL };
}

/** A LIMIT GTC order. */
export function limit(account: AccountId, side: 'buy' | 'sell', at: number, size: number, draft: Draft = {}): NewOrder {
  return order(account, { side, type: 'LIMIT', timeInForce: 'gtc', price: at, quantity: size, ...draft });
}

export function market(account: AccountId, side: 'buy' | 'sell', size: number, draft: Draft = {}): NewOrder {
  return order(account, { side, type: 'MARKET', quantity: size, ...draft });
}

export function cancelOf(account: AccountId, orderId: number): CancelOrder {
  return { account, symbol: SYMBOL, orderId, clientOrderId: null, newClientOrderId: null, restriction: null };
}

/** What an account has of an asset, `free/locked`, in plain decimals. */
export function balanceOf(
  exchange: Pick<Exchange, 'positions'>,
  account: AccountId,
  asset: string,
): { free: Amount; locked: Amount } {
  const found = exchange.positions(account).find((position) => position.asset === asset);
  return { free: found?.free ?? amount(0n), locked: found?.locked ?? amount(0n) };
}
