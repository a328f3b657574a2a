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
