import { generateKeyPairSync } from 'node:crypto';
import { readFaultRule, serveExchange, type ServedExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, instrumentId, seededRandom, type Result } from '@monsta/core';
import { createMemoryNetwork, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { createBinanceConnection } from './connection.ts';
import type { RestClient } from './rest-client.ts';
import { ORDER, READ } from './rest-world.test-support.ts';
import { createBinanceCredentials, type BinanceKey } from './signing.ts';

const BTC = instrumentId('BTCUSDT');
const { logger, metrics } = silentTelemetry();

/** The simulated exchange and a client of it, on a network in memory. */
async function makeExchange() {
  // The simulated market has no earlier time than 2025.
  const clock = new VirtualClock(Date.UTC(2026, 2, 2, 10) * 1_000);
  const network = createMemoryNetwork({ clock, latencyMs: 20 });
  const model = createSimulatedExchange({ seed: 5, clock, instruments: [BTC] });
  const serving = serveExchange({
    model,
    clock,
    logger,
    httpServer: network.httpServer,
    host: 'exchange.test',
    port: 8_080,
  });
  await clock.advance(100);
  const served: ServedExchange = expectOk(await serving);
  // The exchange's own controls answer the machine that it runs on only.
  const transport = network.transport('127.0.0.1');
  const connection = createBinanceConnection({
    restUrl: served.restUrl,
    wsUrl: served.wsUrl,
    wsApiUrl: served.wsUrl,
    transport,
    clock,
    random: seededRandom(1),
    logger,
    metrics,
    cache: createMemoryCache({ clock }),
  });
  async function finish<T>(work: Promise<T>): Promise<T> {
    let done = false;
    void work.finally(() => (done = true)).catch(() => undefined);
    await clock.advanceUntil(() => done);
    return work;
  }
  const clientOf = (key: BinanceKey): RestClient =>
    connection.accountClient({ name: 'demo-1', credentials: expectOk(createBinanceCredentials(key)) });
  return { clock, served, transport, connection, finish, clientOf };
}

type World = Awaited<ReturnType<typeof makeExchange>>;

/** Registers a public key for the first demo account. */
async function register(world: World, publicKey: string): Promise<string> {
  const posting = world.transport.request({
    method: 'POST',
    url: `${world.served.restUrl}/sim/keys`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account: 'demo-1', publicKey }),
    timeoutMs: 1_000,
  });
  const { body, status } = expectOk(await world.finish(posting));
  expect(status).toBe(200);
  return (JSON.parse(body) as { apiKey: string }).apiKey;
}

async function keyOf(world: World, kind: BinanceKey['kind']): Promise<BinanceKey> {
  if (kind === 'hmac') {
    const [account] = world.served.accounts;
    return { apiKey: account?.apiKey ?? '', kind, secret: account?.apiSecret ?? '' };
  }
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
  const apiKey = await register(world, publicKey.export({ format: 'pem', type: 'spki' }).toString());
  return { apiKey, kind, secret: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);
const BUY = {
  ...ORDER,
  parameters: {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    quoteOrderQty: '100.00',
    newClientOrderId: 'a.b:c/d_e-1',
  },
};

describe('signed calls to the simulated exchange', () => {
  it.each(['hmac', 'rsa', 'ed25519'] as const)('are accepted of a key of kind %s', async (kind) => {
    const world = await makeExchange();
    const client = world.clientOf(await keyOf(world, kind));
    const account = expectOk(await world.finish(client.call(READ)));
    expect(JSON.parse(account.body)).toMatchObject({ accountType: 'SPOT', canTrade: true });
    const placed = expectOk(await world.finish(client.call(BUY)));
    expect(JSON.parse(placed.body)).toMatchObject({
      symbol: 'BTCUSDT',
      status: 'FILLED',
      clientOrderId: 'a.b:c/d_e-1',
    });
    world.connection.stop();
  });

  it('are refused of a key that is not known, and where the secret is another', async () => {
    const world = await makeExchange();
    const key = await keyOf(world, 'hmac');
    const stranger = world.clientOf({ ...key, apiKey: 'A'.repeat(64) });
    const forger = world.clientOf({ ...key, secret: 'another' });
    for (const client of [stranger, forger]) {
      expect(codeOf(await world.finish(client.call(READ)))).toBe('venue_key');
      expect(codeOf(await world.finish(client.call(BUY)))).toBe('venue_key');
    }
    world.connection.stop();
  });

  it('survive a clock of the venue that jumps', async () => {
    const world = await makeExchange();
    const client = world.clientOf(await keyOf(world, 'hmac'));
    expect((await world.finish(client.call(READ))).ok).toBe(true);
    for (const driftMs of [30_000, -30_000]) {
      const rule = expectOk(readFaultRule({ fault: 'clock-drift', driftMs }, 1));
      world.served.server.faults.clear();
      world.served.server.faults.add(rule);
      expect(await world.finish(client.call(READ))).toMatchObject({ ok: true });
      expect(world.connection.clockOffsetMs()).toBeCloseTo(driftMs, -1);
    }
    world.connection.stop();
  });

  it('count as the venue counts them: its own figure is what is known here', async () => {
    const world = await makeExchange();
    const client = world.clientOf(await keyOf(world, 'hmac'));
    for (let read = 0; read < 5; read += 1) expectOk(await world.finish(client.call(READ)));
    // Three questions after the time, and five of weight 20.
    expect(world.connection.budget.usedWeight.used).toBe(103);
    world.connection.stop();
  });
});
