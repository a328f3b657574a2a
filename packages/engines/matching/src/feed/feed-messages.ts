import type { AccountId, InstrumentId } from '@monsta/core';
import type { ExchangeFault } from '../exchange/exchange-faults.ts';
import type { Execution, ExecutionReport } from '../exchange/execution-report.ts';
import type {
  AmendOrder,
  AssetPosition,
  CancelOrder,
  CancelReplace,
  ListReference,
  NewOrder,
  NewOrderList,
  OrderListStatus,
} from '../exchange/vocabulary.ts';

/** What can be asked of an exchange that fills from a feed. */
export type FeedCommand =
  | { readonly kind: 'place'; readonly order: NewOrder }
  | { readonly kind: 'place-list'; readonly list: NewOrderList }
  | { readonly kind: 'cancel'; readonly cancel: CancelOrder }
  | { readonly kind: 'cancel-all'; readonly account: AccountId; readonly symbol: InstrumentId }
  | { readonly kind: 'cancel-list'; readonly list: ListReference; readonly newClientOrderId: string | null }
  | { readonly kind: 'cancel-replace'; readonly replace: CancelReplace }
  | { readonly kind: 'amend'; readonly amend: AmendOrder };

type HeardExecution = Pick<Execution, 'price' | 'quantity' | 'tradeId' | 'isMaker' | 'commission' | 'commissionAsset'>;

type HeardOfOrder =
  | ('clientOrderId' | 'symbol' | 'orderId' | 'side' | 'type' | 'timeInForce' | 'price' | 'stopPrice')
  | ('executed' | 'status' | 'expiryReason' | 'timeUs' | 'workingUs');

/** What is heard of a report. */
export interface HeardReport extends Pick<
  ExecutionReport,
  HeardOfOrder | 'executionType' | 'originalClientOrderId' | 'rejectReason'
> {
  readonly execution: HeardExecution | null;
}

function writtenExecution(execution: HeardExecution): HeardExecution {
  const { price, quantity, tradeId, isMaker, commission, commissionAsset } = execution;
  return { price, quantity, tradeId, isMaker, commission, commissionAsset };
}

/** A message in plain data: a report reckons some of what it shows when it is read. */
export function writtenMessage(message: FeedMessage): FeedMessage {
  if (message.kind !== 'report') return message;
  const { report } = message;
  const { clientOrderId, originalClientOrderId, executionType, status, rejectReason, expiryReason } = report;
  const { symbol, orderId, side, type, timeInForce, price, stopPrice, executed, timeUs, workingUs, execution } = report;
  return {
    kind: 'report',
    report: {
      ...{ clientOrderId, originalClientOrderId, executionType, status, rejectReason, expiryReason },
      ...{ symbol, orderId, side, type, timeInForce, price, stopPrice, executed, timeUs, workingUs },
      execution: execution === null ? null : writtenExecution(execution),
    },
  };
}

/** What it answers and tells, in the order in which it happened. The halves of a replacement are refused each by itself, as `cancel` and as `place`. */
export type FeedMessage =
  | { readonly kind: 'report'; readonly report: HeardReport }
  | { readonly kind: 'refused'; readonly command: FeedCommand; readonly fault: ExchangeFault; readonly timeUs: number }
  | { readonly kind: 'list'; readonly status: OrderListStatus }
  /** The balances of an account that a command may have changed. */
  | { readonly kind: 'account'; readonly account: AccountId; readonly positions: readonly AssetPosition[] };

/** The symbol that a command is about. */
export function symbolOf(command: FeedCommand): InstrumentId {
  switch (command.kind) {
    case 'place':
      return command.order.symbol;
    case 'place-list':
    case 'cancel-list':
      return command.list.symbol;
    case 'cancel':
      return command.cancel.symbol;
    case 'cancel-all':
      return command.symbol;
    case 'cancel-replace':
      return command.replace.order.symbol;
    case 'amend':
      return command.amend.symbol;
  }
}
