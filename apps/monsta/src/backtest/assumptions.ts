import { noteOf, type BacktestDataFacts, type BacktestSpec, type Note } from '@monsta/contracts';
import {
  formatUnits,
  intervalMs,
  minutesOffGrid,
  MS_PER_DAY,
  type AssetId,
  type BarSeries,
  type Instrument,
  type Interval,
} from '@monsta/core';
import { hasCommission } from './settings.ts';
import type { KernelConfig } from '@monsta/trading';
import type { RecordedTicks } from '@monsta/venue-replay';

export interface AssumptionsInput {
  readonly spec: BacktestSpec;
  readonly config: KernelConfig;
  readonly series: readonly BarSeries[];
  readonly facts: readonly BacktestDataFacts[];
  readonly interval: Interval;
  readonly warmUpBars: number;
  readonly quote: AssetId;
}

function warmUp({ spec: { fromMs }, interval, warmUpBars, series: [first] }: AssumptionsInput): readonly Note[] {
  if (warmUpBars === 0) return [];
  const before = fromMs === null ? null : { fromMs, bars: first?.openTimeMs.filter((ms) => ms < fromMs).length ?? 0 };
  return [noteOf('warm-up', { bars: warmUpBars, interval, before })];
}

function path({ spec, interval }: AssumptionsInput): Note {
  return spec.finer === null ? noteOf('path-unknown', { interval }) : noteOf('path-finer', { interval });
}

/** What orders cost, how large they are, in which steps, and what may be asked for: on bars and on ticks. */
function terms(
  { spec, quote, config }: Pick<AssumptionsInput, 'spec' | 'quote' | 'config'>,
  instruments: readonly Instrument[],
): readonly Note[] {
  const { costs, sizing, cash, fills, limits, short, lot, notionalMin } = spec;
  const { slippage, feesOn, makerFeeBps, takerFeeBps, feesFrom, feePerOrder, feePerUnit, feeMinimum } = costs;
  const fees = { makerFeeBps, takerFeeBps, feesFrom, quote };
  const data = spec.data.kind === 'ticks' ? 'ticks' : 'bars';
  return [
    noteOf(feesOn === 'both' ? 'fees' : 'fees-on-entries', fees),
    ...(hasCommission(costs) ? [noteOf('commission', { feePerOrder, feePerUnit, feeMinimum, quote })] : []),
    noteOf('slippage', { slippage, data }),
    noteOf('sizing', {
      ...{ cash, quote },
      sizing: { ...sizing, equityShare: config.allocationPpm / 1_000_000 },
      from: fills.sizedAt === 'fill' ? 'fill' : data === 'ticks' ? 'trade' : 'close',
      rebalanceBand: config.rebalanceBandPpm / 1_000_000,
    }),
    ...instruments.map(({ id, tick }) =>
      noteOf('terms', {
        instrument: id,
        tick: formatUnits(BigInt(tick.units), tick.scale),
        tickFrom: spec.tick === null ? 'data' : 'given',
        ...{ lot, notionalMin },
      }),
    ),
    short === null ? noteOf('long-only', {}) : noteOf('shorts', short),
    noteOf('limits', { limits }),
    noteOf('year', { yearDays: spec.yearDays }),
    noteOf('end', { endOfData: fills.endOfData, data }),
  ];
}

const offGrid = (series: readonly BarSeries[]): readonly Note[] =>
  series.flatMap(({ instrument, interval, openTimeMs: [firstMs = 0] }) => {
    const minutes = minutesOffGrid(firstMs, interval);
    return minutes === 0 ? [] : [noteOf('bars-off-grid', { instrument: instrument.id, interval, minutes })];
  });

/** What a backtest takes for granted, each in a note that a reader can object to. */
export function assumptionsOf(input: AssumptionsInput): readonly Note[] {
  const { spec, series, facts, interval } = input;
  const { acts, limits, volumeShare, gaps: gapRule } = spec.fills;
  return [
    ...facts.map(({ source: _source, ...each }) => noteOf('data-bars', { ...each, gapRule })),
    ...warmUp(input),
    noteOf('fills-bars', { acts, limits, volumeShare }),
    path(input),
    ...terms(
      input,
      series.map(({ instrument }) => instrument),
    ),
    ...offGrid(series),
    noteOf('bars-cannot-tell', { instruments: series.length, days: intervalMs(interval) >= MS_PER_DAY }),
  ];
}

export interface TickAssumptionsInput extends Pick<AssumptionsInput, 'spec' | 'config' | 'quote'> {
  readonly ticks: readonly RecordedTicks[];
  readonly instruments: readonly Instrument[];
  readonly offers: 'quotes' | 'depth' | 'both' | 'trades';
  readonly pointMs: number;
  /** Of the shortest bars that the strategy wants; null: none. */
  readonly barMs: number | null;
}

/** What a run of ticks takes for granted. */
export function tickAssumptionsOf(input: TickAssumptionsInput): readonly Note[] {
  const { spec, ticks, instruments, offers, pointMs, barMs } = input;
  return [
    ...ticks.map(({ instrument: { id }, trades, quotes, bookChanges, startMs, endMs }) =>
      noteOf('data-ticks', { instrument: id, trades, quotes, bookChanges, startMs, endMs }),
    ),
    ...(barMs === null ? [] : [noteOf('bars-from-trades', {})]),
    noteOf('fills-ticks', { offers, queue: spec.fills.queue }),
    noteOf('latency', { latency: spec.latency }),
    ...terms(input, instruments),
    noteOf('ticks-cannot-tell', { pointMs }),
  ];
}
