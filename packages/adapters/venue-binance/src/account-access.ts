import { err, ok, type Result } from '@monsta/core';
import type { BinanceConnection } from './connection.ts';
import { readArray, readId, readObject, readText } from './json-reader.ts';
import { decodeBody } from './replies.ts';
import type { RestAccount, RestCall } from './rest-client.ts';

/** An open order in the venue's own words: what is needed to cancel it. */
export interface OpenOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
}

/** What can be asked and done of an account without knowing the terms of a single instrument. Faults are those of the REST client. */
export interface BinanceAccountAccess {
  /** The venue's number of the account, `uid`. */
  accountNumber(): Promise<Result<string>>;
  /** On all symbols. Given up when `signal` aborts. */
  openOrders(signal?: AbortSignal): Promise<Result<readonly OpenOrder[]>>;
  /** `gone`: it was not open any more. With an order of a list the whole list is canceled. */
  cancel(order: OpenOrder): Promise<Result<'canceled' | 'gone'>>;
}

const WEIGHT = { account: 20, openOrders: 80, cancel: 1 } as const;
/** An order that is not open is refused with this number, whatever became of it. */
const CANCEL_REJECTED = -2011;
const NO_SUCH_ORDER = /^unknown order/i;

function readOpenOrder(value: unknown): OpenOrder {
  const order = readObject(value, 'openOrders');
  return {
    symbol: readText(order['symbol'], 'symbol'),
    orderId: readId(order['orderId'], 'orderId'),
    clientOrderId: readText(order['clientOrderId'], 'clientOrderId'),
    // What is not certainly a sale may spend money.
    side: order['side'] === 'SELL' ? 'SELL' : 'BUY',
    type: readText(order['type'], 'type'),
  };
}

export function createBinanceAccountAccess(connection: BinanceConnection, account: RestAccount): BinanceAccountAccess {
  const client = connection.accountClient(account);
  const ask = async <T>(
    call: Pick<RestCall, 'path' | 'parameters' | 'weight' | 'signal'>,
    read: (json: unknown) => T,
  ) => {
    const reply = await client.call({ method: 'GET', security: 'signed', priority: 'trading', ...call });
    return reply.ok ? decodeBody(reply.value.body, call.path, read) : reply;
  };
  return {
    accountNumber: () =>
      ask(
        { path: '/api/v3/account', parameters: { omitZeroBalances: true }, weight: WEIGHT.account },
        (json) => `${readId(readObject(json, 'account')['uid'], 'uid')}`,
      ),
    openOrders: (signal) =>
      ask(
        { path: '/api/v3/openOrders', weight: WEIGHT.openOrders, ...(signal === undefined ? {} : { signal }) },
        (json) => readArray(json, 'openOrders').map(readOpenOrder),
      ),
    async cancel({ symbol, orderId }) {
      const reply = await client.call({
        method: 'DELETE',
        path: '/api/v3/order',
        parameters: { symbol, orderId },
        security: 'signed',
        weight: WEIGHT.cancel,
        priority: 'trading',
      });
      if (reply.ok) return ok('canceled');
      const { code, details, message, retry } = reply.fault;
      const gone = details?.['venueCode'] === CANCEL_REJECTED && NO_SUCH_ORDER.test(String(details['venueMessage']));
      return gone ? ok('gone') : err(code, message, { retry });
    },
  };
}
