import type { ClientOrderId, OrderSide, OrderType, StrategyId, TimeInForce, TradingState } from '@monsta/core';
import type { AnyParameterValues } from './parameters.ts';

/** The book of what persons order. No strategy of the configuration may have this id. */
export const MANUAL = 'manual' as StrategyId;

/** Stop and take-profit as a person gives them: decimal text, distances in parts per million of the average price paid. */
export interface ManualExit {
  readonly stop: {
    readonly price: string | null;
    readonly distancePpm: number | null;
    readonly limitOffsetPpm: number;
    readonly trailingBps: number | null;
  } | null;
  readonly takeProfit: { readonly price: string | null; readonly distancePpm: number | null } | null;
}

/** An order as a person gives it: prices and quantities are decimal text, read in the instrument's steps when it is carried out. */
export interface ManualOrder {
  /** The same one again is answered as before and nothing is done; null: each time anew. */
  readonly requestId: string | null;
  readonly instrument: string;
  readonly side: OrderSide;
  /** `oco`: a limit order and a stop, one of which cancels the other. */
  readonly type: OrderType | 'oco';
  readonly timeInForce: TimeInForce;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  /** Of the stop of an `oco`; null: it acts at the market. */
  readonly stopLimitPrice: string | null;
  readonly trailingBps: number | null;
  readonly icebergQuantity: string | null;
  readonly exit: ManualExit | null;
  readonly reason: string | null;
}

/** What a person asks of the kernel. */
export type KernelAction =
  | {
      readonly kind: 'set-state';
      readonly state: TradingState;
      readonly reason: string;
      readonly flatten: boolean;
      /** No person asks: the data of a backtest has ended, and what `flatten` closes is told so. */
      readonly dataEnded?: boolean;
    }
  | { readonly kind: 'place-order'; readonly order: ManualOrder }
  | { readonly kind: 'cancel-order'; readonly clientOrderId: string }
  | {
      readonly kind: 'cancel-all';
      readonly instrument: string | null;
      readonly strategyId: string | null;
      readonly includeProtective: boolean;
    }
  | {
      readonly kind: 'close-position';
      readonly strategyId: string;
      readonly instrument: string;
      readonly reason: string | null;
    }
  | {
      readonly kind: 'set-strategy';
      readonly strategyId: string;
      readonly state: 'running' | 'reducing' | 'paused';
      readonly reason: string;
    }
  | { readonly kind: 'set-parameters'; readonly strategyId: string; readonly parameters: AnyParameterValues };

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

/** What became of an action. */
export interface Answer {
  readonly error: Refusal | null;
  /** Orders placed, or asked to be canceled. */
  readonly orders: readonly ClientOrderId[];
  /** It had been answered before. */
  readonly repeated: boolean;
  /** What goes on after the answer, or was left as it was. */
  readonly note: string | null;
}
