import type { CancelOrder, CancelReplaced, ExchangeFault, NewOrder, SymbolRules } from '@monsta/matching';
import type { AccountContext } from '../api-method.ts';
import { BinanceError } from '../parameters.ts';
import { OrderLimitError } from './order-counter.ts';
import { canceledJson, placedJson, type ResponseType } from './order-json.ts';
import { reportsOf } from './order-methods.ts';
import {
  cancelRestriction,
  optionalClientId,
  oneOfTwoMissing,
  readTerms,
  refusalError,
  responseOf,
  responseType,
  tradedSymbol,
} from './order-parameters.ts';
import type { Heard } from './trading-desk.ts';

const MODES = ['STOP_ON_FAILURE', 'ALLOW_FAILURE'] as const;

interface Request {
  readonly rules: SymbolRules;
  readonly mode: (typeof MODES)[number];
  readonly cancel: CancelOrder;
  readonly order: NewOrder;
  readonly response: ResponseType;
  /** What to do where the account may place no more orders. */
  readonly whenLimited: 'DO_NOTHING' | 'CANCEL_ONLY';
}

function readRequest(context: AccountContext): Request {
  const { parameters, caller } = context;
  const rules = tradedSymbol(context);
  const { account } = caller;
  const { symbol } = rules;
  const terms = readTerms(parameters, rules);
  parameters.text('cancelReplaceMode');
  const mode = parameters.optionalChoice('cancelReplaceMode', MODES) ?? 'STOP_ON_FAILURE';
  const orderId = parameters.optionalInteger('cancelOrderId');
  const clientOrderId = optionalClientId(parameters, 'cancelOrigClientOrderId');
  if (orderId === null && clientOrderId === null) throw oneOfTwoMissing('cancelOrigClientOrderId', 'cancelOrderId');
  const newClientOrderId = optionalClientId(parameters, 'cancelNewClientOrderId');
  const restriction = cancelRestriction(parameters);
  const whenLimited =
    parameters.optionalChoice('orderRateLimitExceededMode', ['DO_NOTHING', 'CANCEL_ONLY']) ?? 'DO_NOTHING';
  const response = responseType(parameters, responseOf(terms));
  parameters.finish();
  return {
    rules,
    mode,
    cancel: { account, symbol, orderId, clientOrderId, newClientOrderId, restriction },
    order: { ...terms, account, symbol },
    response,
    whenLimited,
  };
}

const errorJson = (fault: ExchangeFault): object => ({ code: fault.number, msg: fault.message });

function halves(context: AccountContext, request: Request, replaced: CancelReplaced, heard: Heard): object {
  const { rules, response } = request;
  const { canceled, cancelFault, placed, newOrderFault } = replaced;
  return {
    cancelResult: replaced.cancelResult,
    newOrderResult: replaced.newOrderResult,
    cancelResponse:
      canceled === null ? cancelFault && errorJson(cancelFault) : canceledJson(canceled, rules, context.unit),
    newOrderResponse:
      placed === null
        ? newOrderFault && errorJson(newOrderFault)
        : placedJson(reportsOf(heard, placed.orderId), response, rules, context.unit),
  };
}

/** Cancels without replacing, because the account may place no more orders. */
function cancelOnly(context: AccountContext, request: Request, limit: OrderLimitError): never {
  const { desk, unit } = context;
  const { result } = desk.command((timeUs) => desk.exchange.cancel(request.cancel, timeUs));
  const stops = request.mode === 'STOP_ON_FAILURE';
  const attempted = result.ok || !stops;
  const data = {
    cancelResult: result.ok ? 'SUCCESS' : 'FAILURE',
    newOrderResult: attempted ? 'FAILURE' : 'NOT_ATTEMPTED',
    cancelResponse: result.ok ? canceledJson(result.value, request.rules, unit) : errorJson(result.fault),
    newOrderResponse: attempted ? limit.body() : null,
  };
  const [code, message, status] = result.ok
    ? ([-2021, 'Order cancel-replace partially failed.', 409] as const)
    : ([-2022, 'Order cancel-replace failed.', 400] as const);
  throw new BinanceError(code, message, stops ? 429 : status, data);
}

/** `POST order/cancelReplace`. */
export function cancelReplaceOrder(context: AccountContext): unknown {
  const { desk, tally } = context;
  const request = readRequest(context);
  try {
    tally.admit(1);
  } catch (thrown) {
    if (!(thrown instanceof OrderLimitError) || request.whenLimited === 'DO_NOTHING') throw thrown;
    cancelOnly(context, request, thrown);
  }
  const { mode, cancel, order } = request;
  const { result, heard } = desk.command((timeUs) => desk.exchange.cancelReplace({ mode, cancel, order }, timeUs));
  if (!result.ok) {
    tally.withdraw();
    throw refusalError(result.fault);
  }
  const { fault, cancelResult, newOrderResult } = result.value;
  // A new order that was not attempted stays counted, as documented; one that was refused does not.
  if (newOrderResult === 'FAILURE' || cancelResult === 'NOT_ATTEMPTED') tally.withdraw();
  if (fault !== null && cancelResult === 'NOT_ATTEMPTED') throw refusalError(fault);
  const body = halves(context, request, result.value, heard);
  if (fault === null) return body;
  const partly = cancelResult === 'SUCCESS' || newOrderResult === 'SUCCESS';
  throw new BinanceError(fault.number, fault.message, partly ? 409 : 400, body);
}
