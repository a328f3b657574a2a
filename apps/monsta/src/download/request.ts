import {
  err,
  instrumentId,
  MS_PER_DAY,
  ok,
  parseInterval,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import { asDay } from '../backtest/flag-readers.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { DownloadRequest } from './run.ts';

const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,39}$/;
const INSTRUMENTS_MAX = 200;
const PARALLEL_MAX = 16;
const PARALLEL_DEFAULT = 4;

const invalid = (message: string): Result<never> => err('flag_invalid', message);

/** What a flag that may be given several times, each with a list, names: each once, in their order. */
function listOf(flags: FlagValues, name: string): readonly string[] {
  const given = flags[name];
  const texts = Array.isArray(given) ? given.filter((each): each is string => typeof each === 'string') : [];
  const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}

function instrumentsOf(flags: FlagValues): Result<readonly InstrumentId[]> {
  const names = listOf(flags, 'instrument').map((name) => name.toUpperCase());
  if (names.length === 0)
    return invalid('--instrument is missing: what to download, e.g. --instrument BTCUSDT,ETHUSDT');
  if (names.length > INSTRUMENTS_MAX)
    return invalid(`--instrument: at most ${INSTRUMENTS_MAX} at once, not ${names.length}`);
  const wrong = names.find((name) => !SYMBOL.test(name));
  if (wrong !== undefined)
    return invalid(`--instrument '${wrong.slice(0, 60)}' is no symbol; write it as the exchange does, e.g. BTCUSDT`);
  return ok([...new Set(names)].map(instrumentId));
}

function intervalsOf(flags: FlagValues): Result<readonly Interval[]> {
  const intervals: Interval[] = [];
  for (const name of listOf(flags, 'interval')) {
    const interval = parseInterval(name);
    if (!interval.ok) return invalid(`--interval: ${interval.fault.message}`);
    intervals.push(interval.value);
  }
  if (intervals.length === 0 && flags['trades'] !== true)
    return invalid('neither --interval nor --trades says what to download, e.g. --interval 1m,1h');
  return ok(intervals);
}

function timeOf(flags: FlagValues, name: 'from' | 'to', side: 'start' | 'end'): Result<number | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const ms = asDay(side)(text);
  return ms === undefined ? invalid(`--${name} ${text} is no time in UTC: 2024-01-31, or 2024-01-31T18:30`) : ok(ms);
}

function parallelOf(flags: FlagValues): Result<number> {
  const text = textOf(flags, 'parallel');
  if (text === null) return ok(PARALLEL_DEFAULT);
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= PARALLEL_MAX
    ? ok(value)
    : invalid(`--parallel ${text} is no whole number from 1 to ${PARALLEL_MAX}`);
}

const shown = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

function spanOf(flags: FlagValues, nowMs: number): Result<{ readonly fromMs: number; readonly toMs: number }> {
  const from = timeOf(flags, 'from', 'start');
  if (!from.ok) return from;
  const to = timeOf(flags, 'to', 'end');
  if (!to.ok) return to;
  if (from.value === null) return invalid('--from is missing: since when, e.g. --from 2024-01-01');
  if (from.value >= nowMs) return invalid(`--from ${shown(from.value)} UTC is yet to come: it is ${shown(nowMs)}`);
  const toMs = to.value ?? nowMs;
  if (from.value >= toMs) return invalid(`--from ${textOf(flags, 'from')} is not before --to ${textOf(flags, 'to')}`);
  // The end of today is asked for by its day; a time beyond is a mistake.
  if (toMs > nowMs + MS_PER_DAY) return invalid(`--to ${shown(toMs)} UTC is yet to come: it is ${shown(nowMs)}`);
  return ok({ fromMs: from.value, toMs: Math.min(toMs, nowMs) });
}

/** The venues that history is downloaded from: a recording is a file already, and a testnet's prices are nobody's. */
export const DOWNLOAD_VENUES = ['simulated', 'binance'] as const;

/** Fault `flag_invalid`. */
export function downloadVenue(name: string): Result<(typeof DOWNLOAD_VENUES)[number]> {
  const found = DOWNLOAD_VENUES.find((venue) => venue === name);
  return found === undefined
    ? invalid(
        `there is nothing to download from a venue ${name.slice(0, 40)}; --venue is ${DOWNLOAD_VENUES.join(' or ')}`,
      )
    : ok(found);
}

/** What a command line asks for. Fault `flag_invalid`. */
export function requestFrom(flags: FlagValues, nowMs: number): Result<DownloadRequest> {
  const venue = downloadVenue(textOf(flags, 'venue') ?? 'simulated');
  if (!venue.ok) return venue;
  const instruments = instrumentsOf(flags);
  if (!instruments.ok) return instruments;
  const intervals = intervalsOf(flags);
  if (!intervals.ok) return intervals;
  const span = spanOf(flags, nowMs);
  if (!span.ok) return span;
  const parallel = parallelOf(flags);
  if (!parallel.ok) return parallel;
  return ok({
    instruments: instruments.value,
    intervals: intervals.value,
    trades: flags['trades'] === true,
    ...span.value,
    parallel: parallel.value,
  });
}
