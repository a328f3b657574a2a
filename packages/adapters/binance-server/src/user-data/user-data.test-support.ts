import { connectApi, type ApiClient, type UserEvent } from '../socket-api/socket-world.test-support.ts';
import { makeTradingWorld, type TradingWorld } from '../trading/trading-world.test-support.ts';

export type Event = UserEvent['event'];
type Fields = Readonly<Record<string, string | number>>;

export interface Listening {
  readonly world: TradingWorld;
  readonly client: ApiClient;
  /** Sends a command of Ann's over REST, which must be done. */
  readonly act: (method: string, path: string, fields: Fields) => Promise<unknown>;
  /** Ann's events since the last call. */
  readonly told: () => Promise<readonly Event[]>;
}

/** Ann listens; BTCUSDT has half a BTC at 20,000 and two at 20,010 on offer, and one bid for at 19,990; 20,000 was traded last. */
export function listening(query = ''): Listening {
  const world = makeTradingWorld();
  const limit = { type: 'LIMIT', timeInForce: 'GTC' } as const;
  world.provide('BTCUSDT', { ...limit, side: 'SELL', price: '20000', quantity: '0.6' });
  world.provide('BTCUSDT', { ...limit, side: 'BUY', price: '20000', quantity: '0.1', selfTradePreventionMode: 'NONE' });
  world.provide('BTCUSDT', { ...limit, side: 'SELL', price: '20010', quantity: '2' });
  world.provide('BTCUSDT', { ...limit, side: 'BUY', price: '19990', quantity: '1' });
  const client = connectApi(world, query);
  client.signed(world.ann, 'userDataStream.subscribe.signature');
  return {
    world,
    client,
    act: async (method, path, fields) => {
      const { status, json } = await world.signed(world.ann, method, path, { symbol: 'BTCUSDT', ...fields });
      if (status !== 200) throw new Error(JSON.stringify(json));
      return json;
    },
    told: async () => (await client.events()).map(({ event }) => event),
  };
}

export const LIMIT = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1', price: '19000' } as const;

/** `order execution/status`, list status, or the event's name. */
export const short = (event: Event): string => {
  if (event['e'] === 'executionReport') return `${String(event['i'])} ${String(event['x'])}/${String(event['X'])}`;
  if (event['e'] === 'listStatus') return `list ${String(event['l'])}/${String(event['L'])}`;
  return event['e'] === 'outboundAccountPosition' ? 'position' : String(event['e']);
};
