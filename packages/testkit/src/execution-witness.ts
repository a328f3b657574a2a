import {
  PLAIN_TERMS,
  addAmounts,
  amount,
  baseAmount,
  clientOrderId,
  expectOk,
  isFinal,
  negateAmount,
  notional,
  quantity,
  strategyId,
  ZERO_AMOUNT,
  type Amount,
  type AssetId,
  type Balance,
  type ClientOrderId,
  type Fill,
  type ForeignFill,
  type Instrument,
  type OrderListRequest,
  type OrderRequest,
  type OrderStatus,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { expect } from 'vitest';

const STRATEGY = strategyId('conformance');
/** What may follow what in the life of one order, as the first letters of its events: accepted, triggered, rejected, filled, canceled, expired. */
const LIFE = /^(r|at?|at?f+|at?f*[ce])$/;

/** What a test says of an order; an order of no type is a market order unless it has a limit. */
export type Terms = Partial<Omit<OrderRequest, 'clientOrderId' | 'strategyId' | 'listId' | 'createdUs'>>;

/** What the events of one order say of it. */
interface Told {
  /** One letter an event; answers to requests that changed nothing are left out. */
  life: string;
  status: OrderStatus | null;
  readonly fills: Fill[];
  acceptedUs: TimestampUs | null;
}

const idOf = (event: VenueOrderEvent): ClientOrderId =>
  event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;

/** Hands requests to a venue and hears what becomes of them. */
export class ExecutionWitness {
  readonly events: VenueOrderEvent[] = [];
  /** Events that came while a call to the venue had not returned yet. */
  readonly early: VenueOrderEvent[] = [];
  readonly requests = new Map<ClientOrderId, OrderRequest>();
  readonly instrument: Instrument;
  readonly #nowUs: () => TimestampUs;
  readonly venue: () => ExecutionVenue;
  readonly told = new Map<ClientOrderId, Told>();
  opening: ReadonlyMap<AssetId, Amount> = new Map();
  #calling = false;
  #orders = 0;
  #lists = 0;

  constructor(venue: () => ExecutionVenue, instrument: Instrument, nowUs: () => TimestampUs) {
    this.venue = venue;
    this.instrument = instrument;
    this.#nowUs = nowUs;
  }

  /** Begins to listen; what the account holds now is what it began with. */
  async begin(): Promise<void> {
    this.listen();
    this.opening = totals(expectOk(await this.venue().balances()));
  }

  listen(): void {
    this.venue().onEvent((event) => {
      this.events.push(event);
      if (this.#calling) this.early.push(event);
      this.#note(event);
    });
  }

  /** Runs a call to the venue during which nothing may be told. */
  call<T>(run: () => T): T {
    this.#calling = true;
    try {
      return run();
    } finally {
      this.#calling = false;
    }
  }

  /** Submits an order with an id of its own: a market order unless it has a limit. */
  submit(terms: Terms = {}): ClientOrderId {
    const request = this.#request(terms);
    this.again(request);
    return request.clientOrderId;
  }

  /** Submits a list of orders with ids of their own. */
  submitList(kind: OrderListRequest['kind'], orders: readonly Terms[]): OrderListRequest {
    this.#lists += 1;
    const listId = clientOrderId(`conformance-list-${this.#lists}`);
    const request = { listId, kind, orders: orders.map((terms) => this.#request(terms, listId)) };
    this.listAgain(request);
    return request;
  }

  /** Submits this very list. */
  listAgain(request: OrderListRequest): void {
    this.call(() => this.venue().submitList(request));
  }

  /** Replaces an order by one with an id of its own, which is returned. */
  replace(id: ClientOrderId, terms: Terms): ClientOrderId {
    const request = this.#request(terms);
    this.call(() => this.venue().replace(id, request));
    return request.clientOrderId;
  }

  cancelList(listId: ClientOrderId): void {
    this.call(() => this.venue().cancelList(listId));
  }

  #request(terms: Terms, listId: ClientOrderId | null = null): OrderRequest {
    this.#orders += 1;
    const id = clientOrderId(`conformance-${this.#orders}`);
    const request: OrderRequest = {
      clientOrderId: id,
      strategyId: STRATEGY,
      instrument: this.instrument.id,
      side: 'buy',
      type: (terms.limitPrice ?? null) === null ? 'market' : 'limit',
      timeInForce: 'gtc',
      quantity: quantity(100),
      limitPrice: null,
      ...PLAIN_TERMS,
      reduceOnly: false,
      createdUs: this.#nowUs(),
      ...terms,
      listId,
    };
    this.requests.set(id, request);
    return request;
  }

  /** Submits this very request. */
  again(request: OrderRequest): void {
    this.call(() => this.venue().submit(request));
  }

  cancel(id: ClientOrderId): void {
    this.call(() => this.venue().cancel(id));
  }

  /** The kinds of an order's events, in order. */
  kinds(id: ClientOrderId): readonly string[] {
    return this.of(id).map(({ kind }) => kind);
  }

  of(id: ClientOrderId): readonly VenueOrderEvent[] {
    return this.events.filter((event) => idOf(event) === id);
  }

  fills(id: ClientOrderId): readonly Fill[] {
    return this.told.get(id)?.fills ?? [];
  }

  #note(event: VenueOrderEvent): void {
    const id = idOf(event);
    const told = this.told.get(id) ?? { life: '', status: null, fills: [], acceptedUs: null };
    this.told.set(id, told);
    switch (event.kind) {
      case 'order-accepted':
        told.life += 'a';
        told.status = 'accepted';
        told.acceptedUs = event.tsEventUs;
        return;
      case 'order-rejected':
        // A second order of an id is refused; that says nothing of the first.
        if (event.code === 'duplicate_order') return;
        told.life += 'r';
        told.status = 'rejected';
        return;
      case 'order-triggered':
        told.life += 't';
        return;
      case 'order-filled': {
        told.life += 'f';
        told.fills.push(event.fill);
        const filled = told.fills.reduce((sum, fill) => sum + fill.quantity, 0);
        told.status = filled === this.requests.get(id)?.quantity ? 'filled' : 'partially_filled';
        return;
      }
      case 'order-canceled':
        told.life += 'c';
        told.status = 'canceled';
        return;
      case 'order-expired':
        told.life += 'e';
        told.status = 'expired';
        return;
      case 'cancel-rejected':
    }
  }
}

/** A fill as a venue knows it: whose it is may be forgotten when the account is opened again. */
export const withoutStrategy = ({ strategyId: _strategy, ...fill }: Fill): ForeignFill => fill;

const totals = (balances: readonly Balance[]): ReadonlyMap<AssetId, Amount> =>
  new Map(balances.map(({ asset, free, locked }) => [asset, amount(free + locked)]));

/** Everything that must be true of an account whenever all outcomes have been told. */
export async function verifyAccount(witness: ExecutionWitness): Promise<void> {
  const { told, requests, early } = witness;
  const open: ClientOrderId[] = [];
  for (const [id, request] of requests) {
    await verifyOrder(witness, request);
    if (!isFinal(told.get(id)?.status ?? 'pending_submit')) open.push(id);
  }
  expect(early, 'nothing is told before the call has returned').toEqual([]);
  const fillIds = [...told.values()].flatMap(({ fills }) => fills.map(({ fillId }) => fillId));
  expect(new Set(fillIds).size, 'every fill has an id of its own').toBe(fillIds.length);
  const venueOpen = expectOk(await witness.venue().openOrders());
  expect(venueOpen.map((order) => order.clientOrderId).toSorted()).toEqual(open.toSorted());
  await verifyBalances(witness, open.length === 0);
}

async function verifyOrder(witness: ExecutionWitness, request: OrderRequest): Promise<void> {
  const {
    clientOrderId: id,
    quantity: wanted,
    side,
    limitPrice,
    instrument,
    strategyId: strategy,
    type,
    stopPrice,
  } = request;
  const told = witness.told.get(id);
  if (told === undefined) throw new Error(`nothing was ever told of the order ${id}`);
  expect(told.life, `the life of ${id}`).toMatch(LIFE);
  const filled = told.fills.reduce((sum, fill) => sum + fill.quantity, 0);
  expect(filled).toBeLessThanOrEqual(wanted);
  if (told.status === 'canceled' || told.status === 'expired') expect(filled).toBeLessThan(wanted);
  for (const fill of told.fills) {
    expect(fill).toMatchObject({ side, strategyId: strategy, instrument });
    expect(fill.quantity).toBeGreaterThan(0);
    expect(fill.fee).toBeGreaterThanOrEqual(0n);
    expect(fill.tsEventUs, 'no fill is older than the order').toBeGreaterThanOrEqual(told.acceptedUs ?? 0);
    if (limitPrice === null) continue;
    if (side === 'buy') expect(fill.price).toBeLessThanOrEqual(limitPrice);
    else expect(fill.price).toBeGreaterThanOrEqual(limitPrice);
  }
  for (const event of witness.of(id)) {
    if (event.kind === 'order-filled') expect(event.tsEventUs).toBe(event.fill.tsEventUs);
  }
  const known = expectOk(await witness.venue().fillsOf(id));
  expect(known.map(withoutStrategy)).toEqual(told.fills.map(withoutStrategy));
  const order = expectOk(await witness.venue().order(id));
  if (told.status === 'rejected') {
    expect(order, 'a refused order never became one').toBeNull();
    return;
  }
  const { status } = told;
  const terms = { clientOrderId: id, instrument, side, type, limitPrice, stopPrice, quantity: wanted };
  expect(order).toMatchObject({ ...terms, filledQuantity: filled, status });
}

/** What the account began with, moved by its fills, is what it has: to the last digit. */
async function verifyBalances(witness: ExecutionWitness, nothingOpen: boolean): Promise<void> {
  const { instrument } = witness;
  const expected = new Map(witness.opening);
  const move = (asset: AssetId, by: Amount): void => {
    expected.set(asset, addAmounts(expected.get(asset) ?? ZERO_AMOUNT, by));
  };
  for (const fill of [...witness.told.values()].flatMap(({ fills }) => fills)) {
    const money = notional(fill.price, fill.quantity, instrument);
    const coins = baseAmount(fill.quantity, instrument);
    const buy = fill.side === 'buy';
    move(instrument.base, buy ? coins : negateAmount(coins));
    move(instrument.quote, buy ? negateAmount(money) : money);
    move(fill.feeAsset, negateAmount(fill.fee));
  }
  const balances = expectOk(await witness.venue().balances());
  const withoutZeros = (of: ReadonlyMap<AssetId, Amount>) => new Map([...of].filter(([, total]) => total !== 0n));
  expect(withoutZeros(totals(balances))).toEqual(withoutZeros(expected));
  for (const { free, locked } of balances) {
    expect(free).toBeGreaterThanOrEqual(0n);
    expect(locked).toBeGreaterThanOrEqual(0n);
    if (nothingOpen) expect(locked, 'nothing is open, nothing is locked').toBe(0n);
  }
}
