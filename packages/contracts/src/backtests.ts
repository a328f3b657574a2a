import { z } from 'zod';
import { decimal, fraction, instrument, interval, timeMs } from './primitives.ts';

const positive = z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal number as text, e.g. "0.01"');
/** Down to a hundredth, which is one part per million. */
const bps = z.number().min(0).max(10_000).multipleOf(0.01);
/** Eight digits are what a fee is rounded to. */
const fee = z
  .string()
  .regex(
    /^\d{1,9}(\.\d{1,8})?$/,
    'an amount as plain decimal text, with at most 8 digits behind the point, e.g. "1.50"',
  );
const feePerUnit = z
  .string()
  .regex(
    /^\d{1,9}(\.\d{1,18})?$/,
    'an amount as plain decimal text, with at most 18 digits behind the point, e.g. "0.005"',
  );
const share = z.number().min(0, 'a share is a number from 0 to 1').max(1, 'a share is a number from 0 to 1');

/** Where the bars of a backtest come from. */
export const backtestDataSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    /** CSV (`openTimeMs,open,high,low,close,volume`, or Binance's twelve columns; plain, .gz or .zip) or Parquet; one file an instrument, in the order of `instruments`. */
    paths: z.array(z.string().min(1)).min(1).max(100),
  }),
  z.strictObject({
    kind: z.literal('catalogue'),
    /** Whose bars: the name of a market as `monsta data list` tells it; null: Binance's, and those that were imported. */
    market: z.string().min(1).max(100).nullable().default(null),
  }),
  /** What the price collector of the running program holds, up to its last closed bar; only over REST and on the page. */
  z.strictObject({ kind: z.literal('collected') }),
  z.strictObject({ kind: z.literal('ticks'), paths: z.array(z.string().min(1)).min(1).max(100) }),
]);

/** How a target of 1 is worth what it is; beside those of trading, `units`: so many of the base asset. */
export const backtestSizingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fraction'), share: share.default(1) }),
  z.strictObject({ kind: z.literal('fixed'), amount: positive }),
  z.strictObject({ kind: z.literal('units'), quantity: positive }),
  z.strictObject({
    kind: z.literal('volatility'),
    target: z.number().min(0.001).max(10),
    bars: z.number().int().min(2),
  }),
  z.strictObject({
    kind: z.literal('kelly'),
    tradesMin: z.number().int().min(1).default(30),
    tradesMax: z.number().int().min(1).default(200),
    scale: share.default(0.5),
    cap: share.default(1),
    fallback: share.default(0.1),
  }),
]);

export const backtestCostsSchema = z.strictObject({
  makerFeeBps: bps.default(10),
  takerFeeBps: bps.default(10),
  /** What a fee is taken from: of what was received, as at Binance, or always of the quote asset. */
  feesFrom: z.enum(['quote', 'received']).default('quote'),
  /** Which fills cost one: those that enter a position and those that leave it, or the first alone. Of an order that turns a position the part that opens is an entry. */
  feesOn: z.enum(['both', 'entry'], 'there are both and entry').default('both'),
  /** In the quote asset, beside the rates, once an order: with the first of its fills that costs a fee. */
  feePerOrder: fee.default('0'),
  /** In the quote asset, beside the rates, for each whole unit of the base asset that is filled. */
  feePerUnit: feePerUnit.default('0'),
  /** In the quote asset: the least that all fees of an order come to; what lacks is taken with the first of its fills that costs a fee. */
  feeMinimum: fee.default('0'),
  slippage: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('rate'), bps }),
      z.strictObject({ kind: z.literal('ticks'), ticks: z.int().min(0).max(1_000_000).describe('bars alone') }),
      z.strictObject({ kind: z.literal('square-root'), bps }),
      z.strictObject({ kind: z.literal('spread'), share: share.describe('of the spread; ticks alone') }),
    ])
    .prefault({ kind: 'rate', bps: 0.5 }),
});

/** How orders fill from bars; docs/backtesting.md says each in full. */
export const backtestFillsSchema = z.strictObject({
  /** `next-open`: what a close brings about acts at the next open. `next-close`: at the next close. `close`: at that very close, which looks ahead by a moment. */
  acts: z.enum(['next-open', 'next-close', 'close']).default('next-open'),
  /** When a market order's size is reckoned: from the close that it was decided at, or from the price it fills at, of several instruments exits first. */
  sizedAt: z.enum(['decision', 'fill']).default('decision'),
  /** A limit fills when the price goes beyond it, or already when it is reached. */
  limits: z.enum(['through', 'touch']).default('through'),
  /** How much of a bar's volume all orders together may take; null: as much as they want. */
  volumeShare: share.nullable().default(null),
  /** Of a run of ticks: how a resting limit fills from trades at its price; docs/fill-models.md says each. */
  queue: z.enum(['through', 'queue', 'queue-probable', 'touch']).default('queue'),
  /** What is open at the end: valued; closed at the last close; closed at the last bar's open, as some engines do, which its close has overtaken by then. */
  endOfData: z.enum(['mark', 'close', 'open']).default('mark'),
  /** Bars that are missing: `break`: indicators begin anew behind them, as live; `join`: the bars on both sides are neighbours (shares, which rest at weekends). */
  gaps: z.enum(['break', 'join']).default('break'),
});

export const backtestSpecSchema = z.strictObject({
  /** The name of a shipped strategy, or the path of a file. */
  strategy: z.string().min(1).max(4_096),
  params: z.record(z.string(), z.unknown()).default({}),
  data: backtestDataSchema,
  /** Finer bars of the same instruments, which decide the path inside each bar. */
  finer: z
    .strictObject({ paths: z.array(z.string().min(1)).min(1).max(100) })
    .nullable()
    .default(null),
  instruments: z.array(instrument).min(1).max(100),
  interval: interval.nullable().default(null).describe('null: that of the data'),
  fromMs: timeMs.nullable().default(null).describe('trading begins here; bars before warm up'),
  toMs: timeMs.nullable().default(null),
  cash: positive.default('10000'),
  quote: z
    .string()
    .min(1)
    .max(20)
    .nullable()
    .default(null)
    .describe('null: the end of the instrument’s name that is a known quote asset'),
  tick: positive.nullable().default(null).describe('null: the finest digit of the prices in the data'),
  lot: positive.default('0.00000001').describe('"1": whole units'),
  notionalMin: positive.default('0'),
  costs: backtestCostsSchema.prefault({}),
  fills: backtestFillsSchema.prefault({}),
  sizing: backtestSizingSchema.prefault({ kind: 'fraction' }),
  /** A target nearer to what is held than this share of what a target of 1 is worth changes nothing; with `limits: configured` that of `trading.role` holds. */
  rebalanceBand: share.default(0.2),
  /** Short positions, against the margin given: the share of a position's value that the account's own money must be worth. An assumption: nothing is lent, charged or liquidated. */
  short: z
    .strictObject({ initialMargin: share.default(1) })
    .nullable()
    .default(null),
  /** `none`: what is asked for is sent; `configured`: the limits of `trading.role`, as in paper and live trading. */
  limits: z.enum(['none', 'configured']).default('none'),
  /** Of a run of ticks: how late orders and answers are. */
  latency: z
    .strictObject({ feedMs: z.number().min(0), orderMs: z.number().min(0), responseMs: z.number().min(0) })
    .nullable()
    .default(null),
  /** How many days with a bar a year has, for all that is annualised; null: years go by time, of 365 days. */
  yearDays: z
    .number()
    .min(1, 'a year has 1 to 366 days, such as 252')
    .max(366, 'a year has 1 to 366 days, such as 252')
    .nullable()
    .default(null)
    .describe('for annual figures: how many days of the data a year has, e.g. 252; null: by time, 365 days'),
  /** Of everything that is drawn: intervals, delays. */
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
});

/** What a backtest is to do, all of it: the same specification on the same data gives the same result. */
export type BacktestSpec = z.infer<typeof backtestSpecSchema>;
/** As it is written down: what is left out has its default. */
export type BacktestSpecInput = z.input<typeof backtestSpecSchema>;

export const backtestTradeSchema = z.object({
  id: z.string(),
  strategyId: z.string(),
  instrument,
  direction: z.enum(['long', 'short']),
  openedMs: timeMs,
  closedMs: timeMs.nullable().describe('null: still open at the end'),
  entryPrice: decimal,
  exitPrice: decimal.nullable(),
  quantity: decimal,
  profit: decimal,
  fees: decimal,
  returnShare: z.number(),
  adverseShare: z.number(),
  favourableShare: z.number(),
  bars: z.number().int(),
  entryTag: z.string().nullable(),
  exitTag: z.string().nullable(),
  exitCause: z.string().nullable(),
});

export type BacktestTradeMessage = z.infer<typeof backtestTradeSchema>;

/** A statistic that can't be known is null; `docs/statistics.md` says what each is. */
export const backtestStatisticsSchema = z.record(z.string(), z.number().nullable());

export const backtestStateSchema = z.enum(['queued', 'running', 'done', 'failed', 'canceled']);

/** What is listed of a backtest, or an optimisation. */
export const backtestSummarySchema = z.object({
  id: z.string(),
  kind: z.enum(['backtest', 'optimization']),
  state: backtestStateSchema,
  createdMs: timeMs,
  finishedMs: timeMs.nullable(),
  progress: fraction.describe('of the bars, or of the trials'),
  strategy: z.string(),
  instruments: z.array(instrument),
  interval: interval.nullable(),
  startMs: timeMs.nullable(),
  endMs: timeMs.nullable(),
  statistics: backtestStatisticsSchema.nullable(),
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type BacktestSummary = z.infer<typeof backtestSummarySchema>;
