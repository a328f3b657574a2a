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
  type MarketEvent,
  type Result,
} from '@monsta/core';
import type { TickBacktestOptions } from '@monsta/simulation/backtest';
import type { AnyParameterValues, KernelConfig } from '@monsta/trading';
import { UNWATCHED } from '@monsta/trading/strategy-watch';
import type { RecordedTicks } from '@monsta/venue-replay';
import { tickAssumptionsOf, type TickAssumptionsInput } from './assumptions.ts';
import { withImpliedQuotes } from './implied-quotes.ts';
import type { BacktestSources } from './prepare.ts';
import { kernelConfigFor, tickAccountFor } from './settings.ts';
import { specFault } from './spec-faults.ts';
import { configuredStrategy, strategyOf } from './strategy.ts';
import { mergedEvents } from './tick-events.ts';
import { openTicks } from './trade-ticks.ts';
import { instrumentTerms, quoteAssetOf } from './terms.ts';

/** A run of ticks ready to begin, and what is to be known of it. */
export interface PreparedTicks {
  readonly options: Omit<TickBacktestOptions, 'records'>;
  readonly assumptions: readonly Note[];
  readonly facts: readonly BacktestDataFacts[];
  readonly parameters: AnyParameterValues;
  readonly strategyName: string;
}

type Offers = TickAssumptionsInput['offers'];

/** What takers find: books where they are known from the start on, else the best quotes, else those that trades imply. Fault `backtest_data`: not even trades were recorded. */
function offersOf(ticks: readonly RecordedTicks[], queue: BacktestSpec['fills']['queue']): Result<Offers> {
  const quotes = ticks.every((each) => each.quotes > 0);
  const books = ticks.every((each) => each.bookSnapshots > 0 && each.bookChanges > 0);
  if (quotes && books) return ok('both');
  if (quotes) return ok('quotes');
  if (books) return ok('depth');
  if (ticks.some((each) => each.quotes === 0 && each.trades === 0))
    return err(
      'backtest_data',
      '--ticks: for some instrument neither quotes, nor a book with its snapshot, nor trades were recorded, so that nobody knows what a taker finds',
    );
  if (queue === 'through' || queue === 'touch') return ok('trades');
  return err(
    'backtest_data',
    '--ticks: for some instrument trades alone were recorded, which do not tell what stands in a queue; say how resting orders fill with --queue through, or touch',
  );
}

/** Beyond fee and slippage: what the price may do before an order arrives. */
const PRICE_ROOM_PPM = 1_000;

/** All of the cash pays for no order of that size with its fee: what is bought leaves room for it. On bars the exchange itself cuts an order down; between events it refuses it. */
function withRoom(config: KernelConfig, { costs, cash }: BacktestSpec): KernelConfig {
  const slippage = 'bps' in costs.slippage ? costs.slippage.bps : 0;
  const fixed = Math.max(Number(costs.feePerOrder), Number(costs.feeMinimum)) / Number(cash);
  const most = 1_000_000 - Math.ceil((costs.takerFeeBps + slippage) * 100 + fixed * 1_000_000) - PRICE_ROOM_PPM;
  return { ...config, allocationPpm: Math.max(1, Math.min(config.allocationPpm, most)) };
}

const eventsIn = ({ trades, quotes, bookChanges, bookSnapshots }: RecordedTicks): number =>
  trades + quotes + bookChanges + bookSnapshots;

const marketOf = ({ instrument, startMs }: RecordedTicks): Pick<RecordedTicks, 'instrument' | 'startMs'> => ({
  instrument,
  startMs,
});

const eventsWith = (ticks: RecordedTicks, implied: boolean): Generator<MarketEvent> =>
  implied ? withImpliedQuotes(ticks.events()) : ticks.events();

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
  const opened = await openTicks(spec.data.paths, terms);
  if (!opened.ok) return opened;
  const ticks = opened.value;
  const offers = offersOf(ticks, spec.fills.queue);
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
  const implied = (each: RecordedTicks): boolean => offers.value === 'trades' && each.quotes === 0;
  const shortest = Math.min(...intervals.map((each) => intervalMs(each)));
  return ok({
    options: {
      config,
      strategies: [configuredStrategy(spec, strategy.value)],
      account: tickAccountFor(spec, quote.value, offers.value === 'trades' ? 'quotes' : offers.value),
      instruments,
      events: mergedEvents(
        ticks.map((each) => ({ ...marketOf(each), events: () => eventsWith(each, implied(each)) })),
        intervals,
        spec.toMs,
      ),
      // A trade of each side has to be there before they imply a quote: at most one a trade.
      total: ticks.reduce((sum, each) => sum + eventsIn(each) + (implied(each) ? each.trades : 0), 0),
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
