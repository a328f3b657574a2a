import { AMOUNT_SCALE, formatUnits, pow10 } from '@monsta/core';
import type { ExchangeRules, SymbolRules } from '@monsta/matching';

/** Limits on all symbols together, as `exchangeInfo` lists them. */
export function exchangeFilters(rules: ExchangeRules): readonly object[] {
  const filters: object[] = [];
  const limit = (filterType: string, key: string, most: number | null): void => {
    if (most !== null) filters.push({ filterType, [key]: most });
  };
  limit('EXCHANGE_MAX_NUM_ORDERS', 'maxNumOrders', rules.ordersMax);
  limit('EXCHANGE_MAX_NUM_ALGO_ORDERS', 'maxNumAlgoOrders', rules.algoOrdersMax);
  limit('EXCHANGE_MAX_NUM_ICEBERG_ORDERS', 'maxNumIcebergOrders', rules.icebergOrdersMax);
  limit('EXCHANGE_MAX_NUM_ORDER_LISTS', 'maxNumOrderLists', rules.orderListsMax);
  return filters;
}

/** Digits that the exchange prints. */
const PRINTED_SCALE = 8;

/** Limits on a symbol's two assets, as `myFilters` lists them. */
export function assetFilters(rules: ExchangeRules, { base, quote }: SymbolRules): readonly object[] {
  return (rules.assetsMax ?? [])
    .filter(({ asset }) => asset === base || asset === quote)
    .map(({ asset, limit }) => ({
      filterType: 'MAX_ASSET',
      asset,
      limit: formatUnits(limit / pow10(AMOUNT_SCALE - PRINTED_SCALE), PRINTED_SCALE),
    }));
}
