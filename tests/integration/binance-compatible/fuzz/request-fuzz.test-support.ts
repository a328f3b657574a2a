import { createHmac } from 'node:crypto';
import type { Random } from '@monsta/core';
import type { IncomingRequest } from '@monsta/ports';
import { DOCUMENTED_ENDPOINTS, type DocumentedEndpoint } from './documented-endpoints.test-support.ts';
import { MUTATIONS, pick, type Draft, type Pair } from './mutations.test-support.ts';

/** Who signs, when it is, and where the market stands. */
export interface Signer {
  readonly apiKey: string;
  readonly apiSecret: string;
  nowMs(): number;
  /** A price that is far from trading on its side, by symbol. */
  price(symbol: string, side: 'bid' | 'ask'): string;
}

export interface FuzzedRequest {
  readonly request: IncomingRequest;
  /** What was broken, in words. */
  readonly how: string;
  /** The codes that may answer it; null: any documented one, or success. */
  readonly expects: readonly number[] | null;
}

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half a surrogate pair has no encoding; a client would send something broken.
    return '%ed%a0%80';
  }
}

const written = (pairs: readonly Pair[]): string =>
  pairs
    .map(({ name, value, raw }) =>
      raw ? (name === '' ? value : `${name}=${value}`) : `${encode(name)}=${encode(value)}`,
    )
    .join('&');

function draftOf(endpoint: DocumentedEndpoint, signer: Signer, random: Random, plain: boolean): Draft {
  const symbol = endpoint.parameters.find(({ name }) => name === 'symbol')?.good ?? 'BTCUSDT';
  const sent = endpoint.parameters.filter(({ mandatory }) => mandatory || plain || random.integer(4) > 0);
  return {
    endpoint,
    method: endpoint.method,
    path: endpoint.path,
    pairs: sent.map(({ name, good }) => ({
      name,
      value: good === '@bid' || good === '@ask' ? signer.price(symbol, good === '@bid' ? 'bid' : 'ask') : good,
      raw: false,
    })),
    extraBody: '',
    headers: {},
    place: endpoint.method !== 'GET' && random.integer(2) === 0 ? 'body' : 'query',
    key: 'right',
    signature: 'right',
    timestampOffsetMs: 0,
  };
}

function send(draft: Draft, signer: Signer, remoteAddress: string): IncomingRequest {
  const pairs = [...draft.pairs];
  const { signed } = draft.endpoint;
  if (signed) pairs.push({ name: 'timestamp', value: String(signer.nowMs() + draft.timestampOffsetMs), raw: false });
  let text = written(pairs);
  if (signed && draft.signature !== 'none') {
    const payload =
      draft.place === 'query' ? text + draft.extraBody : text + (draft.extraBody === '' ? '' : `&${draft.extraBody}`);
    const signature =
      draft.signature === 'right'
        ? createHmac('sha256', signer.apiSecret).update(payload).digest('hex')
        : encode(draft.signature.instead);
    // The signature comes last, so that what was signed is everything before it.
    if (draft.place === 'query') text += `&signature=${signature}`;
    else text = `${payload}&signature=${signature}`;
  } else if (draft.place === 'body' && draft.extraBody !== '') text += `&${draft.extraBody}`;
  const headers: Record<string, string> = { ...draft.headers };
  if (signed && draft.key !== null) headers['x-mbx-apikey'] = draft.key === 'right' ? signer.apiKey : draft.key.instead;
  const inBody = draft.place === 'body';
  if (inBody) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return {
    method: draft.method,
    path: draft.path,
    params: {},
    rawQuery: inBody ? '' : text,
    headers,
    body: inBody ? text : draft.extraBody,
    remoteAddress,
  };
}

/** A request as the documentation has it, to be served. */
export function honestRequest(endpoint: DocumentedEndpoint, signer: Signer, random: Random): IncomingRequest {
  return send(draftOf(endpoint, signer, random, true), signer, '10.0.0.9');
}

/** One to three mutations of a right request, from many addresses. The codes are exact only where one thing is broken. */
export function fuzzedRequest(signer: Signer, random: Random): FuzzedRequest {
  const draft = draftOf(pick(random, DOCUMENTED_ENDPOINTS), signer, random, false);
  const wanted = random.integer(10) < 6 ? 1 : 2 + random.integer(2);
  const broken: string[] = [];
  let expects: readonly number[] | null = null;
  for (let attempt = 0; attempt < 12 && broken.length < wanted; attempt += 1) {
    const mutation = pick(random, MUTATIONS);
    const applied = mutation.apply(draft, random);
    if (applied === null) continue;
    broken.push(mutation.name);
    ({ expects } = applied);
  }
  const address = `10.${random.integer(256)}.${random.integer(256)}.${random.integer(256)}`;
  return {
    request: send(draft, signer, address),
    how: `${draft.endpoint.method} ${draft.endpoint.path}: ${broken.join(', ')}`,
    expects: broken.length === 1 ? expects : null,
  };
}
