import { ALL_RECORDS } from './kept-records.ts';
import { invariant, isFinal, price, quantity, strategyId, timestampUs, venueOrderId } from '@monsta/core';
import type {
  ClientOrderId,
  Fill,
  Instrument,
  Order,
  OrderRequest,
  Quantity,
  StrategyId,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';
import { AccountMonitor } from './account-monitor.ts';
import { Books } from './books.ts';
import { AlgoDesk, type AlgoBegun } from './algo-desk.ts';
import type { KernelConfig, KernelOutput } from './kernel-types.ts';
import type { DecisionRecord, OrderInSteps, PositionRecord } from './records.ts';
import { atMs, balance, BTC, CONFIG, feedInput, only, quoteInput, tradeInput } from './kernel.test-support.ts';
import { Markets } from './markets.ts';
import { OrderDesk, type DeskState, type OrderWish, type Placed } from './order-desk.ts';
import { Portfolio } from './portfolio.ts';
import { decodePosition } from './position-record.ts';
import { ProtectiveDesk } from './protective-desk.ts';
import { missedEvents } from './reconcile.ts';
import { RiskDesk } from './risk.ts';
import { StrategyGates } from './strategy-gates.ts';
import { TradingGate } from './trading-gate.ts';
import type { AlgoDeskState, TwapWish } from './twap.ts';

export const TRADER: StrategyId = strategyId('trader');
/** Room for 0.1 BTC at 60,000 and no limit in the way. */
export const ROOMY: KernelConfig = { ...CONFIG, limits: { ...CONFIG.limits, positionPpmMax: 900_000 } };

interface AtVenue {
  readonly request: OrderRequest;
  status: VenueOrder['status'];
  readonly fills: Fill[];
}

/** A venue that does what it is told: market orders are filled at once, all others rest. Survives the death of the program. */
class ObedientVenue {
  readonly orders = new Map<ClientOrderId, AtVenue>();
  /** What it has reported and nobody has heard yet. */
  readonly events: VenueOrderEvent[] = [];
  at = 6_000_000;
  ms = 0;
  /** Lots that the next market orders find, one after another; then all that is wanted. */
  readonly liquidity: number[] = [];
  /** Codes with which the next orders are refused; null: it is taken. */
  readonly refusals: (string | null)[] = [];

  carryOut(output: KernelOutput): void {
    if (output.kind === 'submit') this.#place(output.request);
    if (output.kind === 'cancel') this.cancel(output.clientOrderId);
    if (output.kind === 'replace' && this.cancel(output.clientOrderId)) this.#place(output.request);
  }

  #place(request: OrderRequest): void {
    const { clientOrderId } = request;
    if (this.orders.has(clientOrderId)) throw new Error(`${clientOrderId} was sent twice`);
    const tsEventUs = atMs(this.ms);
    const code = this.refusals.shift() ?? null;
    if (code !== null) {
      this.events.push({ kind: 'order-rejected', clientOrderId, code, reason: code, tsEventUs });
      return;
    }
    this.orders.set(clientOrderId, { request, status: 'accepted', fills: [] });
    this.events.push({
      kind: 'order-accepted',
      clientOrderId,
      venueOrderId: venueOrderId(`v${clientOrderId}`),
      tsEventUs,
    });
    if (request.type !== 'market') return;
    const found = Math.min(request.quantity, this.liquidity.shift() ?? request.quantity);
    if (found > 0) this.fill(clientOrderId, found);
    const order = this.orders.get(clientOrderId);
    if (order === undefined || isFinal(order.status)) return;
    order.status = 'expired';
    this.events.push({ kind: 'order-expired', clientOrderId, reason: 'no liquidity', tsEventUs });
  }

  fill(id: ClientOrderId | undefined, lots: number): void {
    const order = id === undefined ? undefined : this.orders.get(id);
    invariant(id !== undefined && order !== undefined && !isFinal(order.status), `${id ?? 'nothing'} does not rest`);
    const { request, fills } = order;
    const size = Math.min(lots, request.quantity - filledOf(order)) as Quantity;
    const fill: Fill = {
      fillId: `${id}:${fills.length}` as Fill['fillId'],
      clientOrderId: id,
      venueOrderId: venueOrderId(`v${id}`),
      strategyId: request.strategyId,
      instrument: request.instrument,
      side: request.side,
      price: request.limitPrice ?? price(this.at),
      quantity: size,
      fee: 0n as Fill['fee'],
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: atMs(this.ms),
    };
    fills.push(fill);
    order.status = filledOf(order) === request.quantity ? 'filled' : 'partially_filled';
    this.events.push({ kind: 'order-filled', fill, tsEventUs: fill.tsEventUs });
  }

  /** False where nothing could be canceled. */
  cancel(clientOrderId: ClientOrderId): boolean {
    const order = this.orders.get(clientOrderId);
    const tsEventUs = atMs(this.ms);
    if (order === undefined || isFinal(order.status)) {
      const reason = 'unknown order';
      this.events.push({ kind: 'cancel-rejected', clientOrderId, code: 'order_unknown', reason, tsEventUs });
      return false;
    }
    order.status = 'canceled';
    this.events.push({ kind: 'order-canceled', clientOrderId, reason: 'asked', tsEventUs });
    return true;
  }

  resting(): readonly OrderRequest[] {
    return [...this.orders.values()].filter(({ status }) => !isFinal(status)).map(({ request }) => request);
  }

  /** Orders of algorithms, in the order in which they came. */
  slices(): readonly OrderRequest[] {
    return [...this.orders.values()].map(({ request }) => request).filter(({ tag }) => tag?.startsWith('twap:'));
  }

  filledOfSlices(): number {
    return [...this.orders.values()]
      .filter(({ request }) => request.tag?.startsWith('twap:'))
      .reduce((sum, order) => sum + filledOf(order), 0);
  }

  view(id: ClientOrderId): { readonly order: VenueOrder | null; readonly fills: readonly Fill[] } {
    const found = this.orders.get(id);
    if (found === undefined) return { order: null, fills: [] };
    const { request, status, fills } = found;
    const filledQuantity = quantity(filledOf(found));
    return { order: { ...request, status, filledQuantity, venueOrderId: venueOrderId(`v${id}`) }, fills };
  }
}

const filledOf = ({ fills }: AtVenue): number => fills.reduce((sum, fill) => sum + fill.quantity, 0);

/** What a ledger keeps. */
interface Records {
  readonly orders: Map<ClientOrderId, OrderInSteps>;
  readonly positions: Map<string, PositionRecord>;
  readonly fills: string[];
  readonly decisions: DecisionRecord[];
  algos: AlgoDeskState;
  desk: DeskState;
}

/** How a program dies within an input: with nothing recorded, recorded but nothing sent, or after it was sent. */
export type Death = 'unrecorded' | 'unsent' | 'sent';

/** The desks as the kernel wires them, without strategies; the venue; and what is recorded of each input before it is sent. */
export class AlgoWorld {
  readonly venue = new ObedientVenue();
  readonly records: Records = {
    orders: new Map(),
    positions: new Map(),
    fills: [],
    decisions: [],
    algos: { next: 1, running: [] },
    desk: { idPrefix: null, nextOrder: 1 },
  };
  readonly notes: string[] = [];
  ms = 0;
  readonly #config: KernelConfig;
  #desks: ReturnType<AlgoWorld['wire']>;
  #instrument: Instrument = BTC;
  readonly gate = new TradingGate();
  readonly gates = new StrategyGates();

  constructor(config: KernelConfig = ROOMY) {
    this.#config = config;
    this.#desks = this.wire();
    this.#see(this.venue.at);
  }

  wire() {
    const out: KernelOutput[] = [];
    const { gate, gates } = this;
    const markets = new Markets();
    markets.setInstruments([this.#instrument]);
    const portfolio = new Portfolio(markets);
    portfolio.money.set([balance('USDT', '10000'), balance('BTC', '1')]);
    const emit = (output: KernelOutput): void => {
      out.push(output);
      algos.heard(output);
    };
    const parts = { config: this.#config, markets, portfolio, gate, gates, emit, keeps: ALL_RECORDS };
    const monitor = new AccountMonitor(this.#config.limits.day);
    const risk = new RiskDesk({ ...parts, monitor, strategies: [], planOf: () => null, gateMoved: () => {} });
    const desk = new OrderDesk({
      ...parts,
      risk,
      books: new Books(parts),
      foreignFill: () => undefined,
      stepped: (before, after, nowUs) => protective.stepped(before, after, nowUs),
    });
    const protective = new ProtectiveDesk({
      ...parts,
      desk,
      enters: (id, instrument) => this.algos.enters(id, instrument),
    });
    const algos: AlgoDesk = new AlgoDesk({ ...parts, desk, protective });
    return { out, markets, portfolio, desk, protective, algos };
  }

  get algos(): AlgoDesk {
    return this.#desks.algos;
  }

  get portfolio(): Portfolio {
    return this.#desks.portfolio;
  }

  working(): readonly Order[] {
    return this.#desks.portfolio.workingOrders();
  }

  decisions(what: string): readonly DecisionRecord[] {
    return this.records.decisions.filter(({ id }) => id.includes(`:${what}`));
  }

  /** One input: what happens, what follows, what is recorded, what is sent. */
  input(act: () => void = () => undefined, death: Death | null = null): void {
    const { out, algos, protective, desk } = this.#desks;
    out.length = 0;
    this.venue.ms = this.ms;
    algos.touch();
    act();
    algos.settle(atMs(this.ms), false);
    protective.touch();
    protective.settle(atMs(this.ms));
    if (death === 'unrecorded') {
      this.restart();
      return;
    }
    this.#record(out, algos, desk);
    if (death !== 'unsent') for (const output of out) this.venue.carryOut(output);
    if (death !== null) this.restart();
  }

  #record(out: readonly KernelOutput[], algos: AlgoDesk, desk: OrderDesk): void {
    const { orders, positions, fills, decisions } = this.records;
    for (const { order, instrument } of only(out, 'order')) orders.set(order.clientOrderId, { order, instrument });
    for (const { position } of only(out, 'position')) positions.set(position.strategyId, position);
    for (const { fill } of only(out, 'fill')) fills.push(`${fill.instrument}:${fill.fillId}`);
    for (const { decision } of only(out, 'decision')) decisions.push(decision);
    for (const { message } of only(out, 'note')) this.notes.push(message);
    if (algos.takeMoved()) this.records.algos = structuredClone(algos.durable);
    this.records.desk = desk.state;
  }

  /** The program dies and starts again from what is recorded; what the venue reported meanwhile is asked for. */
  restart(): void {
    const { orders, positions, fills, algos, desk } = this.records;
    this.venue.events.length = 0;
    this.#desks = this.wire();
    this.#desks.desk.restore(desk, fills);
    for (const record of positions.values()) this.portfolio.putPosition(decodePosition(record));
    for (const { order, instrument } of orders.values()) this.portfolio.putOrder(order, instrument);
    this.algos.restore(algos);
    this.#see(this.venue.at);
    this.input(() => {
      for (const order of this.working()) {
        const view = this.venue.view(order.clientOrderId);
        for (const event of missedEvents(order, view, new Set(fills), atMs(this.ms)))
          this.#desks.desk.onVenueEvent(event, atMs(this.ms));
      }
    });
  }

  /** The market stands at `at`; nothing else happens. */
  #see(at: number): void {
    const { markets } = this.#desks;
    this.venue.at = at;
    for (const input of [feedInput(this.ms, 'live'), tradeInput(this.ms, at), quoteInput(this.ms, at - 1, at)]) {
      if (input.kind !== 'market') continue;
      if (input.event.kind === 'feed') markets.onFeed(input.event.instrument, input.event.status);
      else if (input.event.kind === 'trade') markets.onTrade(input.event);
      else if (input.event.kind === 'quote') markets.onQuote(input.event);
    }
  }

  trade(at: number): void {
    this.input(() => this.#see(at));
  }

  stale(): void {
    this.input(() => this.#desks.markets.onFeed(BTC.id, 'stale'));
  }

  restep(instrument: Instrument): void {
    this.#instrument = instrument;
    this.input(() => this.#desks.markets.setInstruments([instrument]));
  }

  /** Hears the oldest report of the venue; false where there is none. */
  hear(death: Death | null = null): boolean {
    const event = this.venue.events.shift();
    if (event === undefined) return false;
    this.input(() => this.#desks.desk.onVenueEvent(event, atMs(this.ms)), death);
    return true;
  }

  hearAll(): void {
    while (this.hear());
  }

  /** Goes on to `ms`, and hears what comes of it. */
  until(ms: number): void {
    this.ms = ms;
    this.trade(this.venue.at);
    this.hearAll();
  }

  /** Buys at the market, beside any algorithm. */
  hold(lots: number): void {
    this.input(() => this.buy(lots));
    this.hearAll();
  }

  /** Places an order beside any algorithm. */
  place(wish: OrderWish): Placed | null {
    let placed: Placed | null = null;
    this.input(() => {
      placed = this.#desks.desk.place(wish, atMs(this.ms));
    });
    return placed;
  }

  /** Within an input. */
  buy(lots: number): void {
    this.#desks.desk.place({ ...PLAIN_BUY, quantity: quantity(lots) }, atMs(this.ms));
  }

  begin(part: Partial<TwapWish> = {}, death: Death | null = null): AlgoBegun {
    const wish: TwapWish = {
      kind: 'twap',
      strategyId: TRADER,
      instrument: BTC.id,
      side: 'buy',
      quantity: quantity(1_000),
      durationUs: 100_000_000,
      slices: 10,
      limitPrice: null,
      tag: null,
      reduceOnly: false,
      ...part,
    };
    let begun: AlgoBegun | null = null;
    this.input(() => {
      begun = this.algos.begin(wish, timestampUs(atMs(this.ms)));
    }, death);
    invariant(begun !== null, 'it answers');
    return begun;
  }
}

const PLAIN_BUY = {
  strategyId: TRADER,
  instrument: BTC.id,
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  limitPrice: null,
  stopPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  listId: null,
  tag: null,
  decisionPrice: null,
  reduceOnly: false,
} as const;
