import { price, type VenueOrderEvent } from '@monsta/core';
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
    const venue = (inner: ExecutionVenue): ExecutionVenue => {
      const listeners: ((event: VenueOrderEvent) => void)[] = [];
      return new Proxy(inner, {
        get(target, name) {
          if (name === 'onEvent')
            return (listener: (event: VenueOrderEvent) => void) => {
              listeners.push(listener);
              target.onEvent(listener);
            };
          if (name === 'submit')
            return (request: Parameters<ExecutionVenue['submit']>[0]) => {
              sent += 1;
              if (sent !== 2) {
                target.submit(request);
                return;
              }
              const { clientOrderId, createdUs } = request;
              const event = { kind: 'order-canceled', clientOrderId, reason: 'made up', tsEventUs: createdUs } as const;
              queueMicrotask(() => listeners.forEach((listener) => listener(event)));
            };
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    };
    expect(await saidOf(3, CALM, { venue })).toMatch(/and the exchange never had it/);
  });
});
