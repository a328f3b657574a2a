import type { AccountId } from '@monsta/core';

/**
 * What an API key may be allowed to do. The last four open nothing here, for there is no wallet, no loan and no future behind a simulation: such a
 * key is told to have them, as the exchange tells it of its own.
 */
export const PERMISSIONS = ['TRADE', 'USER_DATA', 'USER_STREAM', 'WITHDRAW', 'TRANSFER', 'MARGIN', 'FUTURES'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who asks, once that is proven. */
export interface Caller {
  readonly account: AccountId;
  readonly apiKey: string;
}
