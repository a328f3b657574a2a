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
export type VenueName = (typeof VENUE_NAMES)[number];

/** Venues that are somewhere else, with accounts of their own. */
export const isRemote = (name: VenueName): name is 'binance' | 'binance-testnet' =>
  name === 'binance' || name === 'binance-testnet';

/** The exchanges that accounts and keys belong to. */
export const ACCOUNT_VENUES = ['binance', 'binance-testnet', 'simulated'] as const;
export type AccountVenue = (typeof ACCOUNT_VENUES)[number];

/** How a key of an exchange signs. */
export const EXCHANGE_KEY_KINDS = ['hmac', 'rsa', 'ed25519'] as const;
