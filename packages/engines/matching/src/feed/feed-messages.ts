import type { AccountId, InstrumentId } from '@monsta/core';
import type { ExchangeFault } from '../exchange/exchange-faults.ts';
import type { ExecutionReport } from '../exchange/execution-report.ts';
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

/** What it answers and tells, in the order in which it happened. The halves of a replacement are refused each by itself, as `cancel` and as `place`. */
export type FeedMessage =
  | { readonly kind: 'report'; readonly report: ExecutionReport }
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
