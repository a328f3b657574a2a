import { INTERVALS } from '@monsta/core';
import type { FlagSpec } from '../cli/arguments.ts';
import { dataFlags } from './account-flags.ts';

/** Flags of `monsta data download`. */
export const downloadFlags: Readonly<Record<string, FlagSpec>> = {
  instrument: {
    type: 'string',
    multiple: true,
    value: 'A,B',
    help: 'symbols, e.g. BTCUSDT,ETHUSDT; may be given several times',
  },
  interval: {
    type: 'string',
    multiple: true,
    value: 'I,J',
    help: `bars of these intervals: ${INTERVALS.join(', ')}`,
  },
  trades: { type: 'boolean', help: 'the trades one by one, too' },
  from: { type: 'string', value: 'TIME', help: 'since this day or time, UTC: 2024-01-31 or 2024-01-31T18:30' },
  to: { type: 'string', value: 'TIME', help: 'before this time; a day alone is included (default now)' },
  parallel: { type: 'string', value: 'N', help: 'months, or days of trades, fetched at once: 1 to 16 (default 4)' },
  venue: { type: 'string', value: 'NAME', help: 'simulated or binance (default as start has it: simulated)' },
  seed: { type: 'string', value: 'N', help: 'seed of the simulated market (default 1)' },
  edge: { type: 'string', value: 'N', help: 'how predictable it is, as start has it (default 0.05)' },
  'rest-url': { type: 'string', value: 'URL', help: 'with --venue binance: a server in its place' },
  'archive-url': {
    type: 'string',
    value: 'URL',
    help: 'with --venue binance: where the bulk archive is, without /data (default at --rest-url, else the exchange’s)',
  },
  ...dataFlags,
};
