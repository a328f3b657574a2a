import { generateKeyPairSync } from 'node:crypto';
import { readFaultPlan, serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, seededRandom, type Result } from '@monsta/core';
import type { ExchangeKey, HttpRequest, HttpResponse, Transport } from '@monsta/ports';
import { createMemoryNetwork, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { createBinanceConnection } from './connection.ts';
import { createBinanceKeyInspector } from './key-inspection.ts';

const START_US = 1_740_830_400_000_000;
const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

/** The simulated exchange on a network in memory, and an inspector of keys; `change` may alter an answer. */
async function makeWorld(change: (request: HttpRequest, reply: HttpResponse) => HttpResponse = (_, reply) => reply) {
  const clock = new VirtualClock(START_US);
  const { logger, metrics } = silentTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 2 });
  const model = createSimulatedExchange({ seed: 1, edge: 0, clock, logger });
  const served = await settled(
    clock,
    serveExchange({ model, clock, logger, httpServer: network.httpServer, host: 'exchange.test', port: 80 }),
  );
  const exchange = expectOk(served);
  const requests: HttpRequest[] = [];
  const wire = network.transport('127.0.0.1');
  const transport: Transport = {
    ...wire,
    async request(request) {
      requests.push(request);
      const reply = await wire.request(request);
      return reply.ok ? { ok: true, value: change(request, reply.value) } : reply;
    },
    connect: (...given) => wire.connect(...given),
    close: () => wire.close(),
  };
  const connection = createBinanceConnection({
    restUrl: exchange.restUrl,
    wsUrl: exchange.wsUrl,
    wsApiUrl: null,
    clock,
    transport,
    logger,
    metrics,
    random: seededRandom(3),
    cache: createMemoryCache({ clock }),
  });
  const inspector = createBinanceKeyInspector(['simulated', 'binance-testnet'], (name) => ({
    connection,
    tellsPermissions: name === 'simulated',
  }));
  const [account] = exchange.accounts;
  if (account === undefined) throw new Error('the exchange has no account');
  const key: ExchangeKey = { venue: 'simulated', kind: 'hmac', apiKey: account.apiKey, secret: account.apiSecret };
  /** A further key of the account. */
  async function issue(wishes: Readonly<Record<string, unknown>>): Promise<Record<string, string>> {
    const reply = await settled(
      clock,
      wire.request({
        method: 'POST',
        url: `${exchange.restUrl}/sim/keys`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account: account?.account, ...wishes }),
        timeoutMs: 1_000,
      }),
    );
    return JSON.parse(expectOk(reply).body) as Record<string, string>;
  }
  return {
    key,
    requests,
    issue,
    exchange,
    inspect: (asked: ExchangeKey) => settled(clock, inspector.inspect(asked)),
  };
}

async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  const marked = promise.finally(() => (done = true));
  await clock.advanceUntil(() => done, { timeoutMs: 600_000 });
  return marked;
}

describe('what a key may do', () => {
  it('is asked of the exchange with the key itself', async () => {
    const { inspect, key, requests } = await makeWorld();
    expect(expectOk(await inspect(key))).toEqual({
      read: true,
      trade: true,
      withdraw: false,
      transfer: false,
      margin: false,
      futures: false,
      options: false,
      others: [],
      ipRestricted: false,
      tradingUntilMs: null,
      accountTrades: true,
    });
    const asked = requests.map(({ url }) => new URL(url).pathname).filter((path) => !path.endsWith('/time'));
    expect(asked).toEqual(['/sapi/v1/account/apiRestrictions', '/api/v3/account']);
    expect(JSON.stringify(requests)).not.toContain(key.secret);
  });

  it.each([
    [['WITHDRAW'], { withdraw: true }],
    [['TRANSFER'], { transfer: true }],
    [['MARGIN'], { margin: true }],
    [['FUTURES'], { futures: true }],
  ] as const)('%j is told', async (more, told) => {
    const { inspect, issue, key } = await makeWorld();
    const issued = await issue({ permissions: ['TRADE', 'USER_DATA', ...more] });
    const asked = { ...key, apiKey: issued['apiKey'] ?? '', secret: issued['apiSecret'] ?? '' };
    expect(expectOk(await inspect(asked))).toMatchObject({ trade: true, ...told });
  });

  it('is read from the answer that the documentation shows', async () => {
    const documented = {
      ipRestrict: false,
      createTime: 1_698_645_219_000,
      enableReading: true,
      enableWithdrawals: false,
      enableInternalTransfer: false,
      enableMargin: false,
      enableFutures: false,
      permitsUniversalTransfer: false,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: true,
      enableSpotAndMarginTrading: false,
      enablePortfolioMarginTrading: true,
    };
    const { inspect, key } = await makeWorld(({ url }, reply) =>
      url.includes('apiRestrictions') ? { ...reply, body: JSON.stringify(documented) } : reply,
    );
    expect(expectOk(await inspect(key))).toEqual({
      read: true,
      trade: false,
      withdraw: false,
      transfer: false,
      margin: true,
      futures: false,
      options: false,
      others: [],
      ipRestricted: false,
      tradingUntilMs: null,
      accountTrades: true,
    });
  });

  it('of one for reading from listed addresses', async () => {
    const { inspect, issue, key } = await makeWorld();
    const issued = await issue({ permissions: ['USER_DATA'], addresses: ['127.0.0.1'] });
    const asked = { ...key, apiKey: issued['apiKey'] ?? '', secret: issued['apiSecret'] ?? '' };
    expect(expectOk(await inspect(asked))).toMatchObject({ read: true, trade: false, ipRestricted: true });
  });

  it.each(['rsa', 'ed25519'] as const)('of a private key of kind %s', async (kind) => {
    const { inspect, issue, key } = await makeWorld();
    const { publicKey, privateKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const issued = await issue({ publicKey: pem });
    const secret = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const asked = { ...key, kind, apiKey: issued['apiKey'] ?? '', secret };
    expect(expectOk(await inspect(asked))).toMatchObject({ trade: true });
    const other = kind === 'rsa' ? 'ed25519' : 'rsa';
    expect(codeOf(await inspect({ ...asked, kind: other }))).toBe('exchange_key_invalid');
  });

  it('is not known where there is nothing to ask, but the key is proven all the same', async () => {
    const { inspect, key, requests } = await makeWorld();
    const testnet = { ...key, venue: 'binance-testnet' };
    expect(expectOk(await inspect(testnet))).toMatchObject({
      read: true,
      trade: null,
      withdraw: null,
      ipRestricted: null,
      accountTrades: true,
    });
    expect(requests.some(({ url }) => url.includes('/sapi/'))).toBe(false);
    expect(codeOf(await inspect({ ...testnet, secret: `${key.secret}x` }))).toBe('venue_key');
  });

  it('wrong keys are refused as such', async () => {
    const { inspect, issue, key } = await makeWorld();
    expect(codeOf(await inspect({ ...key, secret: 'not the secret' }))).toBe('venue_key');
    expect(codeOf(await inspect({ ...key, apiKey: 'A'.repeat(64) }))).toBe('venue_key');
    const elsewhere = await issue({ addresses: ['203.0.113.9'] });
    const asked = { ...key, apiKey: elsewhere['apiKey'] ?? '', secret: elsewhere['apiSecret'] ?? '' };
    expect(codeOf(await inspect(asked))).toBe('venue_key');
    expect(codeOf(await inspect({ ...key, venue: 'mars' }))).toBe('exchange_key_invalid');
    expect(codeOf(await inspect({ ...key, kind: 'rsa' }))).toBe('exchange_key_invalid');
  });

  it('permissions that nobody here knows are named, a time limit is told, and what is left out is not guessed', async () => {
    const { inspect, key } = await makeWorld(({ url }, reply) => {
      if (!url.includes('apiRestrictions')) return reply;
      const body = JSON.parse(reply.body) as Record<string, unknown>;
      delete body['enableVanillaOptions'];
      const more = { enableTimeTravel: true, enableSleep: false, tradingAuthorityExpirationTime: 1_760_000_000_000 };
      return { ...reply, body: JSON.stringify({ ...body, ...more }) };
    });
    expect(expectOk(await inspect(key))).toMatchObject({
      options: null,
      others: ['enableTimeTravel'],
      tradingUntilMs: 1_760_000_000_000,
    });
  });

  it.each([
    ['silence about withdrawals', { enableWithdrawals: undefined }],
    ['a number for an answer', { enableWithdrawals: 0 }],
    ['silence about trading', { enableSpotAndMarginTrading: undefined }],
    ['a text for a margin', { enableMargin: 'false' }],
  ])('%s is no answer', async (_, wrong) => {
    const { inspect, key } = await makeWorld(({ url }, reply) =>
      url.includes('apiRestrictions')
        ? { ...reply, body: JSON.stringify({ ...(JSON.parse(reply.body) as object), ...wrong }) }
        : reply,
    );
    expect(codeOf(await inspect(key))).toBe('venue_protocol');
  });

  it('an exchange that should say and has no such page is not taken for one that says no', async () => {
    const { inspect, key } = await makeWorld(({ url }, reply) =>
      url.includes('/sapi/') ? { ...reply, status: 404, body: '<html>not found</html>' } : reply,
    );
    expect(codeOf(await inspect(key))).toBe('venue_rejected');
  });

  it('a clock that is far off is measured, and the key checked nevertheless', async () => {
    const { exchange, inspect, key } = await makeWorld();
    expectOk(
      exchange.server.faults.load(
        expectOk(readFaultPlan({ seed: 1, rules: [{ fault: 'clock-drift', driftMs: 90_000 }] })),
      ),
    );
    expect(expectOk(await inspect(key))).toMatchObject({ trade: true });
  });
});
