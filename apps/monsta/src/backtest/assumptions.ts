import type { BacktestDataFacts, BacktestSpec } from '@monsta/contracts';
import { formatUnits, intervalMs, type AssetId, type BarSeries, type Instrument, type Interval } from '@monsta/core';
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

const minutes = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`;
const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;

function dataWords({ spec, facts }: AssumptionsInput): string[] {
  const behind =
    spec.fills.gaps === 'break'
      ? 'behind each gap indicators begin anew, as they do live'
      : 'indicators take the bars on both sides as neighbours';
  return facts.map(({ instrument, bars, interval, startMs, endMs, gaps, missingBars, emptyBars }) => {
    const holes =
      gaps === 0
        ? 'none is missing'
        : `${many(missingBars, 'bar is', 'bars are')} missing in ${many(gaps, 'gap')}; ${behind}`;
    const quiet =
      emptyBars === 0 ? '' : ` In ${many(emptyBars, 'bar')} nothing was traded; orders fill there all the same.`;
    return `Data: ${instrument}, ${many(bars, 'bar')} of ${interval} from ${minutes(startMs)} to ${minutes(endMs)} UTC; ${holes}.${quiet}`;
  });
}

function warmUpWords({ spec, interval, warmUpBars, series }: AssumptionsInput): string[] {
  if (warmUpBars === 0) return [];
  const [first] = series;
  const beginning = spec.fromMs ?? 0;
  const before = first === undefined ? 0 : first.openTimeMs.filter((ms) => ms < beginning).length;
  const needs = `Warm-up: the strategy needs ${many(warmUpBars, 'closed bar')} of ${interval} before its first decision`;
  if (spec.fromMs === null)
    return [`${needs}; the first bars of the data are used for that, and the curve begins with them.`];
  const from = `before ${minutes(spec.fromMs)} UTC the data has ${many(before, 'bar')} that ${before === 1 ? 'is' : 'are'} used for that alone`;
  return [`${needs}; ${from}${before < warmUpBars ? ', too few: the first bars after it are used too' : ''}.`];
}

function fillWords({ spec, interval }: AssumptionsInput): string[] {
  const { acts, limits, volumeShare } = spec.fills;
  const when =
    acts === 'next-open'
      ? 'what is decided at the close of a bar acts at the open of the next one'
      : 'what is decided at the close of a bar fills at that very close, which nobody could have had: it looks ahead by a moment';
  const share =
    volumeShare === null
      ? 'Size is no obstacle: any order fills whole, as far as the account pays for it with fee and slippage; what it can’t pay for is left off'
      : `All orders together take at most ${percent(volumeShare)} of a bar’s volume`;
  return [
    `Fills: ${when}. A stop fills at its trigger, or at the open where the bar opens beyond it; a limit fills when the price ${limits === 'through' ? 'goes through it' : 'reaches it'}, at its price or better at the open. ${share}.`,
    ...(spec.finer === null
      ? [
          `Inside a bar of ${interval} nobody knows the path: where stop and take-profit both lie within one, the stop is taken to come first.`,
        ]
      : [
          `The path inside a bar of ${interval} is that of the finer bars given; inside one of those the stop comes first.`,
        ]),
  ];
}

function costWords({ spec, quote }: Pick<AssumptionsInput, 'spec' | 'quote'>): string[] {
  const { makerFeeBps, takerFeeBps, feesFrom, slippage } = spec.costs;
  const rate =
    makerFeeBps === takerFeeBps
      ? `${takerFeeBps} bps`
      : `${takerFeeBps} bps for takers and ${makerFeeBps} bps for makers`;
  const from =
    feesFrom === 'quote' ? `in ${quote}, rounded up to eight digits` : 'of what was received, as Binance takes it';
  const met = spec.data.kind === 'ticks' ? 'the price that is shown' : 'the price of the bar';
  const traded = spec.data.kind === 'ticks' ? 'what was traded in the minute before' : 'the bar’s volume';
  const slip = (): string => {
    switch (slippage.kind) {
      case 'none':
        return `none: market orders and stops fill at ${met}`;
      case 'rate':
        return `market orders and stops fill ${slippage.bps} bps worse than ${met}, rounded against them to the tick`;
      case 'square-root':
        return `market orders and stops fill ${slippage.bps} bps × √(size ÷ ${traded}) worse than ${met}`;
      case 'spread':
        return `market orders and stops fill ${percent(slippage.share)} of the spread worse than the quote`;
    }
  };
  return [`Fees: ${rate} of each fill’s value, ${from}.`, `Slippage: ${slip()}.`];
}

function sizeWords({ spec, quote, config }: Pick<AssumptionsInput, 'spec' | 'quote' | 'config'>): string[] {
  const { sizing, fills, cash } = spec;
  const share = percent(config.allocationPpm / 1_000_000);
  const worth = (): string => {
    switch (sizing.kind) {
      case 'fraction':
        return `${share} of equity`;
      case 'fixed':
        return `${sizing.amount} ${quote}, at most ${share} of equity`;
      case 'units':
        return `${sizing.quantity} of the base asset, at most ${share} of equity`;
      case 'volatility':
        return `what makes position × volatility of the last ${sizing.bars} returns ${percent(sizing.target)} a year, at most ${share} of equity`;
      case 'kelly':
        return `${sizing.scale} of the Kelly fraction of the last ${sizing.tradesMax} trades, at most ${percent(sizing.cap)} of equity; ${percent(sizing.fallback)} before there are ${sizing.tradesMin}`;
    }
  };
  const at =
    fills.sizedAt === 'fill'
      ? 'from the price that the order fills at'
      : spec.data.kind === 'ticks'
        ? 'from the last trade when the order was decided'
        : 'from the close that the order was decided at';
  return [
    `Sizing: the account begins with ${cash} ${quote}; a target of 1 is worth ${worth()}, in whole lots, rounded down, reckoned ${at}. A target nearer to what is held than ${percent(config.rebalanceBandPpm / 1_000_000)} of that changes nothing.`,
  ];
}

function termWords(spec: BacktestSpec, instruments: readonly Instrument[]): string[] {
  return instruments.map(({ id, tick }) => {
    const step = formatUnits(BigInt(tick.units), tick.scale);
    const told =
      spec.tick === null
        ? `${step}, the finest digit in the data`
        : `${step}, prices between two are rounded to the nearest`;
    const least =
      Number(spec.notionalMin) === 0 ? 'orders have no least value' : `an order is worth at least ${spec.notionalMin}`;
    return `Terms of ${id}: tick ${told}; lot ${spec.lot}; ${least}.`;
  });
}

function shortWords({ spec }: Pick<AssumptionsInput, 'spec'>): string {
  if (spec.short === null) return 'Long only: a target below 0, or selling what is not held, is denied.';
  const margin = percent(spec.short.initialMargin);
  return `Shorts are allowed against a margin: the account’s own money must be worth ${margin} of all positions. Nothing is borrowed at interest, no funding is paid and nothing is liquidated, which real shorts would be.`;
}

const limitWords = ({ limits }: BacktestSpec): string =>
  limits === 'none'
    ? 'Limits of risk: none; what the strategy asks for is sent, so far as the cash goes.'
    : 'Limits of risk: those of trading.role in the configuration, as in paper and live trading; they size, deny and halt here too.';

/** What a backtest takes for granted, each in a sentence that a reader can object to. */
export function assumptionsOf(input: AssumptionsInput): readonly string[] {
  const { spec, series, interval } = input;
  const { endOfData } = spec.fills;
  return [
    ...dataWords(input),
    ...warmUpWords(input),
    ...fillWords(input),
    ...costWords(input),
    ...sizeWords(input),
    ...termWords(
      spec,
      series.map(({ instrument }) => instrument),
    ),
    shortWords(input),
    limitWords(spec),
    endOfData === 'mark'
      ? 'End: what is still open is valued at the last close and listed as open; nothing is closed.'
      : 'End: what is still open is closed at the last close, with fee and slippage.',
    `Bars can’t tell: the spread, the depth of the book, how late orders arrive, and whether ${series.length === 1 ? 'this market' : 'these markets'} would have moved for the orders.${intervalMs(interval) >= 86_400_000 ? ' A bar of a day is a day in UTC.' : ''}`,
  ];
}

export interface TickAssumptionsInput extends Pick<AssumptionsInput, 'spec' | 'config' | 'quote'> {
  readonly ticks: readonly RecordedTicks[];
  readonly instruments: readonly Instrument[];
  readonly offers: 'quotes' | 'depth' | 'both';
  readonly pointMs: number;
  /** Of the shortest bars that the strategy wants; null: none. */
  readonly barMs: number | null;
}

const OFFERS = {
  quotes: 'the best bid and ask that were recorded, up to what they show',
  depth: 'the levels of the recorded book',
  both: 'the levels of the recorded book, its best kept at the newest quote',
} as const;

const QUEUES = {
  through: 'only when a trade goes beyond its price, or the other side crosses it',
  queue: 'behind all that was shown at its price when it came; only trades move it up',
  'queue-probable':
    'behind what was shown at its price; what vanishes without a trade stood before and behind it in proportion',
  touch: 'with the first trade at its price',
} as const;

/** What a run of ticks takes for granted. */
export function tickAssumptionsOf(input: TickAssumptionsInput): readonly string[] {
  const { spec, ticks, instruments, offers, pointMs, barMs } = input;
  const { latency, fills } = spec;
  const count = (value: number, what: string): string => many(value, what);
  const data = ticks.map(
    ({ instrument: { id }, trades, quotes, bookChanges, startMs, endMs }) =>
      `Data: ${id}, ${count(trades, 'trade')}, ${count(quotes, 'quote')} and ${count(bookChanges, 'change')} of the book, recorded from ${minutes(startMs)} to ${minutes(endMs)} UTC.`,
  );
  return [
    ...data,
    ...(barMs === null
      ? []
      : [
          'Bars are built from the trades, and learned with the first trade behind them; the one under way when the recording began is left out.',
        ]),
    `Fills: takers find ${OFFERS[offers]}. A resting limit fills ${QUEUES[fills.queue]}. Nobody else answers to the orders.`,
    latency === null
      ? 'Latency: none; orders act at the very moment of the event that they answer.'
      : `Latency: data arrives ${latency.feedMs} ms late, orders take ${latency.orderMs} ms and answers ${latency.responseMs} ms.`,
    ...costWords(input),
    ...sizeWords(input),
    ...termWords(spec, instruments),
    shortWords(input),
    limitWords(spec),
    'End: what is still open is valued at the last trade and listed as open; nothing is closed.',
    `The curve has a point each ${pointMs / 1_000} s. A recording can’t tell how others would have answered to the orders, nor what it missed.`,
  ];
}
