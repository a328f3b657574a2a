import type { TimestampUs } from '@monsta/core';
import type { ColdKlines } from './cold-klines.ts';
import type { ExchangeModel } from './exchange-model.ts';
import type { Parameters } from './parameters.ts';
import type { RequestLimits } from './request-limits.ts';
import type { Caller, Permission } from './trading/caller.ts';
import type { OrderTally } from './trading/order-counter.ts';
import type { TradingDesk } from './trading/trading-desk.ts';
import type { TimeUnit } from './wire.ts';

/** What a method sees of the request that it answers. */
export interface ApiContext {
  readonly model: ExchangeModel;
  readonly limits: RequestLimits;
  readonly parameters: Parameters;
  readonly unit: TimeUnit;
  /** The time that the exchange tells. */
  readonly nowUs: TimestampUs;
  readonly door: 'rest' | 'socket';
}

/** The same for methods of an account. */
export interface AccountContext extends ApiContext {
  readonly desk: TradingDesk;
  readonly caller: Caller;
  /** The server's clock, which order limits are counted by. */
  readonly clockMs: number;
  /** What the request adds to the account's count of unfilled orders. */
  readonly tally: OrderTally;
}

interface Door {
  /** Null where the method is not served over REST. */
  readonly rest: { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly path: string } | null;
  /** The method's name on the WebSocket API; null where it is not served there. */
  readonly socket: string | null;
  /** What it costs the address, before the parameters are checked. */
  weight(parameters: Parameters): number;
}

/** A method that anybody may call. */
export interface PublicMethod extends Door {
  readonly security: 'NONE';
  /**
   * What may take long is gone through before the answer, in steps between which others have their turn; null: nothing. Never throws: what is
   * asked for wrongly is refused by `answer`.
   */
  steps?(context: Pick<ApiContext, 'model' | 'parameters'>, cold: ColdKlines): Iterator<void> | null;
  /** What is sent as JSON. Throws `BinanceError`. */
  answer(context: ApiContext): unknown;
}

/** A method of an account: signed, and with a key that may do it. */
export interface AccountMethod extends Door {
  readonly security: 'SIGNED';
  readonly permission: Permission;
  /** True for placing and canceling: they cost weight only where they fail. */
  readonly freeWhereDone: boolean;
  answer(context: AccountContext): unknown;
}

/** One method of the exchange's API, served by REST and the WebSocket API alike. */
export type ApiMethod = PublicMethod | AccountMethod;
