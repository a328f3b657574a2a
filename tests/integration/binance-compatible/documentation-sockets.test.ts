import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { PlainClient, type Frame, type PlainSocket, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
type Level = readonly [price: string, quantity: string];
type Book = Readonly<Record<'bids' | 'asks', Map<string, string>>>;

interface Snapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}
interface Delta {
  readonly U: number;
  readonly u: number;
  readonly b: readonly Level[];
  readonly a: readonly Level[];
}

const deltaOf = (frame: Frame): Delta => ({
  U: Number(frame['U']),
  u: Number(frame['u']),
  b: frame['b'] as readonly Level[],
  a: frame['a'] as readonly Level[],
});

const bookOf = ({ bids, asks }: Snapshot): Book => ({ bids: new Map(bids), asks: new Map(asks) });

function apply(side: Map<string, string>, levels: readonly Level[]): void {
  for (const [price, quantity] of levels) {
    if (Number(quantity) === 0) side.delete(price);
    else side.set(price, quantity);
  }
}

/** The documentation's way to keep a local book: from a snapshot, with the events that follow on it, up to and with the event `until`. */
function follow(snapshot: Snapshot, deltas: readonly Delta[], until: number): Book {
  const book = bookOf(snapshot);
  let last = snapshot.lastUpdateId;
  for (const { U, u, b, a } of deltas) {
    if (u <= last || u > until) continue;
    if (U > last + 1) throw new Error(`a gap: ${last} is followed by ${U}`);
    apply(book.bids, b);
    apply(book.asks, a);
    last = u;
  }
  return book;
}

const sorted = ({ bids, asks }: Book): unknown => [
  [...bids].toSorted(([left], [right]) => Number(right) - Number(left)),
  [...asks].toSorted(([left], [right]) => Number(left) - Number(right)),
];

describe('a client written from the documentation alone on sockets', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: PlainClient;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = new PlainClient(venue.served, accountOf(venue, 0));
  });
  afterAll(() => venue.close());

  const snapshot = async (): Promise<Snapshot> =>
    (await client.ask('depth', { symbol, limit: 5_000 })).body as Snapshot;
  const deltasOf = (socket: PlainSocket): readonly Delta[] => socket.heard.map(deltaOf);

  it('keeps a local book that is the exchange’s, from whichever snapshot it began', async () => {
    const socket = await client.open('/ws/btcusdt@depth@100ms');
    await socket.next((frame) => 'u' in frame);
    const early = await snapshot();
    await socket.next((frame) => Number(frame['U']) > early.lastUpdateId + 30);
    const late = await snapshot();
    const { u } = deltaOf(await socket.next((frame) => Number(frame['u']) > late.lastUpdateId));
    const [fromEarly, fromLate] = [early, late].map((start) => follow(start, deltasOf(socket), u));
    expect(fromEarly === undefined || fromLate === undefined ? null : sorted(fromEarly)).toEqual(
      fromLate === undefined ? null : sorted(fromLate),
    );
    await socket.close();
  });

  it.each<readonly [string, string, Values]>([
    ['exchangeInfo', 'exchangeInfo', { symbol }],
    ['trades.historical', 'historicalTrades', { symbol, fromId: 5, limit: 3 }],
    ['klines', 'klines', { symbol, interval: '1h', startTime: 1_767_225_600_000, limit: 3 }],
    ['uiKlines', 'uiKlines', { symbol, interval: '1d', startTime: 1_767_225_600_000, limit: 3 }],
    ['trades.aggregate', 'aggTrades', { symbol, fromId: 5, limit: 3 }],
  ])('%s over the WebSocket API says what %s says over REST', async (method, path, values) => {
    const socket = await client.open('/ws-api/v3');
    const answer = await socket.ask(method, values);
    const { body } = await client.ask(path, values);
    const still = (value: unknown): object => ({ ...(value as object), serverTime: 0 });
    expect(answer).toMatchObject({ status: 200 });
    expect(still(answer['result'])).toEqual(still(body));
    await socket.close();
  });

  it.each([
    'ping',
    'time',
    'depth',
    'trades.recent',
    'avgPrice',
    'ticker.24hr',
    'ticker.tradingDay',
    'ticker',
    'ticker.price',
    'ticker.book',
  ])('%s is answered with its id, and the limits that it counts in', async (method) => {
    const socket = await client.open('/ws-api/v3');
    const answer = await socket.ask(method, method === 'ping' || method === 'time' ? undefined : { symbol });
    expect(answer).toMatchObject({
      status: 200,
      rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 }],
    });
    expect(Object.keys(answer).toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
      'id',
      'rateLimits',
      'result',
      'status',
    ]);
    await socket.close();
  });

  it('leaves the limits out for who does not want them, and tells microseconds to who does', async () => {
    const socket = await client.open('/ws-api/v3?returnRateLimits=false&timeUnit=MICROSECOND');
    const answer = await socket.ask('time');
    expect(answer).not.toHaveProperty('rateLimits');
    expect(Number((answer['result'] as Frame)['serverTime'])).toBeGreaterThan(1e15);
    await socket.close();
  });

  it('ids of any documented kind come back as they were sent', async () => {
    const socket = await client.open('/ws-api/v3');
    for (const id of [7, 'abc-1', '187d3cb2-942d-484c-8271-4e2141bbadb1', null]) {
      socket.say(JSON.stringify({ id, method: 'ping' }));
      expect(await socket.next((frame) => frame['id'] === id)).toMatchObject({ status: 200, result: {} });
    }
    await socket.close();
  });

  it('what was listen keys is gone', async () => {
    const { apiKey } = accountOf(venue, 0);
    const url = `${venue.served.restUrl}/api/v3/userDataStream`;
    expect((await fetch(url, { method: 'POST', headers: { 'X-MBX-APIKEY': apiKey } })).status).toBe(410);
    const socket = await client.open('/ws-api/v3');
    expect(await socket.ask('userDataStream.start', { apiKey })).toMatchObject({ status: 410 });
    await socket.close();
  });

  it('subscriptions are listed, ended, and combined or not as set', async () => {
    const socket = await client.open('/stream');
    expect(await socket.ask('SUBSCRIBE', ['btcusdt@bookTicker', 'ethusdt@trade'])).toEqual({ result: null, id: 1 });
    expect(await socket.ask('LIST_SUBSCRIPTIONS')).toEqual({ result: ['btcusdt@bookTicker', 'ethusdt@trade'], id: 2 });
    expect(await socket.ask('UNSUBSCRIBE', ['ethusdt@trade'])).toEqual({ result: null, id: 3 });
    expect(await socket.next((frame) => frame['stream'] === 'btcusdt@bookTicker')).toHaveProperty('data');
    await socket.close();
    const raw = await client.open('/ws');
    expect(await raw.ask('GET_PROPERTY', ['combined'])).toEqual({ result: false, id: 1 });
    raw.say('{"method":"SET_PROPERTY","params":["combined",true],"id":9}');
    expect(await raw.next((frame) => frame['id'] === 9)).toEqual({ result: null, id: 9 });
    raw.say('{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":10}');
    expect(await raw.next((frame) => 'stream' in frame)).toHaveProperty('data');
    await raw.close();
  });

  it('more than five messages a second end a stream’s connection', async () => {
    const socket = new WebSocket(`${venue.served.wsUrl}/ws`);
    const code = await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        for (let id = 0; id < 8; id += 1) socket.send(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
      });
      socket.on('close', resolve);
    });
    expect(code).toBe(1008);
  });

  it('a ping is answered with its payload', async () => {
    const socket = new WebSocket(`${venue.served.wsUrl}/ws`);
    const payload = await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => socket.ping('1234'));
      socket.on('pong', (data) => resolve(data.toString('utf8')));
    });
    expect(payload).toBe('1234');
    socket.close();
  });
});
