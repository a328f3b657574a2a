import type { AccountMethod } from '../api-method.ts';

/** The methods of accounts: orders, lists of orders, and what an account has and did. */
export const TRADING_METHODS: readonly AccountMethod[] = [];
