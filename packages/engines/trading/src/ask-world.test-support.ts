import { invariant, isFinal, price, quantity, type ClientOrderId, type Fill, type OrderRequest } from '@monsta/core';
import { isDeepStrictEqual } from 'node:util';
import {
  atMs,
  barInput,
  BTC,
  CONFIG,
  configured,
  money,
  only,
  quoteInput,
  startInputs,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput } from './kernel-types.ts';
import type { DecisionRecord } from './records.ts';
import type { ConfiguredStrategy, StrategyDefinition } from './strategy.ts';
import type { StrategyContext } from './strategy/vocabulary.ts';
import { tradeInput, venueInput } from './kernel.test-support.ts';
import type { VenueOrderEvent } from '@monsta/core';

export type Ask = (context: StrategyContext) => void;

interface AtVenue {
  readonly request: OrderRequest;
  readonly listId: ClientOrderId | null;
  open: boolean;
  filled: number;
}

/** No limit of risk's own is in the way. */
export const FREE: KernelConfig = {
  ...CONFIG,
  limits: { ...CONFIG.limits, positionPpmMax: 900_000, openOrdersMax: 100 },
};

/** A kernel with one strategy that asks at trades for what the test says, and a venue that does what it is told and tells of it when the test lets it. */
export class AskWorld {
  kernel: Kernel;
  readonly strategies: readonly ConfiguredStrategy[];
  readonly #config: KernelConfig;
  readonly #asks = new Map<number, Ask>();
  readonly venue = new Map<ClientOrderId, AtVenue>();
  /** What the venue has said and nobody has heard yet. */
  readonly events: VenueOrderEvent[] = [];
  readonly outputs: KernelOutput[] = [];
  /** Codes with which the next orders are refused. */
  readonly refusals: string[] = [];
  /** The kernel is replaced by its own snapshot before each input. */
  readonly restoring: boolean;
  at = 6_000_000;
  ms = 10;
  coins = 0;
  #trades = 0;

  constructor(config: KernelConfig = FREE, handlers: Partial<StrategyDefinition> = {}, restoring = false) {
    this.#config = config;
    this.restoring = restoring;
    this.strategies = [
      configured({
        name: 'asks',
        parameters: {},
        intervals: () => [],
        onTrade: (context, { id }) => this.#asks.get(id)?.(context),
        ...handlers,
      }),
    ];
    this.kernel = new Kernel(config, this.strategies);
    for (const input of startInputs()) this.give(input);
    this.trade();
  }

  give(input: KernelInput): readonly KernelOutput[] {
    const twin = this.restoring
      ? Kernel.restore(JSON.parse(JSON.stringify(this.kernel.snapshot())), this.#config, this.strategies)
      : null;
    const outputs = this.kernel.handle(input);
    if (twin !== null) {
      invariant(
        isDeepStrictEqual(twin.handle(input), outputs),
        `a kernel restored before ${input.kind} goes on another way`,
      );
      this.kernel = twin;
    }
    this.outputs.push(...outputs);
    for (const output of outputs) this.#carryOut(output);
    return outputs;
  }

  trade(at = this.at): readonly KernelOutput[] {
    this.at = at;
    this.ms += 10;
    this.#trades += 1;
    return [...this.give(quoteInput(this.ms, at - 1, at + 1)), ...this.give(tradeInput(this.ms, at, this.#trades))];
  }

  /** What came of one call of the strategy, before the venue has said anything. */
  ask(ask: Ask): readonly KernelOutput[] {
    this.#asks.set(this.#trades + 1, ask);
    return this.trade();
  }

  tick(ms: number): readonly KernelOutput[] {
    this.ms += ms;
    return this.give({ kind: 'tick', tsUs: atMs(this.ms) });
  }

  bar(n: number): readonly KernelOutput[] {
    this.ms = Math.max(this.ms, (n + 1) * 60_000);
    return this.give(barInput(n, this.at));
  }

  /** Lets the kernel hear the next event. */
  hear(): readonly KernelOutput[] {
    const event = this.events.shift();
    if (event === undefined) return [];
    this.ms += 1;
    return this.give(venueInput(this.ms, { ...event, tsEventUs: atMs(this.ms) }));
  }

  hearAll(): readonly KernelOutput[] {
    const all: KernelOutput[] = [];
    for (let events = 0; this.events.length > 0; events += 1) {
      invariant(events < 1_000, 'kernel and venue talk without end');
      all.push(...this.hear());
    }
    return all;
  }

  /** Holds `lots`, with what protects them resting. */
  buy(lots: number): void {
    this.ask(({ order }) => order({ side: 'buy', type: 'market', quantity: lots / 100_000 }));
    this.hearAll();
  }

  fill(id: ClientOrderId, lots: number): void {
    const order = this.venue.get(id);
    invariant(order?.open === true, `${id} does not rest`);
    const { request, listId } = order;
    const size = Math.min(lots, request.quantity - order.filled);
    order.filled += size;
    this.coins += request.side === 'buy' ? size : -size;
    const tsEventUs = atMs(this.ms);
    const fill: Fill = {
      fillId: `${id}:${order.filled}` as Fill['fillId'],
      clientOrderId: id,
      venueOrderId: `v${id}` as Fill['venueOrderId'],
      strategyId: request.strategyId,
      instrument: request.instrument,
      side: request.side,
      price: request.limitPrice ?? price(this.at),
      quantity: quantity(size),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs,
    };
    this.events.push({ kind: 'order-filled', fill, tsEventUs });
    if (order.filled === request.quantity) order.open = false;
    if (listId === null) return;
    for (const [other, each] of this.venue) {
      if (other === id || each.listId !== listId || !each.open) continue;
      each.open = false;
      this.events.push({ kind: 'order-expired', clientOrderId: other, reason: 'the other one trades', tsEventUs });
    }
  }

  /** What rests at the venue, oldest first. */
  get resting(): readonly OrderRequest[] {
    return [...this.venue.values()].filter(({ open }) => open).map(({ request }) => request);
  }

  /** Lots in open sells at the venue; a pair counts once. */
  get offered(): number {
    const lists = new Map<string, number>();
    for (const [id, { request, open, filled, listId }] of this.venue)
      if (open && request.side === 'sell') lists.set(listId ?? id, request.quantity - filled);
    return [...lists.values()].reduce((sum, lots) => sum + lots, 0);
  }

  #carryOut(output: KernelOutput): void {
    if (output.kind === 'submit') this.#place(output.request, null);
    if (output.kind === 'submit-list')
      for (const request of output.request.orders) this.#place(request, output.request.listId);
    if (output.kind === 'cancel') this.#cancel(output.clientOrderId);
    if (output.kind === 'cancel-list')
      for (const [id, { listId }] of this.venue) if (listId === output.listId) this.#cancel(id);
    if (output.kind !== 'replace') return;
    if (this.#cancel(output.clientOrderId)) this.#place(output.request, null);
    else this.#refuse(output.request, 'not_replaced');
  }

  #place(request: OrderRequest, listId: ClientOrderId | null): void {
    const { clientOrderId } = request;
    invariant(!this.venue.has(clientOrderId), `${clientOrderId} was sent twice`);
    const code = listId === null ? this.refusals.shift() : undefined;
    if (code !== undefined) {
      this.#refuse(request, code);
      return;
    }
    const order = { request, listId, open: true, filled: 0 };
    const knewAll = this.events.every(({ kind }) => kind !== 'order-filled');
    this.venue.set(clientOrderId, order);
    if (this.offered > this.coins) {
      // Only a fill that was on its way excuses it; the exchange does not take it then either.
      invariant(!knewAll, `${clientOrderId} sells more than is held`);
      order.open = false;
      this.#refuse(request, 'insufficient_balance');
      return;
    }
    const venueOrderId = `v${clientOrderId}` as Fill['venueOrderId'];
    this.events.push({ kind: 'order-accepted', clientOrderId, venueOrderId, tsEventUs: atMs(this.ms) });
    if (request.type === 'market') this.fill(clientOrderId, request.quantity);
  }

  #refuse({ clientOrderId }: OrderRequest, code: string): void {
    this.events.push({ kind: 'order-rejected', clientOrderId, code, reason: code, tsEventUs: atMs(this.ms) });
  }

  #cancel(clientOrderId: ClientOrderId): boolean {
    const order = this.venue.get(clientOrderId);
    const tsEventUs = atMs(this.ms);
    if (order?.open !== true) {
      const reason = 'unknown order';
      this.events.push({ kind: 'cancel-rejected', clientOrderId, code: 'order_unknown', reason, tsEventUs });
      return false;
    }
    order.open = false;
    this.events.push({ kind: 'order-canceled', clientOrderId, reason: 'asked', tsEventUs });
    return true;
  }

  /** What the kernel holds, in lots. */
  get held(): number {
    const [position] = this.kernel.positions();
    return position === undefined ? 0 : Number(position.quantity / 10n ** 13n);
  }

  /** Orders that work as the kernel knows them. */
  get working() {
    return this.kernel.workingOrders().filter(({ status }) => !isFinal(status));
  }
}

export const decisionsOf = (outputs: readonly KernelOutput[]): readonly DecisionRecord[] =>
  only(outputs, 'decision').map(({ decision }) => decision);

/** Each answer to something that was asked for, in order. */
export const answersOf = (outputs: readonly KernelOutput[]): readonly Readonly<Record<string, unknown>>[] =>
  decisionsOf(outputs).flatMap(({ risk }) => {
    if (typeof risk !== 'object' || risk === null) return [];
    return 'answers' in risk ? (risk.answers as Readonly<Record<string, unknown>>[]) : [{ ...risk }];
  });
