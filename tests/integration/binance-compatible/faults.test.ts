import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk, msFromUs } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import type { HttpResponse, WebSocketConnection } from '@monsta/ports';
import { recordingTelemetry } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';

const clock = systemClock();
const telemetry = recordingTelemetry();
const { logger } = telemetry;
const transport = createTransport({ logger });
let served: ServedExchange;

beforeAll(async () => {
  const model = createSimulatedExchange({ seed: 1, clock });
  const httpServer = createHttpServer({ logger });
  served = expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
});
afterEach(() => served.server.faults.clear());
afterAll(async () => {
  await transport.close();
  await served.close(200);
  const errors = telemetry.records.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new Error(`the server logged errors: ${JSON.stringify(errors)}`);
});

const send = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: string, timeoutMs = 5_000) =>
  transport.request({
    method,
    url: `${served.restUrl}${path}`,
    timeoutMs,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });

async function arm(rule: object): Promise<void> {
  const answer: HttpResponse = expectOk(await send('POST', '/sim/faults', JSON.stringify(rule)));
  expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('"armed":[')]);
}

async function lastNote(): Promise<string | undefined> {
  const { body } = expectOk(await send('GET', '/sim/faults'));
  return (JSON.parse(body) as { readonly log: readonly { readonly note: string }[] }).log.at(-1)?.note;
}

/** A client that hears frames and waits for what it wants to hear. */
class Listener {
  readonly frames: string[] = [];
  readonly opened = Promise.withResolvers<void>();
  readonly closed = Promise.withResolvers<number>();
  pings = 0;
  readonly connection: WebSocketConnection;
  #waiting: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(path: string) {
    this.connection = transport.connect(
      `${served.wsUrl}${path}`,
      {
        onOpen: () => this.opened.resolve(),
        onMessage: (text) => {
          this.frames.push(text);
          for (const { text: wanted, resolve } of this.#waiting) if (text.includes(wanted)) resolve();
        },
        onPing: () => (this.pings += 1),
        onClose: (code) => this.closed.resolve(code),
      },
      { openTimeoutMs: 5_000 },
    );
  }

  /** Resolves when a frame that holds this text comes, from now on. */
  next(text: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ text, resolve }));
  }
}

function signed(fields: Readonly<Record<string, string | number>>): {
  readonly query: string;
  readonly apiKey: string;
} {
  const [account] = served.accounts;
  if (account === undefined) throw new Error('no account');
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString();
  const signature = createHmac('sha256', account.apiSecret).update(query).digest('hex');
  return { query: `${query}&signature=${signature}`, apiKey: account.apiKey };
}

async function trade(method: 'GET' | 'POST' | 'DELETE', fields: Readonly<Record<string, string>>, timeoutMs = 5_000) {
  const { query, apiKey } = signed({ ...fields, timestamp: msFromUs(clock.nowUs()) });
  const url = `${served.restUrl}/api/v3/order?${query}`;
  return transport.request({ method, url, timeoutMs, headers: { 'x-mbx-apikey': apiKey } });
}

const BID = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01' };
const ORDER = { channel: 'rest', method: 'POST', path: '/api/v3/order' };

/** A price far enough below the market that nothing but a fault fills it. */
async function lowPrice(): Promise<string> {
  const { body } = expectOk(await send('GET', '/api/v3/ticker/price?symbol=BTCUSDT'));
  return `${Math.floor(Number((JSON.parse(body) as { readonly price: string }).price) * 0.9)}.00`;
}

describe('faults over real sockets', () => {
  it('cut a request, leave one unanswered, and lose the answer to an order that is there', async () => {
    await arm({ fault: 'cut', where: { channel: 'rest', path: '/api/v3/ping' } });
    expect(await send('GET', '/api/v3/ping')).toMatchObject({ ok: false, fault: { code: 'transport_failed' } });
    await arm({ fault: 'silence', where: ORDER });
    await arm({ fault: 'fail', where: ORDER, when: { after: 1 } });
    const price = await lowPrice();
    const silent = await trade('POST', { ...BID, price, newClientOrderId: 'silent' }, 300);
    expect(silent).toMatchObject({ ok: false, fault: { code: 'transport_timeout', retry: 'unknown_outcome' } });
    const failed = expectOk(await trade('POST', { ...BID, price, newClientOrderId: 'failed' }));
    expect([failed.status, failed.headers['x-monsta-fault']]).toEqual([504, 'fail-3']);
    for (const origClientOrderId of ['silent', 'failed']) {
      const found = expectOk(await trade('GET', { symbol: 'BTCUSDT', origClientOrderId }));
      expect(JSON.parse(found.body)).toMatchObject({ status: 'NEW', clientOrderId: origClientOrderId });
    }
  });

  it('let an order trade, through the book in which the agents trade, before its cancel', async () => {
    await arm({ fault: 'fill', percent: 100, where: { ...ORDER, method: 'DELETE' } });
    const { body } = expectOk(await send('GET', '/api/v3/ticker/bookTicker?symbol=BTCUSDT'));
    const { bidPrice } = JSON.parse(body) as { readonly bidPrice: string };
    await trade('POST', { ...BID, price: bidPrice, newClientOrderId: 'passive' });
    const cancelled = expectOk(await trade('DELETE', { symbol: 'BTCUSDT', origClientOrderId: 'passive' }));
    const found = expectOk(await trade('GET', { symbol: 'BTCUSDT', origClientOrderId: 'passive' }));
    expect([JSON.parse(cancelled.body), JSON.parse(found.body)]).toMatchObject([{ code: -2011 }, { status: 'FILLED' }]);
    expect(await lastNote()).toMatch(
      /^(order \d+ traded \d+ of \d+ lots|not applicable: there is no such open order)$/,
    );
  });

  it('freeze a stream on a connection that goes on answering, until the rules are taken away', async () => {
    const client = new Listener('/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker');
    await client.next('btcusdt@depth@100ms');
    await arm({ fault: 'freeze', where: { channel: 'stream', name: 'btcusdt@depth*' } });
    const note = 'btcusdt@depth@100ms silent from now on; frames are lost';
    while ((await lastNote()) !== note) await client.next('btcusdt@bookTicker');
    /** An answer comes after everything that was sent before it. */
    const fence = async (id: number): Promise<number> => {
      const answered = client.next(`"id":${id}`);
      client.connection.send(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
      await answered;
      return client.frames.length;
    };
    const frozenFrom = await fence(5);
    for (let quote = 0; quote < 3; quote += 1) await client.next('btcusdt@bookTicker');
    const since = client.frames.slice(frozenFrom, await fence(6));
    expect(since.some((frame) => frame.includes('"stream":"btcusdt@bookTicker"'))).toBe(true);
    expect(since.filter((frame) => frame.includes('"stream":"btcusdt@depth@100ms"'))).toEqual([]);
    const again = client.next('btcusdt@depth@100ms');
    await send('DELETE', '/sim/faults');
    await again;
    client.connection.close();
    await client.closed.promise;
  });

  it('cut open connections, refuse new ones, and say goodbye before maintenance', async () => {
    const cut = new Listener('/ws/btcusdt@trade');
    await cut.opened.promise;
    await arm({ fault: 'cut', where: { channel: 'connection', path: '/ws/*' } });
    expect(await cut.closed.promise).toBe(1_006);
    await arm({ fault: 'refuse', where: { channel: 'connection' } });
    expect(await new Listener('/ws').closed.promise).toBe(1_006);
    const told = new Listener('/stream');
    await told.opened.promise;
    const goodbye = told.next('serverShutdown');
    await arm({ fault: 'maintenance', announceMs: 100 });
    await goodbye;
    expect(await told.closed.promise).toBe(1_001);
    expect(expectOk(await send('GET', '/api/v3/ping')).status).toBe(503);
    await send('DELETE', '/sim/faults');
    expect(expectOk(await send('GET', '/api/v3/ping')).status).toBe(200);
  });
});

describe('docs/simulated-exchange-faults.md', () => {
  const page = readFileSync(join(ROOT, 'docs/simulated-exchange-faults.md'), 'utf8');
  const examples = [...page.matchAll(/^curl -s (.*?)http:\/\/127\.0\.0\.1:9080(\S+)(?: -d '(.*)')?$/gm)].map(
    (match) => ({
      flags: match[1] ?? '',
      path: match[2] ?? '',
      body: match[3],
    }),
  );

  it('shows every fault, and its examples are taken as they stand', async () => {
    expect(examples.length).toBe([...page.matchAll(/^curl /gm)].length);
    const shown = new Set<string>();
    for (const { flags, path, body } of examples) {
      const method = flags.includes('DELETE') ? 'DELETE' : body === undefined ? 'GET' : 'POST';
      const answer = expectOk(await send(method, path, body));
      expect([body, answer.status, answer.body]).toEqual([body, 200, expect.any(String)]);
      for (const match of (body ?? '').matchAll(/"fault":"([a-z-]+)"/g)) shown.add(match[1] ?? '');
    }
    const wrong = expectOk(await send('POST', '/sim/faults', '{"fault":"?"}'));
    const known = /one of (.*), not/.exec(wrong.body)?.[1]?.split(', ') ?? [];
    expect(known.length).toBeGreaterThan(10);
    expect([...shown].toSorted()).toEqual(known.toSorted());
  });
});
