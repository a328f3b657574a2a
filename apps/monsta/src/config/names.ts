/** What may be named on a command line; apart from the schema, so that help and typing mistakes need not load the program. */
export const ROLE_NAMES = [
  'price-collector',
  'model-server',
  'ai-trading',
  'websocket-server',
  'api-gateway',
  'worker',
] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

export const VENUE_NAMES = ['simulated', 'replay', 'binance', 'binance-testnet'] as const;

/** The exchanges that accounts and keys belong to. */
export const ACCOUNT_VENUES = ['binance', 'binance-testnet', 'simulated'] as const;
export type AccountVenue = (typeof ACCOUNT_VENUES)[number];

/** How a key of an exchange signs. */
export const EXCHANGE_KEY_KINDS = ['hmac', 'rsa', 'ed25519'] as const;
