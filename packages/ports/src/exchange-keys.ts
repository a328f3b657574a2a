import type { Result } from '@monsta/core';

/** How a key signs: with a shared secret, or with a private key in PEM. */

export type ExchangeKeyKind = 'hmac' | 'rsa' | 'ed25519';

/** A key with its secret: for whoever signs with it and nobody else. */
export interface ExchangeKey {
  /** The exchange, by the name a venue has in the configuration. */
  readonly venue: string;
  readonly apiKey: string;
  readonly kind: ExchangeKeyKind;
  /** A text for HMAC, a private key in PEM (PKCS#8) for the others. */
  readonly secret: string;
}

/** What an exchange says that a key may do; null where it does not say. */
export interface ExchangeKeyPermissions {
  readonly read: boolean | null;
  /** Trade on the spot market. */
  readonly trade: boolean | null;
  readonly withdraw: boolean | null;
  /** Move money to other accounts of the exchange. */
  readonly transfer: boolean | null;
  /** Borrow: margin and portfolio margin. */
  readonly margin: boolean | null;
  readonly futures: boolean | null;
  readonly options: boolean | null;
  /** Granted permissions that this version does not know, by the exchange's own names. */
  readonly others: readonly string[];
  /** Works from listed addresses only. */
  readonly ipRestricted: boolean | null;
  /** When the permission to trade ends, epoch milliseconds; null where it does not, or nobody says. */
  readonly tradingUntilMs: number | null;
  /** The account itself may trade. */
  readonly accountTrades: boolean | null;
}

/** Asks exchanges what keys may do. */
export interface ExchangeKeyInspector {
  /** Names of the exchanges it can ask. */
  readonly venues: readonly string[];
  /**
   * Faults: `exchange_key_invalid` (no key of its kind), `venue_key` (the exchange refuses the key or its signature), and those of a venue's calls:
   * `venue_unreachable`, `venue_limited`, `venue_clock`, `venue_rejected`, `venue_protocol`.
   */
  inspect(key: ExchangeKey): Promise<Result<ExchangeKeyPermissions>>;
}
