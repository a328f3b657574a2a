import type { FaultRule } from '@monsta/binance-server';

/** The parts of us that talk to the exchange. */
export const CLIENTS = ['collector'] as const;
export type Client = (typeof CLIENTS)[number];

/**
 * When a fault strikes. `calm`: nothing else is going on; `before`, `after`: the same for a request, on either side of its handling; `open`: as the client starts; `reconnect`: right
 * after its connection was lost; `repair`: while missing trades are fetched; `hand-over`: while a new connection takes over from the old one.
 */
export const MOMENTS = ['calm', 'before', 'after', 'open', 'reconnect', 'repair', 'hand-over'] as const;
export type Moment = (typeof MOMENTS)[number];

type ExchangeFault = FaultRule['fault']['kind'];
/** Faults of the way to the exchange: nobody takes the connection, or nothing is heard of it. */
type NetworkFault = 'network-refused' | 'network-lost';
/** What the exchange calls by one name is more than one thing where it strikes requests, frames or connections. */
export type FaultName = ExchangeFault | NetworkFault | 'delay-frame' | 'cut-frame' | 'refuse-connection';

/** Moments at which a fault can strike a client; what is not there can't be: a fault of frames has no side, a hand-over asks nothing over REST. */
type Applies = Readonly<Record<Client, readonly Moment[]>>;

const REQUEST = ['before', 'after', 'open', 'reconnect', 'repair'] as const;
const FRAME = ['calm', 'open', 'reconnect', 'repair', 'hand-over'] as const;

export const TABLE: Readonly<Record<FaultName, Applies>> = {
  refuse: { collector: ['before', 'open', 'reconnect', 'repair'] },
  fail: { collector: ['after', 'open', 'reconnect', 'repair'] },
  silence: { collector: REQUEST },
  delay: { collector: REQUEST },
  cut: { collector: REQUEST },
  // The collector has no orders.
  fill: { collector: [] },
  drop: { collector: FRAME },
  duplicate: { collector: FRAME },
  reorder: { collector: FRAME },
  'delay-frame': { collector: FRAME },
  freeze: { collector: FRAME },
  'cut-frame': { collector: FRAME },
  'refuse-connection': { collector: ['open', 'reconnect', 'hand-over'] },
  'cut-connection': { collector: FRAME },
  'freeze-connection': { collector: FRAME },
  'clock-drift': { collector: FRAME },
  halt: { collector: FRAME },
  ban: { collector: FRAME },
  maintenance: { collector: FRAME },
  'network-refused': { collector: FRAME },
  'network-lost': { collector: FRAME },
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
