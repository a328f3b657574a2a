import type { Fault } from '@monsta/core';

interface ErrorMapping {
  readonly http: number;
  readonly webSocketClose: number;
}

/** Fault codes a client may see, and how each shows in HTTP and as a WebSocket close code. Codes not listed are internal: 500 and 1011. */
export const ERROR_TABLE: Readonly<Record<string, ErrorMapping>> = {
  bad_request: { http: 400, webSocketClose: 4400 },
  parameter_invalid: { http: 400, webSocketClose: 4400 },
  message_malformed: { http: 400, webSocketClose: 4400 },
  cursor_invalid: { http: 400, webSocketClose: 4400 },
  interval_unknown: { http: 400, webSocketClose: 4400 },
  topic_unknown: { http: 400, webSocketClose: 4404 },
  token_missing: { http: 401, webSocketClose: 4401 },
  token_invalid: { http: 401, webSocketClose: 4401 },
  origin_forbidden: { http: 403, webSocketClose: 4403 },
  host_forbidden: { http: 403, webSocketClose: 4403 },
  not_found: { http: 404, webSocketClose: 4404 },
  /** What an exchange listed at a time that nobody observed. */
  listing_unknown: { http: 404, webSocketClose: 4404 },
  instrument_unknown: { http: 404, webSocketClose: 4404 },
  method_not_allowed: { http: 405, webSocketClose: 4400 },
  state_conflict: { http: 409, webSocketClose: 4409 },
  /** More lines than one reply may have: ask for a shorter span. */
  export_too_large: { http: 422, webSocketClose: 4400 },
  body_too_large: { http: 413, webSocketClose: 1009 },
  /** A plain request where only a WebSocket is. */
  upgrade_required: { http: 426, webSocketClose: 4400 },
  too_many_requests: { http: 429, webSocketClose: 4429 },
  too_many_subscriptions: { http: 429, webSocketClose: 4429 },
  client_slow: { http: 429, webSocketClose: 4408 },
  not_ready: { http: 503, webSocketClose: 1013 },
  shutting_down: { http: 503, webSocketClose: 1001 },
  /** Risk refused the order; `details` has the rule, its limit and the actual number. */
  order_denied: { http: 422, webSocketClose: 4400 },
  /** Its terms contradict each other, or are off the instrument's steps. */
  order_invalid: { http: 422, webSocketClose: 4400 },
  order_unknown: { http: 404, webSocketClose: 4404 },
  /** It has ended: nothing is left to cancel. */
  order_final: { http: 409, webSocketClose: 4409 },
  /** It stands between a position and a falling price. */
  order_protective: { http: 409, webSocketClose: 4409 },
  position_unknown: { http: 404, webSocketClose: 4404 },
  strategy_unknown: { http: 404, webSocketClose: 4404 },
  /** Unknown, out of range, or contradicting each other. */
  parameters_invalid: { http: 422, webSocketClose: 4400 },
  /** This requestId stands for another request. */
  request_conflict: { http: 409, webSocketClose: 4409 },
  trading_off: { http: 409, webSocketClose: 4409 },
  /** A change was asked for and no answer came: it may or may not have been made. */
  outcome_unknown: { http: 504, webSocketClose: 1011 },
  backtest_unknown: { http: 404, webSocketClose: 4404 },
  /** It is queued or running: nothing is there to read or to remove yet. */
  backtest_unfinished: { http: 409, webSocketClose: 4409 },
  /** It has ended: nothing is left to cancel. */
  backtest_final: { http: 409, webSocketClose: 4409 },
  /** It failed or was canceled: it has no result. */
  backtest_without_result: { http: 409, webSocketClose: 4409 },
  /** What does not go together in a specification. */
  backtest_spec: { http: 422, webSocketClose: 4400 },
  /** A strategy or a file that may not be used over REST, or is not there. */
  backtest_forbidden: { http: 422, webSocketClose: 4400 },
  /** Its files can't be read. */
  backtest_unreadable: { http: 503, webSocketClose: 1013 },
  model_unknown: { http: 404, webSocketClose: 4404 },
  /** It was trained on other features than there are now. */
  model_features: { http: 409, webSocketClose: 4409 },
  /** Its file is damaged, of another version, or gone. */
  model_unreadable: { http: 503, webSocketClose: 1013 },
  models_unavailable: { http: 503, webSocketClose: 1013 },
  optimization_unknown: { http: 404, webSocketClose: 4404 },
  /** It is queued or running: nothing is there to read or to remove yet. */
  optimization_unfinished: { http: 409, webSocketClose: 4409 },
  /** It has ended: nothing is left to cancel. */
  optimization_final: { http: 409, webSocketClose: 4409 },
  /** What does not go together in a specification, or can't be searched. */
  optimization_spec: { http: 422, webSocketClose: 4400 },
  /** It failed or was canceled: it has no result. */
  optimization_without_result: { http: 409, webSocketClose: 4409 },
  /** Its files can't be read. */
  optimization_unreadable: { http: 503, webSocketClose: 1013 },
  /** There are no such bars in the catalogue. */
  data_none: { http: 404, webSocketClose: 4404 },
  /** No catalogue is that of this market. */
  market_unknown: { http: 404, webSocketClose: 4404 },
  /** What is stored can't be described, e.g. a price of zero. */
  data_unfit: { http: 409, webSocketClose: 4409 },
  /** Two writers stored different rows for one time: a person has to say which is right. */
  catalog_conflict: { http: 409, webSocketClose: 4409 },
  catalog_damaged: { http: 503, webSocketClose: 1013 },
  catalog_unavailable: { http: 503, webSocketClose: 1013 },
  /** More bars than are described over REST: ask for a shorter span. */
  description_too_large: { http: 422, webSocketClose: 4400 },
  /** It took too long, or its thread died. */
  description_unavailable: { http: 503, webSocketClose: 1013 },
  /** As many jobs wait as may. */
  queue_full: { http: 429, webSocketClose: 4429 },
  /** The program runs without the role that does long jobs. */
  worker_off: { http: 409, webSocketClose: 4409 },
  jobs_unavailable: { http: 503, webSocketClose: 1013 },
  ledger_unavailable: { http: 503, webSocketClose: 1013 },
  venue_unreachable: { http: 503, webSocketClose: 1013 },
  /** The venue counts too many requests of this address, or has banned it. */
  venue_limited: { http: 503, webSocketClose: 1013 },
  venue_clock: { http: 502, webSocketClose: 1013 },
  venue_rejected: { http: 502, webSocketClose: 1013 },
  venue_protocol: { http: 502, webSocketClose: 1013 },
  /** The exchange refuses the key, its signature or what it is used for. */
  venue_key: { http: 422, webSocketClose: 4400 },
  exchange_key_invalid: { http: 400, webSocketClose: 4400 },
  /** It may do more than read and trade on the spot market. */
  exchange_key_refused: { http: 422, webSocketClose: 4400 },
  exchange_key_taken: { http: 409, webSocketClose: 4409 },
  exchange_key_unknown: { http: 404, webSocketClose: 4404 },
  secrets_full: { http: 409, webSocketClose: 4409 },
  secrets_unavailable: { http: 503, webSocketClose: 1013 },
  secrets_damaged: { http: 503, webSocketClose: 1013 },
  /** Of the master key: it is not there, another one sealed the records, others may read it, it is none. */
  secrets_key_missing: { http: 503, webSocketClose: 1013 },
  secrets_key_wrong: { http: 503, webSocketClose: 1013 },
  secrets_key_exposed: { http: 503, webSocketClose: 1013 },
  secrets_key_malformed: { http: 503, webSocketClose: 1013 },
};

const INTERNAL: ErrorMapping = { http: 500, webSocketClose: 1011 };

export function errorMapping(code: string): ErrorMapping {
  return ERROR_TABLE[code] ?? INTERNAL;
}

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly details?: unknown };
}

/** The body of every failed reply. What is internal stays so: unlisted codes show as `internal`. */
export function errorBody(fault: Pick<Fault, 'code' | 'message' | 'details'>): ErrorBody {
  if (ERROR_TABLE[fault.code] === undefined)
    return { error: { code: 'internal', message: 'something went wrong on our side; the log has the details' } };
  return {
    error: {
      code: fault.code,
      message: fault.message,
      ...(fault.details === undefined ? {} : { details: fault.details }),
    },
  };
}
