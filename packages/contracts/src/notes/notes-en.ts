import { countText, fileText, minuteText, missingShareText, percentText, rulesText } from './note-format.ts';
import type { NoteTexts, NoteValues, SizingTold } from './note-values.ts';

const many = (count: number, one: string, more = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : more}`;

function dataBars(values: NoteValues['data-bars']): string {
  const { instrument, bars, interval, startMs, endMs, gaps, missingBars, emptyBars, gapRule } = values;
  const behind =
    gapRule === 'break'
      ? 'behind each gap indicators begin anew, as they do live'
      : 'indicators take the bars on both sides as neighbours';
  const holes =
    gaps === 0
      ? 'none is missing'
      : `${many(missingBars, 'bar is', 'bars are')} missing in ${many(gaps, 'gap')}; ${behind}`;
  const quiet =
    emptyBars === 0 ? '' : ` In ${many(emptyBars, 'bar')} nothing was traded; orders fill there all the same.`;
  return `Data: ${instrument}, ${many(bars, 'bar')} of ${interval ?? '–'} from ${minuteText(startMs)} to ${minuteText(endMs)} UTC; ${holes}.${quiet}`;
}

function warmUp({ bars, interval, before }: NoteValues['warm-up']): string {
  const needs = `Warm-up: the strategy needs ${many(bars, 'closed bar')} of ${interval} before its first decision`;
  if (before === null) return `${needs}; the first bars of the data are used for that, and the curve begins with them.`;
  const from = `before ${minuteText(before.fromMs)} UTC the data has ${many(before.bars, 'bar')} that ${before.bars === 1 ? 'is' : 'are'} used for that alone`;
  return `${needs}; ${from}${before.bars < bars ? ', too few: the first bars after it are used too' : ''}.`;
}

function fillsBars({ acts, limits, volumeShare }: NoteValues['fills-bars']): string {
  const when = {
    'next-open': 'what is decided at the close of a bar acts at the open of the next one',
    'next-close': 'what is decided at the close of a bar acts at the close of the next one, what rests from then on',
    close:
      'what is decided at the close of a bar fills at that very close, which nobody could have had: it looks ahead by a moment',
  }[acts];
  const share =
    volumeShare === null
      ? 'Size is no obstacle: any order fills whole, as far as the account pays for it with fee and slippage; what it can’t pay for is left off'
      : `All orders together take at most ${percentText(volumeShare)} of a bar’s volume`;
  return `Fills: ${when}. A stop fills at its trigger, or at the open where the bar opens beyond it; a limit fills when the price ${limits === 'through' ? 'goes through it' : 'reaches it'}, at its price or better at the open. ${share}.`;
}

function feesOf(fills: string, { makerFeeBps, takerFeeBps, feesFrom, quote }: NoteValues['fees']): string {
  const rate =
    makerFeeBps === takerFeeBps
      ? `${takerFeeBps} bps`
      : `${takerFeeBps} bps for takers and ${makerFeeBps} bps for makers`;
  const from =
    feesFrom === 'quote' ? `in ${quote}, rounded up to eight digits` : 'of what was received, as Binance takes it';
  return `Fees: ${rate} of ${fills}, ${from}`;
}

const fees = (given: NoteValues['fees']): string => `${feesOf('each fill’s value', given)}.`;

const feesOnEntries = (given: NoteValues['fees']): string =>
  `${feesOf('the value of each fill that opens or enlarges a position', given)}; what makes one smaller costs none. Of an order that turns a position the part that opens pays.`;

function commission({ feePerOrder, feePerUnit, feeMinimum, quote }: NoteValues['commission']): string {
  const parts = [
    ...(Number(feePerOrder) === 0 ? [] : [`${feePerOrder} ${quote} for each order, with its first fill`]),
    ...(Number(feePerUnit) === 0 ? [] : [`${feePerUnit} ${quote} for each unit filled`]),
    ...(Number(feeMinimum) === 0
      ? []
      : [`with all fees of an order at least ${feeMinimum} ${quote}, from its first fill on`]),
  ];
  return `Commission, beside the fees above: ${parts.join('; ')}. A fill that costs no fee counts in none of it.`;
}

function slippageOf({ slippage, data }: NoteValues['slippage']): string {
  const met = data === 'ticks' ? 'the price that is shown' : 'the price of the bar';
  const traded = data === 'ticks' ? 'what was traded in the minute before' : 'the bar’s volume';
  switch (slippage.kind) {
    case 'none':
      return `none: market orders and stops fill at ${met}`;
    case 'rate':
      return `market orders and stops fill ${slippage.bps} bps worse than ${met}, rounded against them to the tick`;
    case 'ticks':
      return `market orders and stops fill ${slippage.ticks} ${slippage.ticks === 1 ? 'tick' : 'ticks'} worse than ${met}`;
    case 'square-root':
      return `market orders and stops fill ${slippage.bps} bps × √(size ÷ ${traded}) worse than ${met}`;
    case 'spread':
      return `market orders and stops fill ${percentText(slippage.share)} of the spread worse than the quote`;
  }
}

function worth(sizing: SizingTold, quote: string): string {
  const share = percentText(sizing.equityShare);
  switch (sizing.kind) {
    case 'fraction':
      return `${share} of equity`;
    case 'fixed':
      return `${sizing.amount} ${quote}, at most ${share} of equity`;
    case 'units':
      return `${sizing.quantity} of the base asset, at most ${share} of equity`;
    case 'volatility':
      return `what makes position × volatility of the last ${sizing.bars} returns ${percentText(sizing.target)} a year, at most ${share} of equity`;
    case 'kelly':
      return `${sizing.scale} of the Kelly fraction of the last ${sizing.tradesMax} trades, at most ${percentText(sizing.cap)} of equity; ${percentText(sizing.fallback)} before there are ${sizing.tradesMin}`;
  }
}

const SIZED_FROM = {
  fill: 'from the price that the order fills at',
  close: 'from the close that the order was decided at',
  trade: 'from the last trade when the order was decided',
} as const;

const LAST = { close: 'the last close', open: 'the open of the last bar' } as const;

const OFFERS = {
  quotes: 'the best bid and ask that were recorded, up to what they show',
  depth: 'the levels of the recorded book',
  both: 'the levels of the recorded book, its best kept at the newest quote',
  trades:
    'what the trades imply, since no quotes were recorded: the price at which somebody last sold as the best bid and that at which somebody last bought as the best ask, up to what was traded there in a row',
} as const;

const QUEUES = {
  through: 'only when a trade goes beyond its price, or the other side crosses it',
  queue: 'behind all that was shown at its price when it came; only trades move it up',
  'queue-probable':
    'behind what was shown at its price; what vanishes without a trade stood before and behind it in proportion',
  touch: 'with the first trade at its price',
} as const;

/** The notes of results in English, each a sentence that a reader can object to. */
export const NOTES_EN: NoteTexts = {
  'data-bars': dataBars,
  'warm-up': warmUp,
  'fills-bars': fillsBars,
  'path-unknown': ({ interval }) =>
    `Inside a bar of ${interval} nobody knows the path: where stop and take-profit both lie within one, the stop is taken to come first.`,
  'path-finer': ({ interval }) =>
    `The path inside a bar of ${interval} is that of the finer bars given; inside one of those the stop comes first.`,
  fees,
  'fees-on-entries': feesOnEntries,
  commission,
  slippage: (values) => `Slippage: ${slippageOf(values)}.`,
  sizing: ({ cash, quote, sizing, from, rebalanceBand }) =>
    `Sizing: the account begins with ${cash} ${quote}; a target of 1 is worth ${worth(sizing, quote)}, in whole lots, rounded down, reckoned ${SIZED_FROM[from]}. A target nearer to what is held than ${percentText(rebalanceBand)} of that changes nothing.`,
  terms: ({ instrument, tick, tickFrom, lot, notionalMin }) =>
    `Terms of ${instrument}: tick ${tick}, ${tickFrom === 'data' ? 'the finest digit in the data' : 'prices between two are rounded to the nearest'}; lot ${lot}; ${Number(notionalMin) === 0 ? 'orders have no least value' : `an order is worth at least ${notionalMin}`}.`,
  'long-only': () => 'Long only: a target below 0, or selling what is not held, is denied.',
  shorts: ({ initialMargin }) =>
    `Shorts are allowed against a margin: the account’s own money must be worth ${percentText(initialMargin)} of all positions. Nothing is borrowed at interest, no funding is paid and nothing is liquidated, which real shorts would be.`,
  limits: ({ limits }) =>
    limits === 'none'
      ? 'Limits of risk: none; what the strategy asks for is sent, so far as the cash goes.'
      : 'Limits of risk: those of trading.role in the configuration, as in paper and live trading; they size, deny and halt here too.',
  year: ({ yearDays }) =>
    yearDays === null
      ? 'A year: 365 days of 24 hours; annual figures go by the time that went by.'
      : `A year: ${yearDays} days of the data, whatever lies between them; annual figures go by their number.`,
  'end-of-training': ({ endOfData }) =>
    `Where the bars end that parameters are chosen on, what is still open is ${endOfData === 'mark' ? 'valued at the last close' : `closed at ${LAST[endOfData]}, with fee and slippage`}.`,
  end: ({ endOfData, data }) =>
    endOfData !== 'mark'
      ? `End: what is still open is closed at ${LAST[endOfData]}, with fee and slippage.`
      : `End: what is still open is valued at the last ${data === 'ticks' ? 'trade' : 'close'} and listed as open; nothing is closed.`,
  'bars-off-grid': ({ instrument, interval, minutes }) =>
    `Bars of ${instrument} open ${minutes} minutes behind whole intervals of ${interval} in UTC, as the file has them.`,
  'bars-cannot-tell': ({ instruments, days }) =>
    `Bars can’t tell: the spread, the depth of the book, how late orders arrive, and whether ${instruments === 1 ? 'this market' : 'these markets'} would have moved for the orders.${days ? ' A bar of a day is a day in UTC.' : ''}`,

  'data-ticks': ({ instrument, trades, quotes, bookChanges, startMs, endMs }) =>
    `Data: ${instrument}, ${many(trades, 'trade')}, ${many(quotes, 'quote')} and ${many(bookChanges, 'change')} of the book, recorded from ${minuteText(startMs)} to ${minuteText(endMs)} UTC.`,
  'bars-from-trades': () =>
    'Bars are built from the trades, and learned with the first trade behind them; the one under way when the recording began is left out.',
  'fills-ticks': ({ offers, queue }) =>
    `Fills: takers find ${OFFERS[offers]}. A resting limit fills ${QUEUES[queue]}. Nobody else answers to the orders.`,
  latency: ({ latency }) =>
    latency === null
      ? 'Latency: none; orders act at the very moment of the event that they answer.'
      : `Latency: data arrives ${latency.feedMs} ms late, orders take ${latency.orderMs} ms and answers ${latency.responseMs} ms.`,
  'ticks-cannot-tell': ({ pointMs }) =>
    `The curve has a point each ${pointMs / 1_000} s. A recording can’t tell how others would have answered to the orders, nor what it missed.`,

  search: ({ sampler, parameters, points, trials, direction, objective, seed, ahead }) =>
    `Search: ${sampler} over ${parameters.join(', ')} (${points === null ? 'no end of points' : many(points, 'point')}), at most ${many(trials, 'trial')} in each window, for ${direction === 'max' ? 'the highest' : 'the lowest'} ${objective}; seed ${seed}, told of all but the newest ${ahead} trials. Combinations that the strategy refuses are never run.`,
  'walk-forward': ({ windows, train, tests }) =>
    `Walk-forward: ${many(windows, 'window')}; in each the parameters are chosen on the bars before its test alone, the first from ${minuteText(train.fromMs)} UTC to ${minuteText(train.toMs)} UTC, and tested on those behind, from ${minuteText(tests.fromMs)} UTC to ${minuteText(tests.toMs)} UTC in all. Bars before a span warm indicators up. Each test begins flat, with the cash that the one before ended with, and what is open at its end is closed at its last close, with fee and slippage.`,
  'no-walk-forward': () => 'Walk-forward: none; parameters are chosen on all bars, and all figures are of those bars.',
  'early-stopping': ({ kind }) =>
    `Early stopping by ${kind}: trials that do badly on the first part of the training bars are given up; they count as trials, with what they had done.`,

  'strategy-failed': ({ strategyId, message, file, line }) =>
    `The strategy ${strategyId} FAILED and was stopped: ${message}${fileText(file, line === null ? null : `line ${line}`)}. From there on nothing was decided: the result is that of a part.`,
  'account-worthless': () => 'The account was worth nothing at some point.',
  'looks-ahead': () =>
    'Orders fill at the close that they were decided at: this looks ahead by a moment, and flatters what trades on momentum.',
  'nothing-traded': () =>
    'Nothing was traded: the strategy asked for nothing, or was denied; see the denials, and the parameters.',
  'few-trades': ({ closed, enough }) =>
    `Only ${many(closed, 'trade')} closed: too few to tell skill from luck; most statistics of trades want ${enough} or more.`,
  'trades-open': ({ open }) =>
    `${many(open, 'trade is', 'trades are')} still open at the end and valued at the last close, without the cost of leaving.`,
  denied: ({ rules }) => `Denied, by the rule of risk or of the exchange: ${rulesText(rules)}.`,
  'cash-shared': ({ denied, instruments }) =>
    `${many(denied, 'purchase')} found no cash on the account that ${instruments} instruments share: sized when it is decided, none may spend what is sold at the same close. --sized-at fill lets it, and makes it as small as the cash is.`,
  'bars-missing': ({ instrument, bars, missingBars, gaps }) =>
    `${many(missingBars, 'bar')} of ${instrument} ${missingBars === 1 ? 'is' : 'are'} missing (${missingShareText(missingBars, bars)}) in ${many(gaps, 'gap')}.`,

  'not-tested': () =>
    'Nothing was tested out of sample (--walk-forward none): all figures are of the bars that the parameters were chosen on, and flatter them.',
  'trials-failed': ({ failed, run, first }) =>
    `${countText(failed)} of ${countText(run)} trials failed${first === null ? '' : `, the first with: ${first}`}`,
  'windows-without-choice': ({ without, windows }) =>
    `In ${without} of ${windows} windows no trial had a value of the objective: nothing was chosen there, and its test is left out.`,
  'tests-failed': ({ tests, first }) =>
    `In ${tests} tests the strategy failed, the first time with: ${first}; from there on it held what it had.`,
  'few-trades-tested': ({ closed }) =>
    `There are ${closed} closed trades out of sample: too few to tell skill from luck.`,
  'earned-nothing': () => 'Out of sample it earned nothing.',
  'below-holding': () => 'Out of sample it earned less than buying and holding.',
  overfitted: ({ probability }) =>
    `The probability of overfitting is ${Math.round(100 * probability)} %: what was best in one half of the training was more often than not below the middle in the other.`,
  'on-a-peak': ({ stability }) =>
    `The chosen parameters stand on a peak (stability ${stability.toFixed(2)}): small changes of them lose most of what they are better by.`,
  'at-range-end': ({ parameters }) =>
    `At the end of its range: ${parameters.join(', ')}; what is better may lie beyond.`,
};
