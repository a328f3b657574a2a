import type {
  Amount,
  AssetId,
  Balance,
  ClientOrderId,
  Fill,
  OrderRequest,
  TimestampUs,
  VenueOrderEvent,
  VenueOrderId,
} from '@monsta/core';

/**
 * What happened to an account, in order. A change carries every amount it moves, so that the account is rebuilt from its changes alone,
 * without prices, filters or fees.
 */
export type AccountChange =
  | { readonly kind: 'opened'; readonly balances: readonly Balance[] }
  | {
      readonly kind: 'accepted';
      readonly request: OrderRequest;
      readonly venueOrderId: VenueOrderId;
      readonly lockAsset: AssetId;
      readonly locked: Amount;
      readonly tsUs: TimestampUs;
    }
  | {
      readonly kind: 'rejected';
      readonly request: OrderRequest;
      readonly code: string;
      readonly reason: string;
      readonly tsUs: TimestampUs;
    }
  | {
      readonly kind: 'filled';
      readonly fill: Fill;
      readonly debitAsset: AssetId;
      readonly debit: Amount;
      readonly creditAsset: AssetId;
      readonly credit: Amount;
      /** What stays locked for the rest of the order. */
      readonly lockedAfter: Amount;
    }
  | {
      readonly kind: 'canceled' | 'expired';
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
      readonly tsUs: TimestampUs;
    }
  /** Nothing changes; only the one who asked is told. */
  | {
      readonly kind: 'refused';
      readonly request: 'submit' | 'cancel';
      readonly clientOrderId: ClientOrderId;
      readonly code: string;
      readonly reason: string;
      readonly tsUs: TimestampUs;
    };

/** What the owner of the order is told of a change; null for the opening of the account. */
export function eventOf(change: AccountChange): VenueOrderEvent | null {
  switch (change.kind) {
    case 'opened':
      return null;
    case 'accepted':
      return {
        kind: 'order-accepted',
        clientOrderId: change.request.clientOrderId,
        venueOrderId: change.venueOrderId,
        tsEventUs: change.tsUs,
      };
    case 'rejected':
      return {
        kind: 'order-rejected',
        clientOrderId: change.request.clientOrderId,
        code: change.code,
        reason: change.reason,
        tsEventUs: change.tsUs,
      };
    case 'filled':
      return { kind: 'order-filled', fill: change.fill, tsEventUs: change.fill.tsEventUs };
    case 'canceled':
      return {
        kind: 'order-canceled',
        clientOrderId: change.clientOrderId,
        reason: change.reason,
        tsEventUs: change.tsUs,
      };
    case 'expired':
      return {
        kind: 'order-expired',
        clientOrderId: change.clientOrderId,
        reason: change.reason,
        tsEventUs: change.tsUs,
      };
    case 'refused': {
      const { clientOrderId, code, reason, tsUs } = change;
      return change.request === 'submit'
        ? { kind: 'order-rejected', clientOrderId, code, reason, tsEventUs: tsUs }
        : { kind: 'cancel-rejected', clientOrderId, code, reason, tsEventUs: tsUs };
    }
  }
}
