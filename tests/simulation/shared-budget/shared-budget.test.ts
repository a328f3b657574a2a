import { serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, price, quantity, seededRandom, type Random } from '@monsta/core';
import type { Cache, Transport } from '@monsta/ports';
import { createMemoryNetwork, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import {
  createBinanceConnection,
  createBinanceCredentials,
  type BinanceConnection,
  type RestCall,
  type RestClient,
} from '@monsta/venue-binance';
import { expect, it } from 'vitest';
import { BTC } from '../../integration/trading/world.ts';
import { CrowdExchange } from '../fault-matrix/crowd-exchange.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** What the venue allows an address in a minute; a client uses nine tenths of it. */
const WEIGHT_PER_MINUTE = 6_000;
const USABLE = 5_400;
const DEPTH_WEIGHT = 250;
const ACCOUNT_WEIGHT = 20;
/** Orders that each client sends at once, every two hours: together more than the venue takes in ten seconds. */
const BURST = 70;

interface Tally {
  /** Answers by what came of the call: `ok`, or the fault's code, by priority. */
  readonly outcomes: Map<string, number>;
  readonly statuses: Map<number, number>;
  weight: number;
}

const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** Counts what the venue answers, whatever the client makes of it. */
const watched = (transport: Transport, { statuses }: Tally): Transport => ({
  async request(request) {
    const answer = await transport.request(request);
    if (answer.ok) count(statuses, answer.value.status);
    return answer;
  },
  connect: (...asked) => transport.connect(...asked),
  close: () => transport.close(),
});

/** One process: it asks for more than its share the whole day, at random times. */
class Asker {
  readonly #connection: BinanceConnection;
  readonly #client: RestClient;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(connection: BinanceConnection, client: RestClient, clock: VirtualClock, random: Random, tally: Tally) {
    this.#connection = connection;
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
    this.#tally = tally;
  }

  async begin(): Promise<void> {
    expectOk(await this.#connection.start());
  }

  #ask(call: RestCall): void {
    void this.#client.call(call).then((answer) => {
      count(this.#tally.outcomes, `${call.priority} ${answer.ok ? 'ok' : answer.fault.code}`);
      if (answer.ok) this.#tally.weight += call.weight;
    });
  }

  #depth(priority: 'data' | 'backfill'): void {
    const parameters = { symbol: BTC.id, limit: 5_000 };
    this.#ask({ method: 'GET', path: '/api/v3/depth', parameters, security: 'public', weight: DEPTH_WEIGHT, priority });
  }

  /** A minute's questions, spread over it. */
  minute(index: number): void {
    const later = (act: () => void): void => void this.#clock.setTimer(this.#random.integer(MINUTE_MS), act);
    for (let each = 0; each < 14; each += 1) later(() => this.#depth('data'));
    for (let each = 0; each < 10; each += 1) later(() => this.#depth('backfill'));
    for (let each = 0; each < 3; each += 1)
      later(() =>
        this.#ask({
          method: 'GET',
          path: '/api/v3/account',
          security: 'signed',
          weight: ACCOUNT_WEIGHT,
          priority: 'trading',
        }),
      );
    if (index % 120 === 0) for (let order = 0; order < BURST; order += 1) this.#order(order);
  }

  #order(index: number): void {
    const side = index % 2 === 0 ? 'BUY' : 'SELL';
    const parameters = { symbol: BTC.id, side, type: 'MARKET', quantity: '0.001' };
    this.#ask({
      method: 'POST',
      path: '/api/v3/order',
      parameters,
      security: 'signed',
      weight: 1,
      orders: 1,
      priority: 'trading',
    });
  }

  stop(): void {
    this.#connection.stop();
  }
}

/** Two processes of one address for a day; `cacheOf` gives each its cache. */
async function dayOf(cacheOf: (clock: VirtualClock) => () => Cache, hours: number): Promise<Tally> {
  const clock = new VirtualClock(1_740_830_400_000_000);
  const { logger, metrics } = recordingTelemetry();
  const model = new CrowdExchange(clock, [BTC]);
  model.crowd(BTC.id).offer(price(5_999_900), price(6_000_100), quantity(900_000_000));
  const network = createMemoryNetwork({ clock, latencyMs: 20, jitter: { maxMs: 60, random: seededRandom(1) }, logger });
  const accounts = [{ name: 'shared', balances: { USDT: '1000000', BTC: '10' } }];
  const served = expectOk(
    await serveExchange({
      model,
      clock,
      logger,
      httpServer: network.httpServer,
      host: 'exchange.test',
      port: 80,
      accounts,
    }),
  );
  const { apiKey, apiSecret } = served.accounts[0] ?? { apiKey: '', apiSecret: '' };
  const credentials = expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret }));
  const tally: Tally = { outcomes: new Map(), statuses: new Map(), weight: 0 };
  const cache = cacheOf(clock);
  const askers = [11, 12].map((seed) => {
    const transport = watched(network.transport('10.0.0.1'), tally);
    const connection = createBinanceConnection({
      restUrl: 'http://exchange.test',
      wsUrl: 'ws://exchange.test',
      wsApiUrl: null,
      transport,
      clock,
      logger,
      metrics,
      random: seededRandom(seed),
      cache: cache(),
    });
    const client = connection.accountClient({ name: 'shared', credentials });
    return new Asker(connection, client, clock, seededRandom(seed + 100), tally);
  });
  const began = Promise.all(askers.map((asker) => asker.begin()));
  await clock.advance(2_000);
  await began;
  for (let minute = 0; minute < hours * 60; minute += 1) {
    for (const asker of askers) asker.minute(minute);
    await clock.advance(MINUTE_MS);
  }
  for (const asker of askers) asker.stop();
  await served.close(0);
  return tally;
}

it(
  'two processes that share the budget never meet a 429 in a day of load, and use most of what they may',
  { timeout: 240_000 },
  async () => {
    const { outcomes, statuses, weight } = await dayOf((clock) => {
      const shared = createMemoryCache({ clock });
      return () => shared;
    }, DAY_MS / 3_600_000);
    expect([statuses.get(429) ?? 0, statuses.get(418) ?? 0]).toEqual([0, 0]);
    expect(weight).toBeGreaterThan(0.7 * USABLE * 1_440);
    expect(weight).toBeLessThan(WEIGHT_PER_MINUTE * 1_440);
    // There was more to ask than may be asked, and more orders than are taken; that was found out here, not there.
    expect(outcomes.get('data venue_limited') ?? 0).toBeGreaterThan(0);
    expect(outcomes.get('backfill venue_limited') ?? 0).toBeGreaterThan(0);
    expect(outcomes.get('trading venue_limited') ?? 0).toBeGreaterThan(0);
    const orders = 12 * 2 * BURST;
    const questions = 1_440 * 2 * 3;
    expect(outcomes.get('trading ok') ?? 0).toBeGreaterThan(questions + orders * 0.5);
  },
);

it('two processes with a budget each are told 429 within the hour', { timeout: 60_000 }, async () => {
  const { statuses } = await dayOf((clock) => () => createMemoryCache({ clock }), 1);
  expect((statuses.get(429) ?? 0) + (statuses.get(418) ?? 0)).toBeGreaterThan(0);
});
