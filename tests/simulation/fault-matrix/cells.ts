import type { FaultRule } from '@monsta/binance-server';

/** The parts of us that talk to the exchange. */
export const CLIENTS = ['collector', 'user-stream', 'order-entry', 'account'] as const;
export type Client = (typeof CLIENTS)[number];

/**
 * When a fault strikes. `calm`: nothing else is going on; `before`, `after`: the same for a request, on either side of its handling; `open`: as the client starts; `reconnect`: right
 * after its connection was lost; `repair`: while missing trades are fetched; `hand-over`: while a new connection takes over from the old one; `partial-fill`: as part of an
 * order is traded; `restart`: as the program dies, and after it has come back.
 */
export const MOMENTS = [
  'calm',
  'before',
  'after',
  'open',
  'reconnect',
  'repair',
  'hand-over',
  'partial-fill',
  'restart',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Damage is for files of the archive, which none of the clients reads: the tests of downloads see to it. */
type ExchangeFault = Exclude<FaultRule['fault']['kind'], 'damage'>;
/** Faults of the way to the exchange: nobody takes the connection, or nothing is heard of it. */
type NetworkFault = 'network-refused' | 'network-lost';
/** What the exchange calls by one name is more than one thing where it strikes requests, frames or connections. */
export type FaultName = ExchangeFault | NetworkFault | 'delay-frame' | 'cut-frame' | 'refuse-connection';

/** Moments at which a fault can strike a client; what is not there can't be: a fault of frames has no side, a hand-over asks nothing over REST. */
type Applies = Readonly<Record<Client, readonly Moment[]>>;

const NEVER = [] as const;
const REQUEST = ['before', 'after', 'open', 'reconnect', 'repair'] as const;
const FRAME = ['calm', 'open', 'reconnect', 'repair', 'hand-over'] as const;
const SUBSCRIPTION = ['open', 'reconnect', 'hand-over', 'restart'] as const;
const REPORT = ['calm', 'open', 'reconnect', 'hand-over', 'partial-fill', 'restart'] as const;
const ORDER = ['before', 'after', 'reconnect', 'partial-fill', 'restart'] as const;
const ORDER_WHOLE = ['calm', 'reconnect', 'partial-fill', 'restart'] as const;
const QUESTION = ['before', 'after', 'open', 'repair', 'restart'] as const;
const QUESTION_WHOLE = ['open', 'repair', 'restart'] as const;

const requests = (side: 'before' | 'after' | null): Applies => {
  const one = <T extends Moment>(moments: readonly T[]): readonly T[] =>
    moments.filter((moment) => side === null || (moment !== 'before' && moment !== 'after') || moment === side);
  return {
    collector: one(REQUEST),
    'user-stream': SUBSCRIPTION,
    'order-entry': one(ORDER),
    account: one(QUESTION),
  };
};
const FRAMES: Applies = { collector: FRAME, 'user-stream': REPORT, 'order-entry': NEVER, account: NEVER };
const VENUE: Applies = {
  collector: FRAME,
  'user-stream': SUBSCRIPTION,
  'order-entry': ORDER_WHOLE,
  account: QUESTION_WHOLE,
};
const CONNECTIONS: Applies = { ...FRAMES, 'user-stream': REPORT };

export const TABLE: Readonly<Record<FaultName, Applies>> = {
  refuse: requests('before'),
  fail: requests('after'),
  silence: requests(null),
  delay: requests(null),
  cut: requests(null),
  // Only a request about an order has one that can trade.
  fill: { collector: NEVER, 'user-stream': NEVER, 'order-entry': ORDER, account: NEVER },
  drop: FRAMES,
  duplicate: FRAMES,
  reorder: FRAMES,
  'delay-frame': FRAMES,
  freeze: FRAMES,
  'cut-frame': FRAMES,
  'refuse-connection': { ...FRAMES, collector: ['open', 'reconnect', 'hand-over'], 'user-stream': SUBSCRIPTION },
  'cut-connection': CONNECTIONS,
  'freeze-connection': CONNECTIONS,
  'clock-drift': VENUE,
  halt: { ...VENUE, 'user-stream': NEVER, account: NEVER },
  ban: VENUE,
  maintenance: VENUE,
  'network-refused': VENUE,
  'network-lost': VENUE,
};

export const FAULTS = Object.keys(TABLE) as readonly FaultName[];

/** One case of the table. */
export interface Cell {
  readonly client: Client;
  readonly fault: FaultName;
  readonly moment: Moment;
}

export const CELLS: readonly Cell[] = CLIENTS.flatMap((client) =>
  FAULTS.flatMap((fault) => TABLE[fault][client].map((moment) => ({ client, fault, moment }))),
);

/** The cell that a seed is about: any run of as many seeds as there are cells meets all of them. */
export function cellOf(seed: number): Cell {
  const cell = CELLS[seed % CELLS.length];
  if (cell === undefined) throw new RangeError(`no cell for seed ${seed}`);
  return cell;
}
