import { msFromUs, timestampUs, type TimestampUs } from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import type { AccountMethod, ApiContext, ApiMethod } from './api-method.ts';
import type { Caller } from './trading/caller.ts';
import { ColdKlines, inTurns } from './cold-klines.ts';
import type { ExchangeModel } from './exchange-model.ts';
import { BinanceError, type Parameters } from './parameters.ts';
import type { RequestCounter, RequestLimits } from './request-limits.ts';
import { provenCaller } from './trading/api-keys.ts';
import { OrderLimitError, OrderTally, type OrderCounts } from './trading/order-counter.ts';
import { checkRequestTime } from './trading/request-time.ts';
import type { TradingDesk } from './trading/trading-desk.ts';
import type { TimeUnit } from './wire.ts';

/** How a request says whose it is: by a key and a signature over `text`, or by a session that has proven it before. */
export type Credentials =
  | { readonly kind: 'signed'; readonly apiKey: string | null; readonly text: () => string }
  | { readonly kind: 'session'; readonly caller: Caller };

/** One request for a method, through either door. */
export interface ApiRequest {
  readonly method: ApiMethod;
  readonly parameters: Parameters;
  readonly credentials: Credentials;
  readonly remoteAddress: string;
  /** Throws `BinanceError` where the client names none that there is. */
  readonly unit: () => TimeUnit;
  readonly door: 'rest' | 'socket';
}

/** What a request came to. */
export interface ApiReply {
  /** What is sent as JSON where `error` is null. */
  readonly body: unknown;
  readonly error: BinanceError | null;
  readonly usedWeight: number;
  /** Unfilled orders counted; null where the request placed none. */
  readonly orderCounts: OrderCounts | null;
  /** Seconds to wait; 0 unless a limit is reached. */
  readonly retryAfterSeconds: number;
  /** When that is; null unless a limit is reached. */
  readonly retryAtMs: number | null;
}

export interface ApiDeskOptions {
  readonly model: ExchangeModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RequestLimits;
  readonly counter: RequestCounter;
  /** Null where the model takes no orders. */
  readonly trading: TradingDesk | null;
  /** By how much the time that clients are told runs ahead of the model's; 0 unless a fault is being simulated. */
  readonly driftUs: () => number;
}

const unknownFailure = (): BinanceError =>
  new BinanceError(-1000, 'An unknown error occurred while processing the request.', 500);

/** Answers requests for the methods of the API: limits, who asks, parameters and answer, alike for REST and the WebSocket API. */
export class ApiDesk {
  readonly #options: ApiDeskOptions;
  readonly #cold: ColdKlines;

  constructor(options: ApiDeskOptions) {
    this.#options = options;
    this.#cold = new ColdKlines(options.model);
  }

  /** The time that clients are told. */
  nowUs(): TimestampUs {
    const { model, driftUs } = this.#options;
    return timestampUs(model.nowUs() + driftUs());
  }

  /** What has to be waited for before a request is performed, so that it doesn't keep others waiting; null: nothing. */
  prepared({ method, parameters }: Pick<ApiRequest, 'method' | 'parameters'>): Promise<void> | null {
    if (method.security !== 'NONE') return null;
    const { model, clock } = this.#options;
    const steps = method.steps?.({ model, parameters }, this.#cold) ?? null;
    return steps === null ? null : inTurns(clock, steps);
  }

  /** Answers a request; never throws. */
  perform(request: ApiRequest): ApiReply {
    const { method, parameters, remoteAddress } = request;
    const { counter, clock } = this.#options;
    const nowMs = msFromUs(clock.nowUs());
    const free = method.security === 'SIGNED' && method.freeWhereDone;
    const charge = counter.charge(remoteAddress, free ? 0 : method.weight(parameters), nowMs);
    const reply = { body: null, orderCounts: null, ...charge };
    if (charge.error !== null) return reply;
    const done = this.#attempt(request, nowMs);
    if (done.error === null || !free) return { ...reply, ...done };
    return { ...reply, ...done, usedWeight: counter.add(remoteAddress, method.weight(parameters), nowMs) };
  }

  #attempt(request: ApiRequest, nowMs: number): Omit<ApiReply, 'usedWeight'> {
    const { method, parameters } = request;
    const { model, limits } = this.#options;
    let tally: OrderTally | null = null;
    try {
      parameters.check();
      const context: ApiContext = {
        model,
        limits,
        parameters,
        unit: request.unit(),
        nowUs: this.nowUs(),
        door: request.door,
      };
      let body: unknown;
      if (method.security === 'NONE') {
        body = method.answer(context);
      } else {
        const desk = this.#tradingDesk();
        const caller = this.identify(request, method);
        tally = new OrderTally(desk.orderCounter, caller.account, nowMs);
        desk.advance();
        body = method.answer({ ...context, desk, caller, tally, clockMs: nowMs });
      }
      parameters.finish();
      return { body, error: null, orderCounts: tally?.counts ?? null, retryAfterSeconds: 0, retryAtMs: null };
    } catch (thrown) {
      const retryAtMs = thrown instanceof OrderLimitError ? thrown.retryAtMs : null;
      const error = thrown instanceof BinanceError ? thrown : this.#failed(method, thrown);
      return { body: null, error, orderCounts: tally?.counts ?? null, retryAfterSeconds: 0, retryAtMs };
    }
  }

  #tradingDesk(): TradingDesk {
    const { trading } = this.#options;
    if (trading === null) throw new BinanceError(-1020, 'This operation is not supported.');
    // A request that was under way when the server closed, as one that a fault delays.
    if (trading.closed) throw new BinanceError(-1016, 'This service is no longer available.', 503);
    return trading;
  }

  /** Who asks. Throws `BinanceError` where the key, the time or the signature is not right. */
  identify(
    { credentials, parameters, remoteAddress }: Pick<ApiRequest, 'credentials' | 'parameters' | 'remoteAddress'>,
    { permission }: Pick<AccountMethod, 'permission'>,
  ): Caller {
    const { keys } = this.#tradingDesk();
    if (credentials.kind === 'session') {
      keys.find(credentials.caller.apiKey, permission, remoteAddress);
      checkRequestTime(parameters, this.nowUs());
      return credentials.caller;
    }
    const key = keys.find(credentials.apiKey, permission, remoteAddress);
    const signature = parameters.text('signature');
    checkRequestTime(parameters, this.nowUs());
    return provenCaller(key, credentials.text(), signature);
  }

  #failed(method: ApiMethod, thrown: unknown): BinanceError {
    const name = method.rest?.path ?? method.socket ?? '';
    this.#options.logger.error('Binance-compatible method threw', { method: name, error: String(thrown) });
    return unknownFailure();
  }
}
