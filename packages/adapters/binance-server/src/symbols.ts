import {
  assetId,
  expectOk,
  formatAmount,
  formatUnits,
  instrumentId,
  parseAmount,
  parseQuantity,
  parseStep,
  timestampUs,
  type Instrument,
} from '@monsta/core';
import type { ExchangeSymbol } from './exchange-model.ts';
import { quantity8, step8 } from './wire.ts';

/** symbol, base, quote, tick, lot, largest quantity: as Binance publishes them in exchangeInfo. */
const LISTED = [
  ['BTCUSDT', 'BTC', 'USDT', '0.01', '0.00001', '9000'],
  ['ETHUSDT', 'ETH', 'USDT', '0.01', '0.0001', '9000'],
  ['BNBUSDT', 'BNB', 'USDT', '0.01', '0.001', '900000'],
  ['SOLUSDT', 'SOL', 'USDT', '0.01', '0.001', '90000'],
  ['XRPUSDT', 'XRP', 'USDT', '0.0001', '0.1', '9222449'],
] as const;
const NOTIONAL_MIN = '5';
const NOTIONAL_MAX = '9000000';

/** The instruments whose rules are known without asking the exchange. */
export const LISTED_SYMBOLS: readonly ExchangeSymbol[] = LISTED.map(([id, base, quote, tick, lot, quantityMax]) => {
  const lotStep = expectOk(parseStep(lot));
  return {
    rules: 'listed',
    instrument: {
      id: instrumentId(id),
      base: assetId(base),
      quote: assetId(quote),
      tick: expectOk(parseStep(tick)),
      lot: lotStep,
      quantityMin: expectOk(parseQuantity(lot, { lot: lotStep })),
      quantityMax: expectOk(parseQuantity(quantityMax, { lot: lotStep })),
      marketQuantityMax: null,
      notionalMin: expectOk(parseAmount(NOTIONAL_MIN)),
      notionalMax: expectOk(parseAmount(NOTIONAL_MAX)),
      status: 'trading',
      version: 1,
      validFromUs: timestampUs(0),
    },
  };
});

const eight = (text: string): string => {
  const [whole = '0', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(8, '0')}`;
};

function filtersOf({ instrument, rules }: ExchangeSymbol): readonly object[] {
  const { tick, lot } = instrument;
  const own = [
    {
      filterType: 'PRICE_FILTER',
      minPrice: step8(tick),
      maxPrice: eight(formatUnits(BigInt(tick.units) * 100_000_000n, tick.scale)),
      tickSize: step8(tick),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: quantity8(instrument.quantityMin, instrument),
      maxQty: quantity8(instrument.quantityMax, instrument),
      stepSize: step8(lot),
    },
  ];
  if (rules === 'inferred') return own;
  return [
    ...own,
    { filterType: 'ICEBERG_PARTS', limit: 10 },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: '0.00000000',
      maxQty: quantity8(instrument.marketQuantityMax ?? instrument.quantityMax, instrument),
      stepSize: '0.00000000',
    },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: 10,
      maxTrailingAboveDelta: 2000,
      minTrailingBelowDelta: 10,
      maxTrailingBelowDelta: 2000,
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: '5',
      bidMultiplierDown: '0.2',
      askMultiplierUp: '5',
      askMultiplierDown: '0.2',
      avgPriceMins: 5,
    },
    ...(instrument.notionalMin === null || instrument.notionalMax === null
      ? []
      : [
          {
            filterType: 'NOTIONAL',
            minNotional: eight(formatAmount(instrument.notionalMin)),
            applyMinToMarket: true,
            maxNotional: eight(formatAmount(instrument.notionalMax)),
            applyMaxToMarket: false,
            avgPriceMins: 5,
          },
        ]),
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
  ];
}

const SELF_TRADE_PREVENTION = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'];

export const symbolStatus = (instrument: Instrument): 'TRADING' | 'HALT' =>
  instrument.status === 'trading' ? 'TRADING' : 'HALT';

/** One entry of `exchangeInfo`'s `symbols`. */
export function symbolInfo(symbol: ExchangeSymbol): object {
  const { instrument } = symbol;
  return {
    symbol: instrument.id,
    status: symbolStatus(instrument),
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(symbol),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: SELF_TRADE_PREVENTION,
  };
}
