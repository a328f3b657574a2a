import type { ExchangeRules } from '@monsta/matching';

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
