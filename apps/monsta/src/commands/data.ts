import {
  assetId,
  err,
  instrumentId,
  ok,
  parseInterval,
  parseStep,
  type InstrumentTerms,
  type Interval,
  type Result,
  type Step,
} from '@monsta/core';
import type { BarTerms } from '@monsta/data-files';
import type { Catalog } from '@monsta/ports';
import { asDay } from '../backtest/flag-readers.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { Catalogs } from '../compose/catalog.ts';
import { configExitCode } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { configurationFrom } from './configuration-flags.ts';
import { listText } from './data-text.ts';

const BAD_USAGE = 2;
const USAGE_FAULTS: ReadonlySet<string> = new Set(['flag_invalid', 'market_unknown']);

/** Opens a catalogue of the data directory, Binance’s unless --market says otherwise, does the work, and closes it. */
export function withCatalog(
  flags: FlagValues,
  output: Output,
  work: (catalog: Catalog) => Promise<Result<number>>,
): Promise<number> {
  return withCatalogs(flags, output, async (catalogs) => {
    const catalog = catalogs.of(textOf(flags, 'market'));
    return catalog.ok ? work(catalog.value) : catalog;
  });
}

/** Opens the catalogues of the data directory, does the work, and closes them. */
export async function withCatalogs(
  flags: FlagValues,
  output: Output,
  work: (catalogs: Catalogs, config: MonstaConfig) => Promise<Result<number>>,
): Promise<number> {
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const catalogs = new Catalogs(config.value.dataDir, config.value.catalog);
  try {
    const done = await work(catalogs, config.value);
    if (done.ok) return done.value;
    output.fault(done.fault);
    return USAGE_FAULTS.has(done.fault.code) ? BAD_USAGE : 1;
  } finally {
    await catalogs.close();
  }
}

function stepFlag(flags: FlagValues, name: string): Result<Step | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const step = parseStep(text);
  return step.ok ? step : err('flag_invalid', `--${name} ${text} is no step; give one such as 0.01`);
}

export function intervalFlag(flags: FlagValues): Result<Interval | null> {
  const text = textOf(flags, 'interval');
  if (text === null) return ok(null);
  const interval = parseInterval(text);
  return interval.ok ? interval : err('flag_invalid', `--interval: ${interval.fault.message}`);
}

export function instrumentFlag(flags: FlagValues): Result<string> {
  const text = textOf(flags, 'instrument');
  return text === null || text.trim() === ''
    ? err('flag_invalid', '--instrument is missing: whose bars they are, e.g. --instrument BTCUSDT')
    : ok(text.trim().toUpperCase());
}

/** How the flags say that a file is to be read. */
export function termsFrom(flags: FlagValues): Result<BarTerms> {
  const id = instrumentFlag(flags);
  if (!id.ok) return id;
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  const tick = stepFlag(flags, 'tick');
  if (!tick.ok) return tick;
  const lot = stepFlag(flags, 'lot');
  if (!lot.ok) return lot;
  const offTick = textOf(flags, 'off-tick') ?? 'refuse';
  if (offTick !== 'refuse' && offTick !== 'round')
    return err('flag_invalid', `--off-tick ${offTick}: there are refuse and round`);
  if (offTick === 'round' && tick.value === null)
    return err('flag_invalid', '--off-tick round needs the tick to round to: --tick 0.01');
  const quote = textOf(flags, 'quote');
  const instrument: InstrumentTerms = {
    id: instrumentId(id.value),
    tick: tick.value,
    lot: lot.value ?? { units: 1, scale: 8 },
    quote: quote === null ? null : assetId(quote.toUpperCase()),
  };
  return ok({ instrument, interval: interval.value, fromMs: null, toMs: null, offTick });
}

/** A time in UTC, ms; of a day alone its first moment, or as an end the first of the next. Null: not given. Fault `flag_invalid`. */
export function dayFlag(flags: FlagValues, name: 'from' | 'to', side: 'start' | 'end'): Result<number | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const ms = asDay(side)(text);
  return ms === undefined
    ? err('flag_invalid', `--${name} ${text} is no time in UTC: 2024-01-31, or 2024-01-31T18:30`)
    : ok(ms);
}

/** How many of each kind are named. Fault `flag_invalid`. */
export function examplesFlag(flags: FlagValues): Result<number> {
  const text = textOf(flags, 'examples') ?? '5';
  const count = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  return count >= 0 ? ok(count) : err('flag_invalid', `--examples ${text}: a whole number, at most 999999`);
}

/** `monsta data list` */
export function dataList(flags: FlagValues, output: Output): Promise<number> {
  return withCatalogs(flags, output, async (catalogs) => {
    const items = await catalogs.list();
    if (!items.ok) return items;
    output.document({ items: items.value }, listText(items.value));
    return ok(0);
  });
}
