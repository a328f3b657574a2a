import { price, quantity, venueOrderId, type VenueOrderEvent } from '@monsta/core';
import type { ExecutionVenue, Transport } from '@monsta/ports';
import { describe, expect, it } from 'vitest';
import type { Cell } from './cells.ts';
import { runTradingCase, type TradingMutation } from './trading-case.ts';

const CALM: Cell = { client: 'account', fault: 'delay', moment: 'after' };

async function saidOf(seed: number, cell: Cell, mutation: TradingMutation): Promise<string> {
  return (await runTradingCase(seed, cell, mutation)).violations.join('\n');
}

/** A venue that tells its events otherwise. */
const telling =
  (change: (event: VenueOrderEvent) => readonly VenueOrderEvent[]) =>
  (venue: ExecutionVenue): ExecutionVenue =>
    new Proxy(venue, {
      get(target, name) {
        if (name === 'onEvent')
          return (listener: (event: VenueOrderEvent) => void) =>
            target.onEvent((event) => change(event).forEach((told) => listener(told)));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

type Submitted = Parameters<ExecutionVenue['submit']>[0];

/** A venue that sends orders otherwise. */
const sending =
  (change: (request: Submitted) => Submitted) =>
  (venue: ExecutionVenue): ExecutionVenue =>
    new Proxy(venue, {
      get(target, name) {
        if (name === 'submit') return (request: Submitted) => target.submit(change(request));
        if (name === 'replace')
          return (...[id, request]: Parameters<ExecutionVenue['replace']>) => target.replace(id, change(request));
        if (name === 'submitList')
          return (list: Parameters<ExecutionVenue['submitList']>[0]) => {
            // The two of a pair have one quantity.
            const size = list.orders
              .map(change)
              .find((order, index) => order.quantity !== list.orders[index]?.quantity);
            const orders =
              size === undefined ? list.orders : list.orders.map((order) => ({ ...order, quantity: size.quantity }));
            target.submitList({ ...list, orders });
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

/** A venue that doesn't send some orders, and makes up what became of them. */
const inventing =
  (eventOf: (request: Submitted) => VenueOrderEvent | null) =>
  (venue: ExecutionVenue): ExecutionVenue => {
    const listeners: ((event: VenueOrderEvent) => void)[] = [];
    return new Proxy(venue, {
      get(target, name) {
        if (name === 'onEvent')
          return (listener: (event: VenueOrderEvent) => void) => {
            listeners.push(listener);
            target.onEvent(listener);
          };
        if (name === 'submit')
          return (request: Submitted) => {
            const event = eventOf(request);
            if (event === null) target.submit(request);
            else queueMicrotask(() => listeners.forEach((listener) => listener(event)));
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };

/** A transport that sends again what changes something, where it does not know what became of it. */
const impatient = (transport: Transport): Transport => ({
  async request(request) {
    const first = await transport.request(request);
    const unknown = !first.ok || first.value.status >= 500;
    return unknown && request.method === 'POST' ? transport.request(request) : first;
  },
  connect: (...asked) => transport.connect(...asked),
  close: () => transport.close(),
});

describe('a client is found out that', { timeout: 60_000 }, () => {
  it('is not, where it does everything right', async () => {
    expect(await saidOf(3, CALM, {})).toBe('');
  });

  it('sends an order again whose outcome it does not know', async () => {
    const cell = { client: 'order-entry', fault: 'fail', moment: 'after' } as const;
    // A second sale finds nothing left to sell, and a second cancel nothing to cancel: not every seed shows it.
    const said: string[] = [];
    for (let seed = 1; seed <= 10; seed += 1) said.push(await saidOf(seed, cell, { transport: impatient }));
    expect(said.join('\n')).toMatch(/order m\S+ is at the exchange twice/);
  });

  it('loses a fill', async () => {
    let lost = false;
    const venue = telling((event) => {
      if (lost || event.kind !== 'order-filled') return [event];
      lost = true;
      return [];
    });
    expect(await saidOf(3, CALM, { venue })).toMatch(/divergence|only at the venue/);
  });

  it('tells a fill otherwise than it was', async () => {
    const venue = telling((event) =>
      event.kind === 'order-filled'
        ? [{ ...event, fill: { ...event.fill, price: price(event.fill.price + 1) } }]
        : [event],
    );
    expect(await saidOf(3, CALM, { venue })).toMatch(/fill only in the ledger/);
  });

  it('takes an order for sent that never was', async () => {
    let sent = 0;
    const venue = inventing(({ clientOrderId, createdUs: tsEventUs }) => {
      sent += 1;
      return sent === 2 ? { kind: 'order-canceled', clientOrderId, reason: 'made up', tsEventUs } : null;
    });
    expect(await saidOf(3, CALM, { venue })).toMatch(/and the exchange never had it/);
  });

  /** Whatever is done wrong with stops, some of the first seeds whose cases have them show it. */
  async function saidOfStops(mutation: TradingMutation): Promise<string> {
    const said: string[] = [];
    for (let seed = 1; seed <= 12; seed += 1) said.push(await saidOf(seed, CALM, mutation));
    return said.join('\n');
  }

  it('shows a stop that is not there', async () => {
    const venue = inventing(({ clientOrderId, type, createdUs: tsEventUs }) => {
      const event = { kind: 'order-accepted', clientOrderId, venueOrderId: venueOrderId('1'), tsEventUs } as const;
      return type === 'stop_loss_limit' ? event : null;
    });
    expect(await saidOfStops({ venue })).toMatch(/lots have no stop; the position is shown as/);
  });

  it('places stops that are smaller than the position', async () => {
    const venue = sending((request) =>
      request.type === 'stop_loss_limit' ? { ...request, quantity: quantity(request.quantity - 1) } : request,
    );
    // In this case none is triggered, and one rests in the end.
    expect(await saidOf(44, CALM, { venue })).toMatch(
      /lots are covered by STOP_LOSS_LIMIT m\S+-p of \d+; the position is/,
    );
  });

  it('places stops that are larger, where the account has coins that somebody else bought', async () => {
    const venue = sending((request) =>
      request.type === 'stop_loss_limit' ? { ...request, quantity: quantity(request.quantity + 1) } : request,
    );
    expect(await saidOfStops({ venue })).toMatch(/lots are in orders to sell \((LIMIT_MAKER .*, )?STOP_LOSS_LIMIT/);
  });
});
