import type { AccountId } from '@monsta/core';

/** What an API key may be allowed to do. */
export const PERMISSIONS = ['TRADE', 'USER_DATA', 'USER_STREAM'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who asks, once that is proven. */
export interface Caller {
  readonly account: AccountId;
  readonly apiKey: string;
}
