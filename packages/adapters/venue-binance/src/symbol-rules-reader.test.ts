import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { amount, assetId, formatQuantity, instrumentId, timestampUs } from '@monsta/core';
import { writeSymbolRules } from '@monsta/matching';
import { VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { Malformed } from './json-reader.ts';
import { pickInstruments, readExchangeListing } from './symbol-rules-reader.ts';

const NOW_US = timestampUs(1_723_161_255_000_000);
const RECORDED = join(import.meta.dirname, '../../../../../shared/data/binance-exchangeinfo-2021.txt.gz');
const absent = !existsSync(RECORDED);
const BTC = instrumentId('BTCUSDT');
const wire = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
const model = createSimulatedExchange({ seed: 1, clock: new VirtualClock() });
const served = model.symbols().flatMap(({ instrument }) => {
  const rules = model.trading?.exchange.rules(instrument.id) ?? null;
  return rules === null ? [] : [wire(writeSymbolRules(rules))];
});
model.close();
const [bitcoin = {}] = served;
const read = (symbols: readonly unknown[], exchangeFilters: readonly unknown[] = []) =>
  readExchangeListing({ symbols, exchangeFilters }, NOW_US);

describe('the listing of an exchange', () => {
  it('is all that the server wrote, and the instruments that it serves', () => {
    const listing = read(served);
    expect([listing.leftOut, [...listing.unknown]]).toEqual([[], []]);
    expect(served).toHaveLength(5);
    for (const { instrument } of model.symbols()) {
      // What is not stated about market orders comes back as the bound that the server writes.
      const marketQuantityMax = instrument.marketQuantityMax ?? instrument.quantityMax;
      const expected = { ...instrument, marketQuantityMax, validFromUs: NOW_US };
      expect(listing.symbols.get(instrument.id)?.instrument).toEqual(expected);
    }
    const again = read([...listing.symbols.values()].map(({ rules }) => wire(writeSymbolRules(rules))));
    expect(again.symbols).toEqual(listing.symbols);
  });

  it.skipIf(absent)(`is whole in a recorded one${absent ? ` (skipped: no ${RECORDED})` : ''}`, () => {
    const [text = ''] = gunzipSync(readFileSync(RECORDED)).toString('utf8').split('\n');
    const listing = readExchangeListing(JSON.parse(text.slice(text.indexOf('{'))), NOW_US);
    expect([listing.symbols.size, listing.leftOut, [...listing.unknown]]).toEqual([1_695, [], []]);
    const again = read([...listing.symbols.values()].map(({ rules }) => wire(writeSymbolRules(rules))));
    expect(again.symbols).toEqual(listing.symbols);
    const eth = listing.symbols.get(instrumentId('ETHBTC'))?.instrument;
    expect(eth).toMatchObject({
      base: 'ETH',
      quote: 'BTC',
      tick: { units: 1, scale: 6 },
      lot: { units: 1, scale: 4 },
      status: 'trading',
    });
    // MARKET_LOT_SIZE 873.90727776 with step 0: rounded down to the lot.
    const most = eth?.marketQuantityMax ?? null;
    expect(eth === undefined || most === null ? null : formatQuantity(most, eth)).toBe('873.9072');
  });

  it('leaves out a symbol that can not be read, and none of the others', () => {
    const listing = read([
      ...served,
      { ...bitcoin, symbol: 'NOLOT', filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.01' }] },
      { ...bitcoin, symbol: 'NOTICK', filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.00000000' }] },
      null,
    ]);
    expect(listing.symbols.size).toBe(served.length);
    expect(listing.leftOut).toEqual([
      { symbol: 'NOLOT', reason: 'exchangeInfo: NOLOT: it has no LOT_SIZE filter' },
      { symbol: 'NOTICK', reason: 'exchangeInfo: NOTICK: it has no LOT_SIZE filter' },
      { symbol: 'unnamed', reason: 'a symbol of exchangeInfo is no object' },
    ]);
    expect(() => pickInstruments(listing, ['BTCUSDT', 'NOLOT'])).toThrow('NOLOT: it has no LOT_SIZE filter');
    expect(() => pickInstruments(listing, ['BTCUSDT', 'NOPE'])).toThrow('the venue does not know NOPE');
    expect(pickInstruments(listing, ['ETHUSDT', 'BTCUSDT']).map(({ id }) => id)).toEqual(['ETHUSDT', 'BTCUSDT']);
    expect(() => readExchangeListing({ symbols: 5 }, NOW_US)).toThrow(Malformed);
  });

  it('passes over and counts what it does not know, and lets nobody trade in an unknown status', () => {
    const filters = [...(bitcoin['filters'] as unknown[]), { filterType: 'T_PLUS_SELL', endTime: 1 }];
    const odd = { ...bitcoin, symbol: 'ODD', status: 'PRE_TRADING', filters, moonPhase: 'full' };
    const types = [...(bitcoin['orderTypes'] as unknown[]), 'WISH'];
    const listing = read([
      odd,
      { ...bitcoin, orderTypes: types, filters },
      { ...bitcoin, symbol: 'NOSPOT', isSpotTradingAllowed: false },
    ]);
    expect(Object.fromEntries(listing.unknown)).toEqual({
      'filter T_PLUS_SELL': 2,
      'status PRE_TRADING': 1,
      'field moonPhase': 1,
      'order type WISH': 1,
    });
    const statusOf = (symbol: string) => listing.symbols.get(instrumentId(symbol))?.instrument.status;
    expect([statusOf('BTCUSDT'), statusOf('ODD'), statusOf('NOSPOT')]).toEqual(['trading', 'halted', 'halted']);
  });

  it('knows the limits on all symbols together', () => {
    const { rules, unknown } = read(
      [],
      [
        { filterType: 'EXCHANGE_MAX_NUM_ORDERS', maxNumOrders: 1_000 },
        { filterType: 'EXCHANGE_MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 200 },
        { filterType: 'EXCHANGE_MAX_NUM_ICEBERG_ORDERS', maxNumIcebergOrders: 10_000 },
        { filterType: 'EXCHANGE_MAX_NUM_ORDER_LISTS', maxNumOrderLists: 20 },
        { filterType: 'MAX_ASSET', asset: 'JPY', limit: '1000000.00000000' },
        { filterType: 'EXCHANGE_OF_TOMORROW' },
        { filterType: 'EXCHANGE_MAX_NUM_ORDERS', maxNumOrders: 'many' },
      ],
    );
    expect(rules).toEqual({
      ordersMax: 1_000,
      algoOrdersMax: 200,
      icebergOrdersMax: 10_000,
      orderListsMax: 20,
      assetsMax: [{ asset: assetId('JPY'), limit: amount(10n ** 24n) }],
    });
    expect([...unknown.keys()]).toEqual([
      'exchange filter EXCHANGE_OF_TOMORROW',
      'exchange filter EXCHANGE_MAX_NUM_ORDERS: maxNumOrders must be a whole number, not "many"',
    ]);
  });

  it('takes the strictest bound where a symbol has two', () => {
    const notional = { avgPriceMins: 5, applyMinToMarket: true, applyMaxToMarket: false };
    const filters = [
      ...(bitcoin['filters'] as { filterType: string }[]).filter(({ filterType }) => filterType !== 'NOTIONAL'),
      { filterType: 'MIN_NOTIONAL', minNotional: '10.0', applyToMarket: true, avgPriceMins: 5 },
      { filterType: 'NOTIONAL', minNotional: '5.0', maxNotional: '900.0', ...notional },
    ];
    expect(read([{ ...bitcoin, filters }]).symbols.get(BTC)?.instrument).toMatchObject({
      notionalMin: amount(10n ** 19n),
      notionalMax: amount(9n * 10n ** 20n),
    });
  });
});
