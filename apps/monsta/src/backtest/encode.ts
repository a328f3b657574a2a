import { encodeFill, encodeOrder, type FillMessage, type OrderMessage } from '@monsta/contracts';
import type { Fill, Instrument, Order } from '@monsta/core';

/** Orders and fills as the API has them, in the terms of the instruments that were run. */
export class RecordEncoder {
  readonly #instruments: ReadonlyMap<string, Instrument>;

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = new Map(instruments.map((instrument) => [instrument.id, instrument]));
  }

  orders(orders: readonly Order[]): readonly OrderMessage[] {
    return orders.flatMap((order) => {
      const instrument = this.#instruments.get(order.instrument);
      return instrument === undefined ? [] : [encodeOrder(order, instrument)];
    });
  }

  fills(fills: readonly Fill[]): readonly FillMessage[] {
    return fills.flatMap((fill) => {
      const instrument = this.#instruments.get(fill.instrument);
      return instrument === undefined ? [] : [encodeFill(fill, instrument)];
    });
  }
}
