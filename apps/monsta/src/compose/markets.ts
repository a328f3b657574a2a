import { createHash } from 'node:crypto';
import type { MonstaConfig } from '../config/schema.ts';

/** Names a thing by a text that is no name. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Names the market of an exchange; a server in its place is another one. */
export const marketOf = (name: 'binance' | 'binance-testnet', config: MonstaConfig): string =>
  config.venue.restUrl === null ? name : `${name}:${digest(config.venue.restUrl)}`;

/** Names a simulated market: another seed or edge is another one. */
export const simulatedMarketOf = ({ venue: { seed, edge } }: Pick<MonstaConfig, 'venue'>): string =>
  `simulated:${seed}:${edge}`;

/** Whether a market is one that MONSTA generates, by its name or that of its folder. */
export const isSimulatedMarket = (market: string): boolean => /^simulated\b|^simulated_/.test(market);
