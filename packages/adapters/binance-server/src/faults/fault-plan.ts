/** Where traffic can be struck. `subscription`: requests on the stream sockets; `connection`: upgrades and open sockets; `venue`: no traffic at all. */
export const CHANNELS = ['rest', 'ws-api', 'subscription', 'stream', 'user-data', 'connection', 'venue'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What of the traffic a rule means. Patterns are whole texts in which `*` stands for any run of characters. */
export interface FaultPlace {
  readonly channel: Channel;
  /** REST only; null: every method. */
  readonly httpMethod: 'GET' | 'POST' | 'PUT' | 'DELETE' | null;
  /** The path (REST, connections), method (requests on sockets), stream name, or event type (user data). */
  readonly pattern: string;
  /** The n-th connection that was opened on the server, from 1; null: all. */
  readonly connection: number | null;
}

/** When a rule strikes. Absolute times are the venue's; relative ones count from the moment the rule is armed. */
export interface FaultWindow {
  readonly from: { readonly atMs: number } | { readonly inMs: number };
  /** Exclusive; null: until the rule is taken away. `forMs` counts from the beginning of the window. */
  readonly until: { readonly atMs: number } | { readonly forMs: number } | null;
  /** So many matches within the window pass unharmed first. */
  readonly after: number;
  /** Above 0, up to 1; drawn for each match from the seed and the rule's id. */
  readonly probability: number;
}

/** On which side of the request's handling, or of the frame's sending, the fault happens. */
export type Moment = 'before' | 'after';

/** `now`: the sockets that are open when the window begins; `open`: those that open within it. */
export type ConnectionMoment = 'now' | 'open';

export interface FaultAnswer {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** `html`: the page of a gateway instead of Binance's JSON; REST and connections only. */
  readonly body: 'json' | 'html';
  readonly retryAfterS: number | null;
}

export interface CutHow {
  /** Null: without a close handshake. */
  readonly closeCode: number | null;
  readonly reason: string;
}

export interface FreezeHow {
  /** `matching`: only this stream, or this user-data subscription, falls silent; `connection`: everything that goes out. */
  readonly scope: 'connection' | 'matching';
  /** Null: for as long as the connection lives. */
  readonly forMs: number | null;
  /** What becomes of the frames of that time when it is over. */
  readonly frames: 'lost' | 'kept';
}

export type Fault =
  /** The request is not handled: the answer says no. */
  | ({ readonly kind: 'refuse' } & FaultAnswer)
  /** The request is handled, the answer says that it failed. */
  | ({ readonly kind: 'fail' } & FaultAnswer)
  /** No answer ever comes: over HTTP the connection is ended after `forMs` when the client has not given up before. */
  | { readonly kind: 'silence'; readonly moment: Moment; readonly forMs: number }
  | { readonly kind: 'delay'; readonly moment: Moment; readonly delayMs: number; readonly jitterMs: number }
  | ({ readonly kind: 'cut'; readonly moment: Moment } & CutHow)
  | ({ readonly kind: 'cut-connection'; readonly moment: ConnectionMoment; readonly afterOpenMs: number } & CutHow)
  /** The order that the request is about trades with a hidden counterparty: `percent` of what is left of it. */
  | { readonly kind: 'fill'; readonly moment: Moment; readonly percent: number }
  /** The answer is not what was made: only the first `percent` of its bytes, or one of its bytes (of a text: a digit) is another. */
  | { readonly kind: 'damage'; readonly how: 'truncate' | 'alter'; readonly percent: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate'; readonly copies: number; readonly delayMs: number }
  /** So many frames are collected, for `holdMs` at most, and sent in another order. */
  | { readonly kind: 'reorder'; readonly window: number; readonly holdMs: number }
  | ({ readonly kind: 'freeze' } & FreezeHow)
  | ({
      readonly kind: 'freeze-connection';
      readonly moment: ConnectionMoment;
      readonly afterOpenMs: number;
    } & FreezeHow)
  /** The venue's clock, as timestamps are checked against it and as it is told, is so far ahead (above 0) or behind. */
  | { readonly kind: 'clock-drift'; readonly driftMs: number }
  | { readonly kind: 'halt'; readonly symbols: readonly string[] | null; readonly status: 'HALT' | 'BREAK' }
  | { readonly kind: 'ban'; readonly address: string }
  /** Announced with `serverShutdown`, then `announceMs` later closed until the window ends. */
  | { readonly kind: 'maintenance'; readonly announceMs: number };

export type FaultKind = Fault['kind'];

export interface FaultRule {
  /** Unique in its plan; names the rule in the log and seeds its draws. */
  readonly id: string;
  readonly fault: Fault;
  readonly where: FaultPlace;
  readonly when: FaultWindow;
  /** How often it strikes at most; null: always. */
  readonly times: number | null;
  /** As it was sent, so that it can be sent again. */
  readonly source: unknown;
}

export interface FaultPlan {
  /** Null: the server's. */
  readonly seed: number | null;
  readonly rules: readonly FaultRule[];
}

/** More than these is a mistake, not a plan. */
export const RULES_MAX = 1_000;
