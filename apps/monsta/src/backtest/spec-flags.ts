import { INTERVALS } from '@monsta/core';
import type { FlagSpec } from '../cli/arguments.ts';
import { fillFlags } from './fill-flags.ts';
import { asDay, asJson, asNumber, asText, asTexts, flag, type SpecFlag } from './flag-readers.ts';

/** The catalogue, or that of another market. */
const CATALOGUE = /^catalogue(?::(.+))?$/;

/** What a backtest is of: strategy, data, span. */
const subjectFlags: Readonly<Record<string, SpecFlag>> = {
  strategy: flag(
    'strategy',
    'FILE|NAME',
    'a strategy file, or a shipped one (monsta strategy new writes an example)',
    asText,
  ),
  params: flag(
    'params',
    'JSON',
    'parameters of the strategy, e.g. \'{"fast":12}\' (default: its own)',
    asJson,
    'a JSON object',
  ),
  instrument: {
    ...flag('instruments', 'SYMBOL', 'what is traded, e.g. BTCUSDT; several: give it several times', asTexts),
    multiple: true,
  },
  bars: {
    ...flag(
      'data',
      'FILE|catalogue[:MARKET]',
      'bars: CSV (plain, .gz, .zip), JSON or Parquet, one file for each --instrument in the same order; or the data catalogue, of Binance or another market',
      (given) => {
        const paths = asTexts(given);
        const [, market = null] = CATALOGUE.exec(paths[0] ?? '') ?? [];
        return paths.length === 1 && CATALOGUE.test(paths[0] ?? '')
          ? { kind: 'catalogue', market }
          : { kind: 'file', paths };
      },
    ),
    multiple: true,
  },
  ticks: {
    ...flag(
      'data',
      'FILE',
      'instead of bars: recordings of trades, quotes and depth, in the order of time, or tables of trades as archives have them',
      (given) => ({
        kind: 'ticks',
        paths: asTexts(given),
      }),
    ),
    multiple: true,
  },
  finer: {
    ...flag(
      'finer',
      'FILE',
      'finer bars, one file for each --instrument: they decide the path inside each bar',
      (given) => ({
        paths: asTexts(given),
      }),
    ),
    multiple: true,
  },
  interval: flag(
    'interval',
    'INTERVAL',
    `that of the bars: ${INTERVALS.join(', ')} (default: told by their spacing)`,
    asText,
  ),
  from: flag(
    'fromMs',
    'TIME',
    'trading begins here: 2024-01-31, 2024-01-31T18:30Z (UTC) or milliseconds; bars before warm up (default: the first bar)',
    asDay('start'),
    'a time in UTC such as 2024-01-31, 2024-01-31T18:30:00Z or 1706725800000',
  ),
  to: flag(
    'toMs',
    'TIME',
    'bars that open from here on are left out; a day alone counts whole (default: the last bar)',
    asDay('end'),
    'a time in UTC such as 2024-01-31, 2024-01-31T18:30:00Z or 1706725800000',
  ),
};

/** Money, terms and sizes. */
const moneyFlags: Readonly<Record<string, SpecFlag>> = {
  cash: flag('cash', 'AMOUNT', 'what the account begins with, in the quote asset (default 10000)', asText),
  quote: flag(
    'quote',
    'ASSET',
    'the asset that the account is kept in (default: told by the end of the symbol, else USD)',
    asText,
  ),
  tick: flag('tick', 'STEP', 'step of prices, e.g. 0.01 (default: the finest digit in the data)', asText),
  lot: flag('lot', 'STEP', 'step of sizes, in the base asset; 1: whole units (default 0.00000001)', asText),
  'notional-min': flag('notionalMin', 'AMOUNT', 'least value of an order, in the quote asset (default 0)', asText),
  'year-days': flag(
    'yearDays',
    'N',
    'annual figures by a year of so many days of the data, e.g. 252 (default: by time, 365 days a year)',
    asNumber,
    'a number of days, such as 252',
  ),
  seed: flag(
    'seed',
    'N',
    'seed of all that is drawn: intervals of the statistics, random delays (default 1)',
    asNumber,
    'a number',
  ),
};

/** Every flag that stands for a part of the specification. */
export const SPEC_FLAGS: Readonly<Record<string, SpecFlag>> = { ...subjectFlags, ...moneyFlags, ...fillFlags };

/** The same, for a command that takes them. */
export const specFlags: Readonly<Record<string, FlagSpec>> = {
  ...SPEC_FLAGS,
  spec: {
    type: 'string',
    value: 'FILE',
    help: 'a specification as JSON (spec.json of an earlier run); flags win over it',
  },
};
