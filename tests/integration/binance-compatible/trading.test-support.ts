import { PlainClient, type Values } from './plain-client.test-support.ts';
import type { ContractVenue } from './served-exchange.test-support.ts';

/** The best prices of a symbol with ticks of a hundredth, and prices away from them. */
export interface Market {
  readonly bid: number;
  readonly ask: number;
  /** The price that is `percent` above the ask or, negative, below the bid, on a tick. */
  readonly away: (percent: number) => string;
}

export async function marketNow(venue: ContractVenue, symbol = 'BTCUSDT'): Promise<Market> {
  const { body } = await new PlainClient(venue.served).ask('ticker/bookTicker', { symbol });
  const { bidPrice, askPrice } = body as { readonly bidPrice: string; readonly askPrice: string };
  const [bid, ask] = [Number(bidPrice), Number(askPrice)];
  return { bid, ask, away: (percent) => ((percent < 0 ? bid : ask) * (1 + percent / 100)).toFixed(2) };
}

/** The key of one of the exchange's demo accounts. */
export function accountOf(
  venue: ContractVenue,
  index: number,
): { readonly apiKey: string; readonly apiSecret: string } {
  const account = venue.served.accounts[index];
  if (account === undefined) throw new Error(`the exchange has no account ${index}`);
  return account;
}

/** Asks the control of the simulation, which no real exchange has. */
export async function control(venue: ContractVenue, path: string, json: Values): Promise<unknown> {
  const response = await fetch(`${venue.served.restUrl}/sim/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(`/sim/${path}: ${JSON.stringify(body)}`);
  return body;
}

/** The second demo account: it trades through the book so that prices go where a test wants them. */
export class Counterparty {
  readonly #venue: ContractVenue;
  readonly #client: PlainClient;

  constructor(venue: ContractVenue) {
    this.#venue = venue;
    this.#client = new PlainClient(venue.served, accountOf(venue, 1));
  }

  /** Takes everything down (or up) to a price, with funds as deep as it needs. */
  async moveTo(price: string, side: 'BUY' | 'SELL', symbol = 'BTCUSDT'): Promise<void> {
    const depth = await this.#client.ask('depth', { symbol, limit: 5_000 });
    const { bids, asks } = depth.body as Readonly<Record<'bids' | 'asks', readonly (readonly [string, string])[]>>;
    const reached = (side === 'SELL' ? bids : asks).filter(([level]) =>
      side === 'SELL' ? Number(level) >= Number(price) : Number(level) <= Number(price),
    );
    const { apiKey } = accountOf(this.#venue, 1);
    // No order may be worth more than nine million.
    const most = Math.min(9_000, 8_000_000 / Number(price));
    let left = reached.reduce((sum, [, size]) => sum + Number(size), 0) * 1.2 + 1;
    while (left > 0.01) {
      const quantity = Math.min(left, most).toFixed(4);
      left -= Number(quantity);
      await control(this.#venue, 'deposit', { apiKey, asset: symbol.replace('USDT', ''), amount: quantity });
      const money = (Number(quantity) * Number(price) * 1.1).toFixed(2);
      await control(this.#venue, 'deposit', { apiKey, asset: 'USDT', amount: money });
      const order = { symbol, side, type: 'LIMIT', timeInForce: 'IOC', quantity, price };
      const { status, body } = await this.#client.signed('order', order, { method: 'POST' });
      if (status !== 200) throw new Error(`the counterparty could not trade: ${JSON.stringify(body)}`);
    }
  }
}
