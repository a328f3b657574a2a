import type { Order } from '../exchange/order.ts';
import type { RestingRule } from './fill-rules.ts';
import type { ShownSide } from './shown-side.ts';

interface Place {
  /** Lots of others that stand before it; null while nothing is known of its price. */
  ahead: number | null;
  /** What was last shown at its price, and what of it was traded since; null where it is not shown now. */
  shown: number | null;
  traded: number;
}

/** Places by order number. */
export type QueuePlacesState = readonly (readonly [orderId: number, place: Readonly<Place>])[];

/**
 * Where resting orders stand in the queue at their price, as far as a feed lets one know. Nobody is ever taken to stand further in front than is sure (`queue`), or than is
 * likely (`queue-probable`).
 */
export class QueuePlaces {
  readonly #probable: boolean;
  /** By order number. */
  readonly #places = new Map<number, Place>();

  constructor(rule: RestingRule) {
    this.#probable = rule === 'queue-probable';
  }

  /** Notes an order that begins to rest: it stands behind all that is shown at its price. */
  arrive(order: Order, side: ShownSide): void {
    const shown = side.at(order.price);
    this.#places.set(order.orderId, { ahead: shown, shown, traded: 0 });
  }

  /** Takes back an order that rested before: behind so many lots as stood before it when that was written down; null: that is not known until its price is shown. */
  takeBack(orderId: number, ahead: number | null): void {
    this.#places.set(orderId, { ahead, shown: null, traded: 0 });
  }

  /** What is worth writing down: the lots before each order whose place is known. */
  get known(): readonly (readonly [orderId: number, ahead: number])[] {
    return [...this.#places].flatMap(([orderId, { ahead }]) => (ahead === null ? [] : [[orderId, ahead] as const]));
  }

  /** Everything that is known of places, for `goOn`. */
  state(): QueuePlacesState {
    return [...this.#places].map(([orderId, place]) => [orderId, { ...place }]);
  }

  goOn(state: QueuePlacesState): void {
    for (const [orderId, place] of state) this.#places.set(orderId, { ...place });
  }

  leave(orderId: number): void {
    this.#places.delete(orderId);
  }

  /** Lots before an order; null where that is not known. */
  ahead(order: Order): number | null {
    return this.#places.get(order.orderId)?.ahead ?? null;
  }

  /** After the feed has shown its side anew. */
  show(order: Order, side: ShownSide): void {
    const place = this.#places.get(order.orderId);
    if (place === undefined) return;
    const shown = side.at(order.price);
    if (shown === null) {
      place.shown = null;
      return;
    }
    if (place.ahead === null) place.ahead = shown;
    else if (this.#probable) shrink(place, place.ahead, shown);
    place.shown = shown;
    place.traded = 0;
  }

  /** A trade of `quantity` at the order's price: moves it up, and answers what of the trade reaches it. */
  trade(order: Order, quantity: number): number {
    const place = this.#places.get(order.orderId);
    if (place === undefined || place.ahead === null) return 0;
    const before = Math.min(place.ahead, quantity);
    place.ahead -= before;
    place.traded += quantity;
    return quantity - before;
  }
}

/** Moves a place up by its share of what vanished without a trade. What is known to be gone is gone: no more stands before it than is shown. */
function shrink(place: Place, ahead: number, shown: number): void {
  if (place.shown !== null) {
    const there = Math.max(0, place.shown - place.traded);
    const vanished = there - shown;
    const all = Math.max(there, ahead);
    if (vanished > 0 && all > 0) {
      const before = Number((BigInt(vanished) * BigInt(ahead)) / BigInt(all));
      place.ahead = Math.max(0, ahead - before);
    }
  }
  place.ahead = Math.min(place.ahead ?? 0, shown);
}
