import {
  isFinal,
  price,
  quantity,
  type ClientOrderId,
  type Fill,
  type Order,
  type OrderStatus,
  type VenueOrderEvent,
} from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atMs, barInput, BTC, money, only, venueInput } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelOutput } from './kernel-types.ts';
import { mayBecome } from './order-state.ts';
import { BRACKETED, Desk, GUARDED, TRAILED } from './protective-desk.test-support.ts';

/** What happens next: to which of the orders so far, and how much. */
interface Happening {
  readonly what:
    | VenueOrderEvent['kind']
    | 'list-cancel-rejected'
    | 'again'
    | 'bar'
    | 'trade'
    | 'time'
    | 'halt'
    | 'restore';
  readonly which: number;
  readonly share: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom<Happening['what'][]>(
    'order-accepted',
    'order-accepted',
    'order-accepted',
    'order-filled',
    'order-filled',
    'order-filled',
    'order-triggered',
    'order-canceled',
    'order-expired',
    'order-rejected',
    'cancel-rejected',
    'list-cancel-rejected',
    'again',
    'bar',
    'trade',
    'time',
    'halt',
    'restore',
  ),
  which: fc.nat(),
  share: fc.double({ min: 0.01, max: 1.3, noNaN: true }),
});

const CODES = ['no_quote', 'order_unknown', 'not_replaced', 'duplicate_order', 'would_trigger_immediately'] as const;

/** A kernel to which anything is told of any of its orders, in any order, at any time. */
class Anything {
  #desk: Desk;
  readonly #config: KernelConfig;
  readonly #orders: Order[] = [];
  readonly #told: VenueOrderEvent[] = [];
  readonly #status = new Map<ClientOrderId, Order>();
  readonly wrong: string[] = [];
  readonly seen = new Set<string>();
  #minute = 1;
  #fills = 0;

  constructor(config: KernelConfig) {
    this.#config = config;
    const targets = Array.from({ length: 80 }, (_, index) => [1, 0, 0.5, null, 1][index % 5] ?? null);
    this.#desk = new Desk(targets, config);
    for (const order of this.#desk.kernel.workingOrders()) this.#learn(order);
  }

  #learn(order: Order): void {
    const { clientOrderId: id, status } = order;
    const before = this.#status.get(id);
    if (before === undefined) {
      this.#orders.push(order);
      if (status !== 'pending_submit') this.wrong.push(`${id} begins as ${status}`);
    } else {
      const stays = before.status === status && !isFinal(status);
      if (!stays && !mayBecome(before.status, status)) this.wrong.push(`${id}: ${before.status} → ${status}`);
      if (order.filledQuantity < before.filledQuantity) this.wrong.push(`${id} is filled less than before`);
      this.seen.add(`${before.status} ${status}`);
    }
    if (order.filledQuantity > order.quantity) this.wrong.push(`${id} is filled beyond its quantity`);
    if ((status === 'filled') !== (order.filledQuantity === order.quantity))
      this.wrong.push(`${id} is ${status} with ${order.filledQuantity} of ${order.quantity}`);
    this.#status.set(id, order);
  }

  #hear(outputs: readonly KernelOutput[]): void {
    for (const { order } of only(outputs, 'order')) this.#learn(order);
    const working = this.#desk.kernel.workingOrders().map(({ clientOrderId }) => clientOrderId);
    const open = [...this.#status.values()].filter(({ status }) => !isFinal(status));
    if (
      working.toSorted().join() !==
      open
        .map(({ clientOrderId }) => clientOrderId)
        .toSorted()
        .join()
    )
      this.wrong.push('what works is not what is not final');
  }

  step({ what, which, share }: Happening): void {
    const order = this.#orders[which % this.#orders.length];
    if (order === undefined) return;
    const clientOrderId = what === 'list-cancel-rejected' ? (order.listId ?? order.clientOrderId) : order.clientOrderId;
    const tsEventUs = this.#desk.kernel.nowUs;
    const code = CODES[which % CODES.length] ?? 'no_quote';
    const venueOrderId = `v${clientOrderId}` as Fill['venueOrderId'];
    switch (what) {
      case 'order-accepted':
        return this.#tell({ kind: what, clientOrderId, venueOrderId, tsEventUs });
      case 'order-filled':
        return this.#tell({ kind: what, fill: this.#fill(order, share), tsEventUs });
      case 'order-triggered':
        return this.#tell({ kind: what, clientOrderId, tsEventUs });
      case 'order-canceled':
      case 'order-expired':
        return this.#tell({ kind: what, clientOrderId, reason: 'test', tsEventUs });
      case 'order-rejected':
      case 'cancel-rejected':
      case 'list-cancel-rejected':
        return this.#tell({
          kind: what === 'order-rejected' ? what : 'cancel-rejected',
          clientOrderId,
          code,
          reason: 'test',
          tsEventUs,
        });
      case 'again': {
        const event = this.#told[which % Math.max(1, this.#told.length)];
        if (event !== undefined) this.#tell(event);
        return;
      }
      default:
        this.#surround(what, which, share);
    }
  }

  #surround(what: 'bar' | 'trade' | 'time' | 'halt' | 'restore', which: number, share: number): void {
    const desk = this.#desk;
    const at = 5_700_000 + Math.floor(share * 500_000);
    if (what === 'bar') {
      desk.ms = Math.max(desk.ms, (this.#minute + 1) * 60_000);
      this.#hear(desk.give(barInput(this.#minute, at)));
      this.#minute += 1;
    } else if (what === 'trade') this.#hear(desk.trade(desk.ms + 10, at));
    else if (what === 'time') this.#hear(desk.tick(desk.ms + 7_000));
    else if (what === 'restore')
      desk.kernel = Kernel.restore(JSON.parse(JSON.stringify(desk.kernel.snapshot())), this.#config, desk.strategies);
    else
      this.#hear(
        desk.give({
          kind: 'condition',
          tsUs: atMs(desk.ms),
          code: 'test',
          state: ([null, 'REDUCING', 'HALTED'] as const)[which % 3] ?? null,
          reason: 'test',
        }),
      );
  }

  #tell(event: VenueOrderEvent): void {
    this.#told.push(event);
    this.#desk.ms += 1;
    this.#hear(this.#desk.give(venueInput(this.#desk.ms, event)));
  }

  #fill({ clientOrderId, strategyId, instrument, side, quantity: all }: Order, share: number): Fill {
    this.#fills += 1;
    // All of it at times, and more than there is.
    const left = all - (this.#status.get(clientOrderId)?.filledQuantity ?? 0);
    const size = share > 0.7 && share < 1.1 ? left : Math.floor(all * share);
    return {
      fillId: `f${this.#fills}` as Fill['fillId'],
      clientOrderId,
      venueOrderId: `v${clientOrderId}` as Fill['venueOrderId'],
      strategyId,
      instrument,
      side,
      price: price(6_000_000),
      quantity: quantity(Math.max(1, size)),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: this.#desk.kernel.nowUs,
    };
  }
}

test('no order takes a transition that is not listed, fills beyond its quantity or leaves a final state, whatever is told of single orders, pairs and replacements, in whatever order and how often', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(GUARDED, BRACKETED, TRAILED),
      fc.array(happening, { minLength: 10, maxLength: 90 }),
      (config, happenings) => {
        const world = new Anything(config);
        for (const each of happenings) world.step(each);
        expect(world.wrong).toEqual([]);
        for (const each of world.seen) seen.add(each);
      },
    ),
    { numRuns: 400 },
  );
  const listed: readonly OrderStatus[] = [
    'accepted',
    'partially_filled',
    'pending_cancel',
    'filled',
    'canceled',
    'expired',
  ];
  for (const from of ['pending_submit', 'accepted', 'partially_filled', 'pending_cancel'] as const)
    for (const to of listed) if (mayBecome(from, to)) expect(seen).toContain(`${from} ${to}`);
});
