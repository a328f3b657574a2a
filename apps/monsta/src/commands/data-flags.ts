import { DESCRIPTION_LAGS, DESCRIPTION_LAGS_MAX } from '@monsta/contracts/description-lags';
import { INTERVALS } from '@monsta/core';
import type { FlagSpec } from '../cli/arguments.ts';
import { dataFlags } from './account-flags.ts';

type Flags = Readonly<Record<string, FlagSpec>>;

const intervals = INTERVALS.join(', ');
const instrument: FlagSpec = { type: 'string', value: 'SYMBOL', help: 'whose bars they are, e.g. BTCUSDT' };
const market: FlagSpec = {
  type: 'string',
  value: 'NAME',
  help: 'whose catalogue, as monsta data list names it, e.g. simulated (default binance)',
};
const interval: FlagSpec = { type: 'string', value: 'I', help: `${intervals} (default: what the bars lie apart)` };

/** How a file is to be read. */
const fileFlags: Flags = {
  tick: { type: 'string', value: 'N', help: 'step of the prices, e.g. 0.01 (default: the finest digit in the file)' },
  lot: { type: 'string', value: 'N', help: 'step of the quantities of trades (default 0.00000001)' },
  quote: { type: 'string', value: 'ASSET', help: 'asset of the prices (default: the end of the symbol)' },
  'off-tick': {
    type: 'string',
    value: 'HOW',
    help: 'a price between two ticks: refuse, or round to the nearest (default refuse)',
  },
};

const trades: FlagSpec = {
  type: 'boolean',
  help: 'the file holds trades, e.g. trades or aggTrades of Binance’s archive',
};
const examples: FlagSpec = { type: 'string', value: 'N', help: 'how many of each kind are named (default 5)' };
const span: Flags = {
  from: {
    type: 'string',
    value: 'TIME',
    help: 'bars that open (trades that were made) at or after it, UTC: 2024-01-31 (default: the first)',
  },
  to: { type: 'string', value: 'TIME', help: 'those before it; a day alone is included (default: the last)' },
};

interface DataCommandSpec {
  readonly words: readonly string[];
  readonly summary: string;
  readonly argument?: string;
  readonly flags: Flags;
  /** What carries it out. */
  readonly run: 'dataList' | 'dataImport' | 'dataExport' | 'dataVerify' | 'dataDescribe' | 'dataPrune';
}

/** `monsta data …`: the catalogue of bars and trades of the past. */
export const DATA_COMMANDS: readonly DataCommandSpec[] = [
  {
    words: ['data', 'list'],
    summary: 'lists what the catalogue holds',
    flags: dataFlags,
    run: 'dataList',
  },
  {
    words: ['data', 'import'],
    argument: 'FILE',
    summary: 'puts a file of bars (CSV, JSON, Parquet; .gz, .zip) or of trades into the catalogue, whole or not at all',
    flags: {
      instrument,
      interval,
      trades,
      ...fileFlags,
      examples,
      'dry-run': { type: 'boolean', help: 'only say what was understood and what would be stored' },
      ...dataFlags,
    },
    run: 'dataImport',
  },
  {
    words: ['data', 'export'],
    argument: 'FILE',
    summary: 'writes bars or trades of the catalogue as .csv, .json, .ndjson (each also .gz or .zip) or .parquet',
    flags: {
      instrument,
      interval: { ...interval, help: intervals },
      trades: { type: 'boolean', help: 'trades, and not bars' },
      ...span,
      force: { type: 'boolean', help: 'replace a file that is there' },
      market,
      ...dataFlags,
    },
    run: 'dataExport',
  },
  {
    words: ['data', 'verify'],
    summary:
      'looks for gaps, disorder, duplicates, impossible bars, quiet runs, jumps and disagreements; 1 where there is a fault',
    flags: {
      file: {
        type: 'string',
        value: 'FILE',
        help: 'a file of bars or trades, also held against the catalogue (default: the catalogue itself)',
      },
      instrument: { ...instrument, help: 'of this one only; needed with --file' },
      interval: { ...interval, help: `${intervals} (default: all; of a file what its bars lie apart)` },
      trades: { type: 'boolean', help: 'trades alone; needed where --file holds them' },
      examples,
      ...fileFlags,
      market,
      ...dataFlags,
    },
    run: 'dataVerify',
  },
  {
    words: ['data', 'describe'],
    summary:
      'tells what bars are like: distribution, tails, stationarity, autocorrelation, volatility, seasonality, missing',
    flags: {
      instrument,
      interval: { ...interval, help: `${intervals} (of a file: what its bars lie apart)` },
      market,
      file: { type: 'string', value: 'FILE', help: 'of a file of bars (default: of the catalogue)' },
      from: {
        type: 'string',
        value: 'TIME',
        help: 'bars that open at or after it, UTC: 2024-01-31 (default: the first)',
      },
      to: {
        type: 'string',
        value: 'TIME',
        help: 'bars that open before it; a day alone is included (default: the last)',
      },
      lags: {
        type: 'string',
        value: 'N',
        help: `lags of autocorrelations, 1 to ${DESCRIPTION_LAGS_MAX} (default ${DESCRIPTION_LAGS})`,
      },
      out: { type: 'string', value: 'FILE', help: 'also as one HTML page that stands alone' },
      language: { type: 'string', value: 'CODE', help: 'of the page: en or ko (default en)' },
      ...fileFlags,
      ...dataFlags,
    },
    run: 'dataDescribe',
  },
  {
    words: ['data', 'prune'],
    summary: 'removes what is older than catalog.retention of the configuration says, of all markets',
    flags: {
      market: { ...market, help: 'of this market alone, as monsta data list names it' },
      'dry-run': { type: 'boolean', help: 'only say what would be removed' },
      ...dataFlags,
    },
    run: 'dataPrune',
  },
];
