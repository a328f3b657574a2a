import type { Random } from '@monsta/core';
import {
  type DocumentedEndpoint,
  type DocumentedParameter,
  type ParameterKind,
} from './documented-endpoints.test-support.ts';

/** A request in the making. Values are encoded when it is sent, unless they are marked as raw text. */
export interface Draft {
  readonly endpoint: DocumentedEndpoint;
  method: string;
  path: string;
  pairs: Pair[];
  /** Sent as the body, after the parameters that go there. */
  extraBody: string;
  readonly headers: Record<string, string>;
  readonly place: 'query' | 'body';
  /** Null: none is sent. */
  key: 'right' | { readonly instead: string } | null;
  signature: 'right' | 'none' | { readonly instead: string };
  timestampOffsetMs: number;
}

export interface Pair {
  readonly name: string;
  readonly value: string;
  readonly raw: boolean;
}

/** One way to break a request; `expects` are the codes that answer it when nothing else is broken, null: any documented one or success. */
export interface Mutation {
  readonly name: string;
  /** False where it does not fit the request; then nothing was changed. */
  apply(draft: Draft, random: Random): { readonly expects: readonly number[] | null } | null;
}

export const pick = <T>(random: Random, items: readonly T[]): T => {
  const [item] = items.slice(random.integer(items.length));
  // Undefined may be one of the things to pick from.
  return item as T;
};

const NASTY: readonly string[] = [
  '%',
  '%zz',
  '%00',
  '%ff%fe',
  '%c3%28',
  '%u0041',
  '+',
  ' ',
  '\t',
  '\u0000',
  '\u202e',
  '\ud800',
  '🚀🚀',
  'ЖЖЖ',
  '日本',
  "' OR 1=1 --",
  '<script>',
  '{{7*7}}',
  '${x}',
  '../../etc',
  '[]',
  '{}',
  '[[[[',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '0',
  '-0',
  '1e400',
  '1E5',
  '0x10',
  '1_000',
  '٣',
  '0.1.2',
  '.',
  '-',
  '--1',
  '1,5',
  '9'.repeat(19),
  '9'.repeat(20),
  '9'.repeat(400),
  `0.${'0'.repeat(300)}1`,
  '1.',
  '.5',
  '00001',
  'A'.repeat(5_000),
  '__proto__',
  'constructor',
  'toString',
];

const named = (draft: Draft): readonly DocumentedParameter[] =>
  draft.endpoint.parameters.filter(({ name }) => draft.pairs.some((pair) => pair.name === name));

function replace(draft: Draft, name: string, value: string, raw = false): void {
  draft.pairs = draft.pairs.map((pair) => (pair.name === name ? { name, value, raw } : pair));
}

/** Values that cannot be of the kind, and the codes for them. */
const WRONG: Readonly<
  Record<ParameterKind, { readonly values: readonly string[]; readonly codes: readonly number[] }>
> = {
  symbol: { values: ['NOPE', 'BTCUSD', 'btcusdt', 'BTC/USDT', 'BTC USDT', 'Ж', 'A'.repeat(30)], codes: [-1121, -1100] },
  symbols: { values: ['BTCUSDT', '[]x', '["BTCUSDT"', '["btcusdt"]', '[1]', '{"a":1}'], codes: [-1100, -1121, -1135] },
  decimal: { values: ['abc', '1e3', '-1', '1,5', '0x1', '1.2.3', ' 1'], codes: [-1100, -1102, -1130] },
  integer: { values: ['abc', '-1', '1.5', '1e3', ' 1', '9'.repeat(30)], codes: [-1100, -1102, -1108, -1130] },
  text: { values: ['a b', 'Ж', 'x'.repeat(400), '"', '<>'], codes: [-1100, -1102, -1130] },
  flag: { values: ['yes', '1', 'TRUE ', 'nope'], codes: [-1100, -1102, -1130] },
  side: { values: ['HOLD', 'buy?', '1'], codes: [-1117, -1100, -1102] },
  type: { values: ['LIMITED', 'stop', '1'], codes: [-1116, -1100, -1102] },
  timeInForce: { values: ['GTX', 'gtc?', '1'], codes: [-1115, -1100, -1102] },
  interval: { values: ['7m', '1y', '0', '60'], codes: [-1120, -1100] },
  choice: { values: ['NOPE', 'none?', '17'], codes: [-1100, -1102, -1116, -1122, -1130, -1145, -1158] },
};

const AUTHENTICATION: readonly number[] = [-2014, -2015];

/** Breaks what only signed requests have. */
const signedOnly = (
  name: string,
  expects: readonly number[],
  change: (draft: Draft, random: Random) => void,
): Mutation => ({
  name,
  apply(draft, random) {
    if (!draft.endpoint.signed) return null;
    change(draft, random);
    return { expects };
  },
});

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a mandatory parameter left out',
    apply(draft, random) {
      const mandatory = named(draft).filter((parameter) => parameter.mandatory);
      if (mandatory.length === 0) return null;
      const { name } = pick(random, mandatory);
      draft.pairs = draft.pairs.filter((pair) => pair.name !== name);
      return { expects: [-1102, -1128, -1104, -1106, -1101] };
    },
  },
  {
    name: 'a parameter without a value',
    apply(draft, random) {
      if (named(draft).length === 0) return null;
      replace(draft, pick(random, named(draft)).name, '');
      return { expects: [-1105, -1102, -1100] };
    },
  },
  {
    name: 'a parameter twice',
    apply(draft, random) {
      if (draft.pairs.length === 0) return null;
      draft.pairs.push(pick(random, draft.pairs));
      return { expects: [-1101] };
    },
  },
  {
    name: 'a parameter nobody asked for',
    apply(draft, random) {
      const name = pick(random, [
        'foo',
        '__proto__',
        'constructor',
        'hasOwnProperty',
        'a[b]',
        'SYMBOL',
        '日',
        'x'.repeat(300),
      ]);
      draft.pairs.push({ name, value: 'bar', raw: false });
      return { expects: [-1104, -1101, -1103] };
    },
  },
  {
    name: 'a value of the wrong kind',
    apply(draft, random) {
      if (named(draft).length === 0) return null;
      const { name, kind } = pick(random, named(draft));
      replace(draft, name, pick(random, WRONG[kind].values));
      return { expects: WRONG[kind].codes };
    },
  },
  {
    name: 'a nasty value',
    apply(draft, random) {
      if (draft.pairs.length === 0) return null;
      replace(draft, pick(random, draft.pairs).name, pick(random, NASTY), random.integer(2) === 0);
      return { expects: null };
    },
  },
  {
    name: 'nasty text in the query',
    apply(draft, random) {
      draft.pairs.push({
        name: '',
        value: pick(random, [...NASTY, '&&&', '=', '=&=', '?a=b', '#x', ';a=b']),
        raw: true,
      });
      return { expects: null };
    },
  },
  {
    name: 'a body that is no form',
    apply(draft, random) {
      draft.extraBody = pick(random, ['{"symbol":"BTCUSDT"}', '[', '\u0000\u0001', '<xml/>', '&&', 'a=%', ...NASTY]);
      draft.headers['content-type'] = pick(random, [
        'application/json',
        'text/plain',
        'multipart/form-data',
        '',
        'x/y;;',
      ]);
      return { expects: null };
    },
  },
  {
    name: 'a time unit that does not exist',
    apply(draft, random) {
      draft.headers['x-mbx-time-unit'] = pick(random, ['NANOSECOND', 's', '', ' ', '1', 'MICRO']);
      return { expects: [-1194] };
    },
  },
  {
    name: 'a path that does not exist',
    apply(draft, random) {
      const { path } = draft.endpoint;
      draft.path = pick(random, [
        `${path}/`,
        `${path}x`,
        path.toUpperCase(),
        path.replace('v3', 'v9'),
        `${path}/1`,
        `/${path}`,
        '/api',
        '/sapi/v1/x',
        '/%2e%2e/x',
        `${path}%20`,
      ]);
      return { expects: [-5000] };
    },
  },
  {
    name: 'another method',
    apply(draft, random) {
      draft.method = pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'get']);
      return { expects: null };
    },
  },
  signedOnly('no key', AUTHENTICATION, (draft) => {
    draft.key = null;
  }),
  signedOnly('a key that is no key', AUTHENTICATION, (draft, random) => {
    draft.key = {
      instead: pick(random, ['k'.repeat(64), 'short', '', ' ', 'Ж', 'x'.repeat(64), 'x'.repeat(9_000), "';--"]),
    };
  }),
  signedOnly('no signature', [-1102], (draft) => {
    draft.signature = 'none';
  }),
  signedOnly('a signature that is none', [-1022, -1100, -1102, -1105], (draft, random) => {
    draft.signature = {
      instead: pick(random, ['0'.repeat(64), '', 'x', 'ABCD', '🚀', '='.repeat(88), 'f'.repeat(10_000)]),
    };
  }),
  signedOnly('a clock that is off', [-1021], (draft, random) => {
    draft.timestampOffsetMs = pick(random, [-5_500, -60_000, -1e9, 2_000, 60_000, 1e9]);
  }),
  signedOnly('a window that is too wide or none', [-1131, -1102, -1100, -1130, -1108, -1105], (draft, random) => {
    draft.pairs.push({
      name: 'recvWindow',
      value: pick(random, ['60001', '9'.repeat(18), 'x', '-5', '1e3', '5.12345']),
      raw: false,
    });
  }),
];
