import type { BacktestDataFacts, BacktestSpec, Note } from '@monsta/contracts';
import {
  err,
  expectOk,
  instrumentId,
  intervalMs,
  MS_PER_DAY,
  MS_PER_MINUTE,
  MS_PER_SECOND,
  ok,
  parseStep,
  type Interval,
  type Result,
} from '@monsta/core';
import type { TickBacktestOptions } from '@monsta/simulation';
import { UNWATCHED, type AnyParameterValues, type KernelConfig } from '@monsta/trading';
import { openRecordedTicks, type RecordedTicks } from '@monsta/venue-replay';
import { tickAssumptionsOf } from './assumptions.ts';
import type { BacktestSources } from './prepare.ts';
import { kernelConfigFor, tickAccountFor } from './settings.ts';
import { specFault } from './spec-faults.ts';
import { configuredStrategy, strategyOf } from './strategy.ts';
import { mergedEvents } from './tick-events.ts';
import { instrumentTerms, quoteAssetOf } from './terms.ts';

/** A run of ticks ready to begin, and what is to be known of it. */
export interface PreparedTicks {
  readonly options: Omit<TickBacktestOptions, 'records'>;
  readonly assumptions: readonly Note[];
  readonly facts: readonly BacktestDataFacts[];
  readonly parameters: AnyParameterValues;
  readonly strategyName: string;
}

/** What takers find: books where they are known from the start on, else the best quotes. Fault `backtest_data`: neither was recorded. */
function offersOf(ticks: readonly RecordedTicks[]): Result<'quotes' | 'depth' | 'both'> {
  const quotes = ticks.every((each) => each.quotes > 0);
  const books = ticks.every((each) => each.bookSnapshots > 0 && each.bookChanges > 0);
  if (quotes && books) return ok('both');
  if (quotes) return ok('quotes');
  if (books) return ok('depth');
  return err(
    'backtest_data',
    '--ticks: for some instrument neither quotes nor a book with its snapshot were recorded, so that nobody knows what a taker finds',
  );
}

/** Beyond fee and slippage: what the price may do before an order arrives. */
const PRICE_ROOM_PPM = 1_000;

/** All of the cash pays for no order of that size with its fee: what is bought leaves room for it. On bars the exchange itself cuts an order down; between events it refuses it. */
function withRoom(config: KernelConfig, { costs }: BacktestSpec): KernelConfig {
  const slippage = 'bps' in costs.slippage ? costs.slippage.bps : 0;
  const most = 1_000_000 - Math.ceil((costs.takerFeeBps + slippage) * 100) - PRICE_ROOM_PPM;
  return { ...config, allocationPpm: Math.max(1, Math.min(config.allocationPpm, most)) };
}

const eventsIn = ({ trades, quotes, bookChanges, bookSnapshots }: RecordedTicks): number =>
  trades + quotes + bookChanges + bookSnapshots;

/**
 * From a specification to a run on what was recorded. Faults: `backtest_spec`, `backtest_quote`, `backtest_data`, those of reading recordings, of loading strategies and of their
 * parameters.
 */
export async function prepareTicks(
  spec: BacktestSpec,
  { role, watch = UNWATCHED }: Pick<BacktestSources, 'role' | 'watch'>,
): Promise<Result<PreparedTicks>> {
  const wrong = specFault(spec);
  if (!wrong.ok) return wrong;
  const quote = quoteAssetOf(spec);
  if (!quote.ok) return quote;
  if (spec.data.kind !== 'ticks') return err('backtest_spec', 'a run of ticks needs --ticks');
  const tick = spec.tick === null ? null : expectOk(parseStep(spec.tick));
  const lot = expectOk(parseStep(spec.lot));
  const terms = spec.instruments.map((id) => ({ id: instrumentId(id), tick, lot, quote: quote.value }));
  const opened = await openRecordedTicks(spec.data.paths, terms);
  if (!opened.ok) return opened;
  const ticks = opened.value;
  const offers = offersOf(ticks);
  if (!offers.ok) return offers;
  watch.enter(0, 'setup');
  const strategy = await strategyOf(spec, null);
  watch.leave();
  if (!strategy.ok) return strategy;
  const intervals: readonly Interval[] = [...strategy.value.needs.keys()];
  const startMs = Math.min(...ticks.map((each) => each.startMs));
  const endMs = Math.min(spec.toMs ?? Infinity, Math.max(...ticks.map((each) => each.endMs)));
  if (Math.max(startMs, spec.fromMs ?? 0) >= endMs)
    return err(
      'backtest_data',
      `nothing was recorded between --from and --to; the recording goes from ${new Date(startMs).toISOString()} to ${new Date(endMs).toISOString()}`,
    );
  const instruments = ticks.map((each) => instrumentTerms(each.instrument, spec, quote.value));
  const config = withRoom(kernelConfigFor(spec, quote.value, role), spec);
  const pointMs = endMs - startMs < MS_PER_DAY ? MS_PER_SECOND : MS_PER_MINUTE;
  const shortest = Math.min(...intervals.map((each) => intervalMs(each)));
  return ok({
    options: {
      config,
      strategies: [configuredStrategy(spec, strategy.value)],
      account: tickAccountFor(spec, quote.value, offers.value),
      instruments,
      events: mergedEvents(ticks, intervals, spec.toMs),
      total: ticks.reduce((sum, each) => sum + eventsIn(each), 0),
      ...{ startMs, fromMs: spec.fromMs, pointMs, watch },
      tickMs: role.tickMs,
      bookEveryMs: role.bookEveryMs,
    },
    assumptions: tickAssumptionsOf({
      spec,
      config,
      ticks,
      instruments,
      quote: quote.value,
      offers: offers.value,
      pointMs,
      barMs: Number.isFinite(shortest) ? shortest : null,
    }),
    facts: ticks.map((each) => ({
      instrument: each.instrument.id,
      source: spec.data.kind === 'ticks' ? spec.data.paths.join(', ') : '',
      interval: null,
      bars: eventsIn(each),
      startMs: each.startMs,
      endMs: each.endMs,
      ...{ gaps: 0, missingBars: 0, emptyBars: 0 },
    })),
    parameters: strategy.value.parameters,
    strategyName: strategy.value.definition.name,
  });
}
