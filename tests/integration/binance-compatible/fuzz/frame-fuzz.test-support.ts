import type { Random } from '@monsta/core';
import { errorProblem } from './documented-errors.test-support.ts';
import { pick } from './mutations.test-support.ts';

const STREAM_METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];
const API_METHODS = [
  'ping',
  'time',
  'exchangeInfo',
  'depth',
  'trades.recent',
  'klines',
  'ticker.price',
  'order.place',
  'order.cancel',
  'order.status',
  'order.cancelReplace',
  'openOrders.status',
  'account.status',
  'session.logon',
  'session.status',
  'userDataStream.subscribe',
  'userDataStream.subscribe.signature',
  'userDataStream.unsubscribe',
  'orderList.place.oco',
];
const STREAMS = [
  'btcusdt@trade',
  'btcusdt@depth',
  'ethusdt@kline_1m',
  '!miniTicker@arr',
  'BTCUSDT@trade',
  'nope@nope',
  '@',
  '',
  'a'.repeat(3_000),
  '日@本',
  'btcusdt@kline_7m',
];
const BROKEN_JSON = [
  '',
  ' ',
  '{',
  '}',
  '[',
  '{"id":',
  '{"id":1,}',
  "{'id':1}",
  '\u0000',
  'null null',
  '{"a":1}{"b":2}',
  'NaN',
  'undefined',
  '\ufeff{}',
  '"\\u12"',
  '🚀',
  'GET / HTTP/1.1',
];
const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 60,
  '',
  'x',
  'BTCUSDT',
  '\u0000',
  'Ж'.repeat(50),
  '9'.repeat(300),
  [],
  {},
  [[]],
  { a: {} },
];

function deep(depth: number, open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth);
}

/** A JSON value of any type. */
export function anyValue(random: Random, depth: number): unknown {
  const kind = random.integer(depth > 0 ? 8 : 6);
  if (kind === 6) return Array.from({ length: random.integer(4) }, () => anyValue(random, depth - 1));
  if (kind === 7) {
    return Object.fromEntries(
      Array.from({ length: random.integer(4) }, (_unused, at) => [`k${at}`, anyValue(random, depth - 1)]),
    );
  }
  return pick(random, SCALARS);
}

const ids = (random: Random): unknown =>
  random.integer(3) > 0
    ? random.integer(1_000)
    : pick(random, [null, 'abc', 'x'.repeat(40), -1, 1.5, {}, [], true, '日', 2 ** 60, undefined]);

function parameters(random: Random): unknown {
  if (random.integer(4) === 0) return anyValue(random, 2);
  const names = [
    'symbol',
    'side',
    'type',
    'quantity',
    'price',
    'limit',
    'interval',
    'timestamp',
    'signature',
    'apiKey',
    'orderId',
    '__proto__',
    'constructor',
    'x',
  ];
  const given = Array.from({ length: random.integer(6) }, () => pick(random, names));
  return Object.fromEntries(given.map((name) => [name, random.integer(2) === 0 ? 'BTCUSDT' : anyValue(random, 1)]));
}

/** A frame of text that is hardly ever right, for the streams or the WebSocket API. */
export function fuzzedFrame(random: Random, door: 'streams' | 'api'): string {
  const kind = random.integer(12);
  if (kind === 0) return pick(random, BROKEN_JSON);
  if (kind === 1) return JSON.stringify(anyValue(random, 3)) ?? '';
  if (kind === 2) {
    const [open, close] = pick(random, [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const);
    return deep(1 + random.integer(5_000), open, close);
  }
  if (kind === 3) return `{"id":${random.integer(9)},"method":"${'M'.repeat(random.integer(20_000))}"}`;
  if (kind === 4)
    return Array.from({ length: random.integer(200) }, () => String.fromCharCode(random.integer(65_536))).join('');
  const method =
    random.integer(5) === 0 ? anyValue(random, 1) : pick(random, door === 'streams' ? STREAM_METHODS : API_METHODS);
  const params =
    door === 'api' || random.integer(3) === 0
      ? parameters(random)
      : Array.from({ length: random.integer(5) }, () =>
          random.integer(4) === 0 ? anyValue(random, 1) : pick(random, STREAMS),
        );
  const text = JSON.stringify({ id: ids(random), method, params });
  // Now and then it ends in the middle.
  return random.integer(10) === 0 ? text.slice(0, random.integer(text.length)) : text;
}

interface Answer {
  readonly error?: { readonly code?: unknown; readonly msg?: unknown };
  readonly result?: unknown;
  readonly status?: unknown;
  readonly id?: unknown;
  readonly e?: unknown;
  readonly stream?: unknown;
  readonly lastUpdateId?: unknown;
  readonly u?: unknown;
}

/** The codes of the streams, as web-socket-streams.md has them. */
const STREAM_CODES: ReadonlySet<unknown> = new Set([0, 1, 2, 3]);

/** Why a frame from the server is neither an event, nor a result, nor a documented error; null where it is one. */
export function frameProblem(text: string, door: 'streams' | 'api', sent: string): string | null {
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    return 'a frame that is no JSON';
  }
  if (Array.isArray(answer)) return null;
  if (door === 'streams') {
    if (answer.error === undefined)
      return 'result' in answer || 'e' in answer || 'stream' in answer || 'u' in answer || 'lastUpdateId' in answer
        ? null
        : 'neither result nor event';
    const { code, msg } = answer.error;
    if (!STREAM_CODES.has(code)) return `the code ${JSON.stringify(code)} is not one of the streams`;
    return typeof msg === 'string' && msg !== '' ? null : 'there is no message';
  }
  if (!('id' in answer)) return 'event' in answer ? null : 'no id';
  if (typeof answer.status !== 'number' || answer.status >= 500) return `status ${JSON.stringify(answer.status)}`;
  if (answer.status === 200) return 'result' in answer ? null : 'no result';
  return answer.error === undefined ? 'no error' : errorProblem(answer.error, sent);
}
