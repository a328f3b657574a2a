import { expectOk, formatAmount, instrumentId } from '@monsta/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { hmacKey, MonstaTrader } from './monsta.test-support.ts';
import { PlainClient, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';

type Row = Readonly<Record<string, unknown>>;

describe('our own client pays its fees in BNB', { timeout: 60_000 }, () => {
  let venue: ContractVenue;
  let plain: PlainClient;
  let trader: MonstaTrader;
  let before: Holdings;

  const read = async <T = readonly Row[]>(path: string, values: Values = {}): Promise<T> =>
    (await plain.signed(path, values)).body as T;
  const holdings = async (): Promise<Holdings> =>
    holdingsOf((await read<{ readonly balances: readonly Row[] }>('account', { omitZeroBalances: true })).balances);
  /** Fees as the client was told them, by trade, against what the exchange lists. */
  const fees = async (): Promise<readonly string[]> => {
    const told = trader.orders.events.flatMap((event) => (event.kind === 'order-filled' ? [event.fill] : []));
    const listed = await read('myTrades', { symbol, limit: 1_000 });
    const feeOf = (id: unknown, fee: unknown, asset: unknown): object => ({
      id: Number(id),
      asset,
      fee: holdingsOf([{ asset: 'fee', free: fee, locked: '0' }]),
    });
    expect(told.map(({ fillId, fee, feeAsset }) => feeOf(fillId, formatAmount(fee), feeAsset))).toEqual(
      listed.map((row) => feeOf(row['id'], row['commission'], row['commissionAsset'])),
    );
    return told.map(({ feeAsset }) => feeAsset);
  };

  beforeAll(async () => {
    const balances = { USDT: '100000', BTC: '1', BNB: '2' };
    venue = await openContractVenue({ accounts: [{ name: 'burner', balances, paysInDiscountAsset: true }] });
    plain = new PlainClient(venue.served, accountOf(venue, 0));
    trader = await MonstaTrader.open(venue.served, hmacKey(accountOf(venue, 0)));
    before = await holdings();
  });
  afterAll(async () => {
    await trader.close();
    await venue.close();
  });

  it('and knows that it does, at which discount', async () => {
    const { discount } = await read<{ readonly discount: Row }>('account/commission', { symbol });
    expect(discount).toEqual({
      enabledForAccount: true,
      enabledForSymbol: true,
      discountAsset: 'BNB',
      discount: '0.75000000',
    });
    expect(expectOk(await trader.venue.fees(instrumentId(symbol)))).toEqual({
      makerPpm: 1_000,
      takerPpm: 1_000,
      discount: { asset: 'BNB', ppm: 250_000 },
    });
  });

  it('of what it bought and of what it sold, a quarter less of the same worth', async () => {
    await trader.filled(await trader.place({ quantity: '0.1' }), '0.1');
    await trader.filled(await trader.place({ side: 'sell', quantity: '0.1' }), '0.1');
    expect(new Set(await fees())).toEqual(new Set(['BNB']));
    const { bid } = await marketNow(venue, 'BNBUSDT');
    for (const row of await read('myTrades', { symbol })) {
      const worth = (Number(row['quoteQty']) * 0.001 * 0.75) / bid;
      // Rounded up at eight digits, and the price of a BNB may have moved since.
      expect(Number(row['commission']) / worth).toBeGreaterThan(0.95);
      expect(Number(row['commission'])).toBeLessThan(worth * 1.05 + 1e-8);
    }
  });

  it('until there is none left: then in what a fill brings', async () => {
    const { BNB = 0n } = await holdings();
    const left = `${BNB / 100_000_000n}.${String(BNB % 100_000_000n).padStart(8, '0')}`;
    await control(venue, 'withdraw', { apiKey: accountOf(venue, 0).apiKey, asset: 'BNB', amount: left });
    before = { ...before, BNB: (before['BNB'] ?? 0n) - BNB };
    await trader.filled(await trader.place({}));
    await trader.filled(await trader.place({ side: 'sell' }));
    const paid = await fees();
    expect(paid.at(-1)).toBe('USDT');
    expect(new Set(paid)).toEqual(new Set(['BNB', 'BTC', 'USDT']));
  });

  it('and the money is right to the last digit', async () => {
    const listed = await read('myTrades', { symbol, limit: 1_000 });
    const ours = holdingsOf(await trader.balances());
    expect(ours).toEqual(await holdings());
    expect({ ...ours, BNB: ours['BNB'] ?? 0n }).toEqual(afterTrades(before, listed, 'BTC', 'USDT'));
  });
});
