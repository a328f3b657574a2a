import { createMemoryCache } from '@monsta/cache-memory';
import {
  serveExchange,
  readFaultPlan,
  type AccountCredentials,
  type DemoAccount,
  type ServedExchange,
} from '@monsta/binance-server';
import {
  clientOrderId,
  expectOk,
  PLAIN_TERMS,
  price,
  quantity,
  seededRandom,
  strategyId,
  type ClientOrderId,
  type OrderRequest,
  type OrderStatus,
  type Result,
  type TimestampUs,
  type VenueAccountEvent,
  type VenueOrderEvent,
} from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import type { ExecutionVenue, Transport, WebSocketHandlers } from '@monsta/ports';
import { createMemoryNetwork, recordingTelemetry, VirtualClock, type RecordingTelemetry } from '@monsta/testkit';
import { expect } from 'vitest';
import { createBinanceConnection, type BinanceConnection } from '../connection.ts';
import { createBinanceCredentials } from '../signing.ts';
import { createBinanceExecution } from './binance-execution.ts';
import type { BinanceExecutionSettings } from './config.ts';
import { TestExchange, TRADED } from './test-exchange.test-support.ts';

/** 2025-03-01T12:00:00Z. */
const START_US = 1_740_830_400_000_000;
export const MID = 6_000_000;
const LATENCY_MS = 2;
/** How far time is moved at a step while something is waited for. */
const STEP_MS = 5;
const WAIT_MAX_MS = 900_000;

export interface WorldOptions {
  readonly accounts?: readonly DemoAccount[];
  readonly settings?: BinanceExecutionSettings;
  /** The asset that fees are paid in at a discount. */
  readonly discount?: string;
}

const idOf = (event: VenueOrderEvent): ClientOrderId =>
  event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;

/** What may have been told of an order that stands so, but for cancels that were refused. */
const STORIES: Readonly<Record<OrderStatus, RegExp>> = {
  pending_submit: /^$/,
  denied: /^$/,
  rejected: /^rejected$/,
  accepted: /^accepted( triggered)?$/,
  pending_cancel: /^accepted$/,
  partially_filled: /^accepted( triggered)?( filled)+$/,
  filled: /^accepted( triggered)?( filled)+$/,
  canceled: /^accepted( triggered)?( filled)* canceled$/,
  expired: /^accepted( triggered)?( filled)* expired$/,
};

/** A client of the exchange: its venue and all that it has told. */
export interface WorldClient {
  readonly venue: ExecutionVenue;
  readonly connection: BinanceConnection;
  readonly telemetry: RecordingTelemetry;
  readonly events: VenueOrderEvent[];
  readonly told: VenueAccountEvent[];
}

/** A Binance-compatible exchange and clients of it on a network in memory, under a virtual clock. */
export class ExecutionWorld {
  readonly clock: VirtualClock;
  readonly model: TestExchange;
  readonly served: ServedExchange;
  readonly #network: ReturnType<typeof createMemoryNetwork>;
  readonly #settings: BinanceExecutionSettings;
  readonly #clients: WorldClient[] = [];
  /** The rules as clients know them. */
  rules: SymbolRules;
  /** Times that a client doubted the rules. */
  doubts = 0;
  /** The path of each request of a client. */
  readonly asked: string[] = [];
  #newest: WebSocketHandlers | null = null;
  #orders = 0;

  private constructor(
    clock: VirtualClock,
    model: TestExchange,
    served: ServedExchange,
    network: ReturnType<typeof createMemoryNetwork>,
    settings: BinanceExecutionSettings,
  ) {
    this.clock = clock;
    this.model = model;
    this.rules = model.rules;
    this.served = served;
    this.#network = network;
    this.#settings = settings;
  }

  static async open({ accounts, settings = {}, discount }: WorldOptions = {}): Promise<ExecutionWorld> {
    const clock = new VirtualClock(START_US);
    const model = new TestExchange(clock, discount ?? null);
    const network = createMemoryNetwork({ clock, latencyMs: LATENCY_MS });
    const served = await serveExchange({
      model,
      clock,
      logger: recordingTelemetry().logger,
      httpServer: network.httpServer,
      host: 'exchange.test',
      port: 80,
      accounts: accounts ?? [{ name: 'ann', balances: { USDT: '100000', BTC: '10' } }],
    });
    return new ExecutionWorld(clock, model, expectOk(served), network, settings);
  }

  get ann(): AccountCredentials {
    const [first] = this.served.accounts;
    if (first === undefined) throw new Error('the world needs an account');
    return first;
  }

  /** Lets time pass until a promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    void promise.then(
      () => (done = true),
      () => (done = true),
    );
    await this.clock.advanceUntil(() => done, { stepMs: STEP_MS, timeoutMs: WAIT_MAX_MS });
    return promise;
  }

  /** Connects to the first account, by the same client order ids as every run: `w-…`, `conformance-…`. */
  async connect(knownUntilUs?: TimestampUs): Promise<WorldClient> {
    const started = await this.tryConnect(knownUntilUs);
    return expectOk(started);
  }

  async tryConnect(knownUntilUs?: TimestampUs): Promise<Result<WorldClient>> {
    const telemetry = recordingTelemetry();
    const { clock } = this;
    const connection = createBinanceConnection({
      restUrl: 'http://exchange.test',
      wsUrl: 'ws://exchange.test',
      wsApiUrl: 'ws://exchange.test',
      transport: this.#tapped(this.#network.transport(`10.0.0.${this.#clients.length + 1}`)),
      clock,
      random: seededRandom(11 + this.#clients.length),
      ...telemetry,
      cache: createMemoryCache({ clock }),
    });
    const { apiKey, apiSecret } = this.ann;
    const credentials = expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret }));
    const opened = await this.during(
      createBinanceExecution({
        connection,
        account: { name: 'ann', credentials },
        symbols: [TRADED],
        rulesOf: (symbol) => (symbol === TRADED ? this.rules : null),
        onRulesDoubted: () => {
          this.doubts += 1;
        },
        isOurs: (id) => /^(w|conformance)-/.test(id),
        config: this.#settings,
        ...(knownUntilUs === undefined ? {} : { knownUntilUs }),
      }),
    );
    if (!opened.ok) return opened;
    const client: WorldClient = { venue: opened.value, connection, telemetry, events: [], told: [] };
    client.venue.onEvent((event) => client.events.push(event));
    client.venue.onAccountEvent((event) => client.told.push(event));
    this.#clients.push(client);
    return { ok: true, value: client };
  }

  /** A transport whose newest connection can be made to deliver what nobody sent. */
  #tapped(transport: Transport): Transport {
    return {
      request: (request) => {
        this.asked.push(new URL(request.url).pathname);
        return transport.request(request);
      },
      connect: (url, handlers, options) => {
        this.#newest = handlers;
        return transport.connect(url, handlers, options);
      },
      close: () => transport.close(),
    };
  }

  /** A frame arrives on the newest connection. */
  deliver(frame: object | string): void {
    this.#newest?.onMessage(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** An order with an id of its own: a market order to buy 0.001 BTC unless it says otherwise. */
  order(terms: Partial<OrderRequest> = {}): OrderRequest {
    this.#orders += 1;
    return {
      clientOrderId: clientOrderId(`w-${this.#orders}`),
      strategyId: strategyId('s'),
      instrument: TRADED,
      side: 'buy',
      type: (terms.limitPrice ?? null) === null ? 'market' : 'limit',
      timeInForce: 'gtc',
      quantity: quantity(100),
      limitPrice: null,
      ...PLAIN_TERMS,
      reduceOnly: false,
      createdUs: this.clock.nowUs(),
      ...terms,
    };
  }

  /** The crowd offers so many lots a tick beside the middle. */
  market(middle = MID, lots = 100_000): void {
    this.model.offer(price(middle - 100), price(middle + 100), quantity(lots));
  }

  /** Arms faults of the exchange; see docs/simulated-exchange-faults.md. */
  fault(...rules: readonly object[]): void {
    expectOk(this.served.server.faults.load(expectOk(readFaultPlan({ rules }))));
  }

  /** What was told of one order, by its kinds. */
  story({ events }: WorldClient, id: ClientOrderId): readonly string[] {
    return events.filter((event) => idOf(event) === id).map(({ kind }) => kind.replace('order-', ''));
  }

  /** A request of the account's owner that no venue of ours makes. */
  async byHand(
    client: WorldClient,
    path: string,
    parameters: Readonly<Record<string, string>>,
    method: 'POST' | 'PUT' = 'POST',
  ): Promise<void> {
    const { apiKey, apiSecret } = this.ann;
    const credentials = expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret }));
    const calls = client.connection.accountClient({ name: 'ann', credentials });
    const signed = { security: 'signed', weight: 1, priority: 'trading' } as const;
    expectOk(await this.during(calls.call({ method, path, parameters, ...signed })));
  }

  /** A request of the machine itself to `/sim/<path>`. */
  simulate(path: string, body: object): Promise<void> {
    return this.during(this.simulated(path, body));
  }

  /** The same, while somebody else lets time pass. */
  async simulated(path: string, body: object): Promise<void> {
    const answer = await this.#network.transport('127.0.0.1').request({
      method: 'POST',
      url: `http://exchange.test/sim/${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      timeoutMs: 10_000,
    });
    const response = expectOk(answer);
    if (response.status !== 200) throw new Error(response.body);
  }

  async close(): Promise<void> {
    for (const { venue, connection } of this.#clients) {
      await this.during(venue.close());
      connection.stop();
    }
    await this.during(this.served.close(0));
  }
}

/** What was told of orders is what the venue has: every fill once, and the end. */
export async function verifyOrders(
  world: ExecutionWorld,
  client: WorldClient,
  ...requests: readonly OrderRequest[]
): Promise<void> {
  for (const { clientOrderId: id } of requests) {
    const told = client.events.filter((event) => idOf(event) === id);
    const fills = told.flatMap((event) => (event.kind === 'order-filled' ? [event.fill] : []));
    expect(expectOk(await world.during(client.venue.fillsOf(id))), `the fills of ${id}`).toEqual(fills);
    const order = expectOk(await world.during(client.venue.order(id)));
    const story = world.story(client, id).filter((kind) => kind !== 'cancel-rejected');
    expect(story.join(' '), `the story of ${id}`).toMatch(STORIES[order?.status ?? 'rejected']);
  }
}
