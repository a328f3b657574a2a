import { timestampUs, type Price, type Quantity } from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { executionVenueConformance } from '@monsta/testkit';
import { ExecutionWorld } from './execution-world.test-support.ts';

/** Longer than a request takes with all that it brings about. */
const SETTLE_MS = 200;

/**
 * Plays what a test commands in its order: the market moves when what was sent before has arrived. Questions let time pass until they are answered.
 */
class Stage {
  readonly #world: ExecutionWorld;
  #waiting: (() => Promise<void>)[] = [];

  constructor(world: ExecutionWorld) {
    this.#world = world;
  }

  market(bid: Price, ask: Price, lots: Quantity): void {
    this.#waiting.push(async () => {
      await this.#world.clock.advance(SETTLE_MS);
      this.#world.model.offer(bid, ask, lots);
    });
  }

  #command(task: () => void): void {
    this.#waiting.push(() => Promise.resolve(task()));
  }

  async play(): Promise<void> {
    const tasks = this.#waiting;
    this.#waiting = [];
    for (const task of tasks) await task();
  }

  async settled(): Promise<void> {
    await this.play();
    await this.#world.clock.advance(SETTLE_MS);
  }

  /** The venue, with its commands and questions on this stage. */
  of(venue: ExecutionVenue): ExecutionVenue {
    const ask = async <T>(question: () => Promise<T>): Promise<T> => {
      await this.settled();
      return this.#world.during(question());
    };
    return {
      name: venue.name,
      onEvent: (listener) => venue.onEvent(listener),
      onAccountEvent: (listener) => venue.onAccountEvent(listener),
      submit: (request) => this.#command(() => venue.submit(request)),
      submitList: (request) => this.#command(() => venue.submitList(request)),
      cancel: (id) => this.#command(() => venue.cancel(id)),
      cancelList: (id) => this.#command(() => venue.cancelList(id)),
      replace: (id, request) => this.#command(() => venue.replace(id, request)),
      openOrders: () => ask(() => venue.openOrders()),
      order: (id) => ask(() => venue.order(id)),
      fillsOf: (id) => ask(() => venue.fillsOf(id)),
      fillsSince: (instrument, fromUs) => ask(() => venue.fillsSince(instrument, fromUs)),
      balances: () => ask(() => venue.balances()),
      fees: (instrument) => ask(() => venue.fees(instrument)),
      close: async () => {
        await this.play();
        await this.#world.during(venue.close());
      },
    };
  }
}

executionVenueConformance('Binance’s execution venue', async () => {
  const world = await ExecutionWorld.open();
  const stage = new Stage(world);
  const first = await world.connect();
  let venue = stage.of(first.venue);
  let lastUs = 0;
  return {
    venue,
    instrument: world.model.instrument,
    nowUs: () => timestampUs((lastUs = Math.max(lastUs + 1, world.clock.nowUs()))),
    market: (bid, ask, lots) => stage.market(bid, ask, lots),
    settled: () => stage.settled(),
    async reopen() {
      await stage.settled();
      await venue.close();
      venue = stage.of((await world.connect()).venue);
      return venue;
    },
    async dispose() {
      await stage.settled();
      await world.close();
    },
  };
});
