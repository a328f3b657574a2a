import { type ClientOrderId, type Order, type OrderStatus, type VenueOrderEvent } from '@monsta/core';
import type { LedgerBatch } from '@monsta/ports';
import type { Asked, Moment, Watch } from './power.ts';

/** The points between a command's intent and its outcome at which the program is made to die. What each leaves behind is told in docs/recovery.md. */
export const POINTS = [
  'intent-decided',
  'intent-durable',
  'paper-lost',
  'paper-appended',
  'handed-over',
  'paper-synced',
  'venue-accepted',
  'acknowledged-not-durable',
  'acknowledged-durable',
  'fill-paper-lost',
  'fill-paper-appended',
  'fill-paper-synced',
  'venue-filled',
  'partially-filled-not-durable',
  'partially-filled-durable',
  'filled-not-durable',
  'filled-durable',
  'cancel-decided',
  'cancel-durable',
  'cancel-paper-lost',
  'cancel-paper-appended',
  'cancel-handed-over',
  'cancel-paper-synced',
  'venue-ended',
  'ended-not-durable',
  'ended-durable',
] as const;
export type Point = (typeof POINTS)[number];

type Orders = NonNullable<LedgerBatch['orders']>;
type Pair = readonly [before: Point, after: Point];

const COMMITS: Readonly<Partial<Record<OrderStatus, Pair>>> = {
  pending_submit: ['intent-decided', 'intent-durable'],
  accepted: ['acknowledged-not-durable', 'acknowledged-durable'],
  partially_filled: ['partially-filled-not-durable', 'partially-filled-durable'],
  filled: ['filled-not-durable', 'filled-durable'],
  pending_cancel: ['cancel-decided', 'cancel-durable'],
  canceled: ['ended-not-durable', 'ended-durable'],
};

/** What the venue is busy with, and what its journal's records are called then. */
const RECORDS = {
  entry: ['paper-lost', 'paper-appended', 'paper-synced'],
  cancel: ['cancel-paper-lost', 'cancel-paper-appended', 'cancel-paper-synced'],
  fill: ['fill-paper-lost', 'fill-paper-appended', 'fill-paper-synced'],
} as const satisfies Readonly<Record<string, readonly Point[]>>;

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));

function idsAsked(asked: Asked): readonly ClientOrderId[] {
  switch (asked.call) {
    case 'submit':
    case 'replace':
      return [asked.request.clientOrderId];
    case 'submit-list':
      return asked.request.orders.map(({ clientOrderId }) => clientOrderId);
    default:
      return [asked.id];
  }
}

/** Tells which named point a moment of the life is, for the orders of one command. */
export class CrashPoints {
  readonly #isOfInterest: (order: Order) => boolean;
  readonly #most: number;
  readonly #ids = new Set<ClientOrderId>();
  readonly #lists = new Set<ClientOrderId>();
  #busy: keyof typeof RECORDS = 'fill';
  #appended = false;
  /** Those that came, each once, as they came. */
  readonly seen: Point[] = [];
  /** Ids of all orders that the venue was asked to enter, as often as it was. */
  readonly submitted: ClientOrderId[] = [];

  /** `most`: so many orders belong to the command: the first ones that are of interest. */
  constructor(isOfInterest: (order: Order) => boolean, most: number) {
    this.#isOfInterest = isOfInterest;
    this.#most = most;
  }

  /** Fails the power at a point, or never. */
  watch(at: Point | null): Watch {
    return (moment) => {
      if (moment.step === 'submit' && moment.when === 'after')
        this.submitted.push(...idsAsked(moment.subject as Asked));
      const points = [...new Set(this.#pointsAt(moment))].filter((point) => !this.seen.includes(point));
      this.seen.push(...points);
      return at !== null && points.includes(at);
    };
  }

  #pointsAt({ step, when, subject }: Moment): readonly Point[] {
    const after = when === 'after';
    switch (step) {
      case 'commit':
        return this.#committed((subject as LedgerBatch).orders ?? [], after);
      case 'submit':
        if (!after || !idsAsked(subject as Asked).some((id) => this.#ids.has(id))) return [];
        return ['handed-over'];
      case 'cancel': {
        const [id] = idsAsked(subject as Asked);
        if (id === undefined || !(this.#ids.has(id) || this.#lists.has(id))) return [];
        if (!after) this.#busy = 'cancel';
        return after ? ['cancel-handed-over'] : [];
      }
      case 'paper-append':
        if (![...this.#ids].some((id) => text(subject).includes(`"${id}"`))) return [];
        this.#appended = after;
        return [RECORDS[this.#busy][after ? 1 : 0]];
      case 'paper-sync': {
        if (!after || !this.#appended) return [];
        const point = RECORDS[this.#busy][2];
        this.#appended = false;
        this.#busy = 'fill';
        return [point];
      }
      case 'event':
        return after ? [] : this.#told(subject as VenueOrderEvent);
    }
  }

  #committed(orders: Orders, after: boolean): readonly Point[] {
    const points: Point[] = [];
    for (const order of orders) {
      const { clientOrderId, status, listId } = order;
      if (status === 'pending_submit' && this.#ids.size < this.#most && this.#isOfInterest(order)) {
        this.#ids.add(clientOrderId);
        if (listId !== null) this.#lists.add(listId);
        this.#busy = 'entry';
      }
      const pair = this.#ids.has(clientOrderId) ? COMMITS[status] : undefined;
      if (pair !== undefined) points.push(pair[after ? 1 : 0]);
    }
    return points;
  }

  #told(event: VenueOrderEvent): readonly Point[] {
    const id = event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;
    if (!this.#ids.has(id)) return [];
    if (event.kind === 'order-accepted') return ['venue-accepted'];
    if (event.kind === 'order-filled') return ['venue-filled'];
    return event.kind === 'order-canceled' || event.kind === 'order-expired' ? ['venue-ended'] : [];
  }
}
