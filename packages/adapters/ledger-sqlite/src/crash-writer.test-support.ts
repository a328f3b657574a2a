import { writeSync } from 'node:fs';
import {
  PLAIN_TERMS,
  accountId,
  amount,
  assetId,
  clientOrderId,
  expectOk,
  fillId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
} from '@monsta/core';
import { openSqliteLedger } from './open-sqlite-ledger.ts';

/**
 * Run as a process of its own, to be killed: commits batch after batch, three at a time, each with an order, two fills, a decision and a balance
 * that all carry the batch's number, and prints the number once the batch is acknowledged.
 */
const [path = '', from = '0'] = process.argv.slice(2);
const account = accountId('crash');
const ledger = expectOk(await openSqliteLedger({ path }));

async function commit(number: number): Promise<void> {
  const common = {
    strategyId: strategyId('crash'),
    instrument: instrumentId('BTCUSDT'),
    side: 'buy',
    quantity: quantity(1),
  } as const;
  const clientId = clientOrderId(`order-${number}`);
  const at = timestampUs(number);
  const fills = [1, 2].map((part) => ({
    ...common,
    fillId: fillId(`${number}-${part}`),
    clientOrderId: clientId,
    venueOrderId: venueOrderId('1'),
    price: price(1),
    fee: amount(1n),
    feeAsset: assetId('USDT'),
    liquidity: 'taker' as const,
    tsEventUs: at,
  }));
  expectOk(
    await ledger.commit({
      accountId: account,
      fills,
      orders: [
        {
          ...common,
          clientOrderId: clientId,
          type: 'market',
          timeInForce: 'ioc',
          limitPrice: null,
          ...PLAIN_TERMS,
          reduceOnly: false,
          createdUs: at,
          venueOrderId: null,
          status: 'accepted',
          filledQuantity: quantity(0),
          filledNotional: amount(0n),
          reasonCode: null,
          reason: null,
          updatedUs: at,
        },
      ],
      decisions: [
        {
          id: `decision-${number}`,
          accountId: account,
          strategyId: common.strategyId,
          instrument: common.instrument,
          tsEventUs: at,
          action: 'enter',
          wanted: null,
          prediction: null,
          risk: null,
          orders: [clientId],
        },
      ],
      balances: [{ asset: assetId(`N${number}`), free: amount(BigInt(number)), locked: amount(0n) }],
    }),
  );
  writeSync(1, `${number}\n`);
}

for (let number = Number(from); ; number += 3) {
  await Promise.all([commit(number), commit(number + 1), commit(number + 2)]);
}
