import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import {
  clientOrderId,
  expectOk,
  formatAmount,
  instrumentId,
  parsePrice,
  parseQuantity,
  PLAIN_TERMS,
  seededRandom,
  strategyId,
  type ClientOrderId,
  type Instrument,
  type OrderRequest,
  type VenueAccountEvent,
  type VenueOrderEvent,
} from '@monsta/core';
import type { Clock, ExecutionVenue, HttpRequest, Transport } from '@monsta/ports';
import { recordingTelemetry, type RecordingTelemetry } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import {
  createBinanceConnection,
  createBinanceCredentials,
  createBinanceExecution,
  openBinanceSymbolRules,
  type BinanceConnection,
  type BinanceKey,
} from '@monsta/venue-binance';
import type { BinanceExecutionSettings } from '@monsta/venue-binance/execution-config';
import type { Addresses, ClientKey } from './other-clients.test-support.ts';

const SYMBOL = instrumentId('BTCUSDT');

export const hmacKey = ({ apiKey, apiSecret }: ClientKey): BinanceKey => ({ apiKey, kind: 'hmac', secret: apiSecret });

/** Our own client's way to a server of ours. */
export interface MonstaLine {
  readonly connection: BinanceConnection;
  readonly telemetry: RecordingTelemetry;
  /** What was sent over REST, oldest first. */
  readonly requests: readonly Pick<HttpRequest, 'method' | 'url'>[];
  close(): Promise<void>;
}

export function monstaLine({ restUrl, wsUrl }: Addresses, clock: Clock = systemClock()): MonstaLine {
  const telemetry = recordingTelemetry();
  const inner = createTransport({ logger: telemetry.logger });
  const requests: Pick<HttpRequest, 'method' | 'url'>[] = [];
  const transport: Transport = {
    request(request) {
      requests.push(request);
      return inner.request(request);
    },
    connect: (url, handlers, options) => inner.connect(url, handlers, options),
    close: () => inner.close(),
  };
  const cache = createMemoryCache({ clock });
  const random = seededRandom(7);
  const addresses = { restUrl, wsUrl, wsApiUrl: wsUrl };
  const connection = createBinanceConnection({ ...addresses, ...telemetry, transport, clock, random, cache });
  return {
    connection,
    telemetry,
    requests,
    async close() {
      connection.stop();
      await transport.close();
    },
  };
}

/** Events as they are told, and what waits for one. */
class Heard<E> {
  readonly events: E[] = [];
  readonly #waiting = new Set<() => void>();

  take(event: E): void {
    this.events.push(event);
    for (const look of this.#waiting) look();
  }

  /** The first event that is wanted, of those told and those to come. */
  first<W extends E>(wanted: (event: E) => event is W): Promise<W>;
  first(wanted: (event: E) => boolean): Promise<E>;
  first(wanted: (event: E) => boolean): Promise<E> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.find((event) => wanted(event));
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

const idOf = (event: VenueOrderEvent): ClientOrderId =>
  event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;

/** An order in the words of the exchange; what is left out is a plain buy of a thousandth of a bitcoin at the market, under the next id. */
export interface Terms extends Partial<Pick<OrderRequest, 'side' | 'type' | 'timeInForce' | 'trailingBps' | 'listId'>> {
  readonly id?: string;
  readonly quantity?: string;
  readonly price?: string;
  readonly stop?: string;
  readonly shown?: string;
}

type Steps = Pick<Instrument, 'tick' | 'lot'>;

interface TraderOptions {
  readonly clock?: Clock;
  readonly settings?: BinanceExecutionSettings;
  /** Begins the ids of the orders that are this trader's own. */
  readonly prefix?: string;
}

type Rejected = Extract<VenueOrderEvent, { readonly kind: 'order-rejected' | 'cancel-rejected' }>;

/** Our own client with an account: BTCUSDT is what it trades, by the rules that the exchange lists. */
export class MonstaTrader {
  readonly line: MonstaLine;
  readonly venue: ExecutionVenue;
  readonly orders = new Heard<VenueOrderEvent>();
  readonly account = new Heard<VenueAccountEvent>();
  readonly #prefix: string;
  readonly #steps: Steps;
  readonly #stopRules: () => void;
  #ids = 0;

  private constructor(line: MonstaLine, venue: ExecutionVenue, steps: Steps, prefix: string, stopRules: () => void) {
    this.line = line;
    this.venue = venue;
    this.#steps = steps;
    this.#prefix = prefix;
    this.#stopRules = stopRules;
    venue.onEvent((event) => this.orders.take(event));
    venue.onAccountEvent((event) => this.account.take(event));
  }

  static async open(addresses: Addresses, key: BinanceKey, options: TraderOptions = {}): Promise<MonstaTrader> {
    const { prefix = 'm-', settings = {} } = options;
    const line = monstaLine(addresses, options.clock);
    const { connection } = line;
    const rules = expectOk(await openBinanceSymbolRules({ connection, symbols: [SYMBOL] }));
    const venue = await createBinanceExecution({
      connection,
      account: { name: 'contract', credentials: expectOk(createBinanceCredentials(key)) },
      symbols: [SYMBOL],
      rulesOf: (symbol) => rules.rulesOf(symbol),
      isOurs: (id) => id.startsWith(prefix),
      onRulesDoubted: () => rules.doubt(),
      config: settings,
    });
    const steps = rules.rulesOf(SYMBOL);
    if (steps === null) throw new Error(`the exchange lists ${SYMBOL}`);
    return new MonstaTrader(line, expectOk(venue), steps, prefix, () => rules.stop());
  }

  request({ id, quantity = '0.001', price, stop, shown, ...terms }: Terms): OrderRequest {
    this.#ids += 1;
    const steps = this.#steps;
    const priceOf = (text: string | undefined) => (text === undefined ? null : expectOk(parsePrice(text, steps)));
    return {
      ...PLAIN_TERMS,
      clientOrderId: clientOrderId(id ?? `${this.#prefix}${this.#ids}`),
      strategyId: strategyId('contract'),
      instrument: SYMBOL,
      side: 'buy',
      type: price === undefined ? 'market' : 'limit',
      timeInForce: 'gtc',
      reduceOnly: false,
      createdUs: this.line.connection.time.nowUs(),
      ...terms,
      quantity: expectOk(parseQuantity(quantity, steps)),
      limitPrice: priceOf(price),
      stopPrice: priceOf(stop),
      icebergQuantity: shown === undefined ? null : expectOk(parseQuantity(shown, steps)),
    };
  }

  /** The first of these events that is told of the order or list. */
  told<K extends VenueOrderEvent['kind']>(
    id: ClientOrderId,
    ...kinds: readonly K[]
  ): Promise<Extract<VenueOrderEvent, { readonly kind: K }>> {
    const wanted = (event: VenueOrderEvent): event is Extract<VenueOrderEvent, { readonly kind: K }> =>
      idOf(event) === id && kinds.some((kind) => kind === event.kind);
    return this.orders.first(wanted);
  }

  /** Enters an order; throws where it is rejected. */
  async place(terms: Terms): Promise<ClientOrderId> {
    const request = this.request(terms);
    this.venue.submit(request);
    return this.#accepted(request.clientOrderId);
  }

  /** Enters a list; throws where an order of it is rejected. */
  async placeList(kind: 'oco' | 'oto' | 'otoco', legs: readonly Terms[]): Promise<readonly ClientOrderId[]> {
    this.#ids += 1;
    const listId = clientOrderId(`${this.#prefix}list-${this.#ids}`);
    const orders = legs.map((terms) => this.request({ ...terms, listId }));
    this.venue.submitList({ listId, kind, orders });
    await Promise.all(orders.map((order) => this.#accepted(order.clientOrderId)));
    return [listId, ...orders.map((order) => order.clientOrderId)];
  }

  async #accepted(id: ClientOrderId): Promise<ClientOrderId> {
    const event = await this.told(id, 'order-accepted', 'order-rejected');
    if (event.kind === 'order-rejected') throw new Error(`${id} is rejected as ${event.code}: ${event.reason}`);
    return id;
  }

  /** Enters an order that is to be rejected, and answers why it is. */
  async rejected(terms: Terms): Promise<Rejected> {
    const request = this.request(terms);
    const from = this.orders.events.length;
    this.venue.submit(request);
    const event = await this.orders.first(
      (each) => idOf(each) === request.clientOrderId && this.orders.events.indexOf(each) >= from,
    );
    if (event.kind !== 'order-rejected') throw new Error(`${JSON.stringify(terms)} is not rejected: ${event.kind}`);
    return event;
  }

  async cancel(...ids: readonly ClientOrderId[]): Promise<void> {
    for (const id of ids) this.venue.cancel(id);
    await Promise.all(ids.map((id) => this.told(id, 'order-canceled')));
  }

  /** Resolves when so much of the order has been told of as filled. */
  async filled(id: ClientOrderId, quantity = '0.001'): Promise<void> {
    const wanted = expectOk(parseQuantity(quantity, this.#steps));
    const lots = (): number =>
      this.orders.events.reduce(
        (sum, event) => (event.kind === 'order-filled' && idOf(event) === id ? sum + event.fill.quantity : sum),
        0,
      );
    await this.orders.first(() => lots() >= wanted);
  }

  /** Balances in the words of the exchange, by asset. */
  async balances(): Promise<readonly { readonly asset: string; readonly free: string; readonly locked: string }[]> {
    const balances = expectOk(await this.venue.balances());
    return balances
      .map(({ asset, free, locked }) => ({ asset, free: formatAmount(free), locked: formatAmount(locked) }))
      .toSorted((one, other) => (one.asset < other.asset ? -1 : 1));
  }

  async close(): Promise<void> {
    await this.venue.close();
    this.#stopRules();
    await this.line.close();
  }
}
