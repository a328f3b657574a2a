import type { InstrumentId, OrderSide, OrderType, TimeInForce } from '@monsta/core';

/** How much, as it was asked for. */
export interface WishSize {
  readonly by: 'quantity' | 'fraction' | 'notional';
  readonly value: number;
}

export interface WishReason {
  readonly instrument: InstrumentId;
  /** Words, or what makes them of the indicators, which is called where somebody keeps them. */
  readonly reason: string | ((indicators: never) => string) | null;
  readonly confidence: number | null;
}

/** What protects and ends a position, as it was asked for: prices, or distances in parts per million of the average price paid. */
export interface WishedExit {
  readonly stop: {
    readonly price: number | null;
    readonly distancePpm: number | null;
    readonly limitOffsetPpm: number;
    readonly trailingBps: number | null;
  } | null;
  readonly takeProfit: { readonly price: number | null; readonly distancePpm: number | null } | null;
}

export type TargetWish = WishReason & {
  readonly kind: 'target';
  /** −1…1; below 0 short. */
  readonly fraction: number;
  readonly limitPrice: number | null;
};

export type OrderAskWish = WishReason & {
  readonly kind: 'order';
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly size: WishSize;
  readonly limitPrice: number | null;
  readonly stopPrice: number | null;
  readonly trailingBps: number | null;
  readonly timeInForce: TimeInForce;
  /** Null: as the position says. */
  readonly reduceOnly: boolean | null;
  readonly iceberg: number | null;
  readonly tag: string | null;
};

export type BracketWish = WishReason & {
  readonly kind: 'bracket';
  readonly side: OrderSide;
  readonly size: WishSize;
  readonly limitPrice: number | null;
  readonly exit: WishedExit;
  readonly tag: string | null;
};

export type OcoWish = WishReason & {
  readonly kind: 'oco';
  readonly side: OrderSide;
  readonly size: WishSize;
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly stopLimitPrice: number;
  readonly tag: string | null;
};

export type TwapWish = WishReason & {
  readonly kind: 'twap';
  readonly side: OrderSide;
  readonly size: WishSize;
  readonly durationMs: number;
  readonly slices: number;
  readonly limitPrice: number | null;
  readonly tag: string | null;
};

/** What a handler asked for, checked, and carried out after it has returned. */
export type StrategyWish =
  | TargetWish
  | OrderAskWish
  | BracketWish
  | OcoWish
  | TwapWish
  | (WishReason & { readonly kind: 'close'; readonly tag: string | null })
  | { readonly kind: 'protect'; readonly instrument: InstrumentId; readonly exit: WishedExit | null }
  | { readonly kind: 'cancel'; readonly instrument: InstrumentId; readonly tag: string }
  | { readonly kind: 'cancel-all'; readonly instrument: InstrumentId }
  | {
      readonly kind: 'set-timer';
      readonly instrument: InstrumentId;
      readonly name: string;
      readonly afterMs: number;
      /** Null: it rings once. */
      readonly everyMs: number | null;
    }
  | { readonly kind: 'cancel-timer'; readonly instrument: InstrumentId; readonly name: string }
  | { readonly kind: 'log'; readonly instrument: InstrumentId; readonly text: string };
