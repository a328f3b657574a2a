import { ALERT_DELIVERY_STATUSES, ALERT_KINDS, ALERT_SEVERITIES, ORDER_TYPES, TRADING_STATES } from '@monsta/core';
import { z } from 'zod';
import { excursionsSchema, feesSchema, slippageSchema } from './books.ts';
import { decimal, fraction, instrument, interval, timeMs } from './primitives.ts';

/** `real`, `testnet`, `replay` or `simulated`: where the data comes from. */
export const dataOriginSchema = z.enum(['real', 'testnet', 'replay', 'simulated']);

export const barSchema = z.object({
  instrument,
  interval,
  openTimeMs: timeMs,
  closeTimeMs: timeMs.describe('first instant after the bar'),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  quoteVolume: decimal.nullable(),
  takerBuyVolume: decimal.nullable(),
  takerBuyQuoteVolume: decimal.nullable(),
  trades: z.number().int().nullable(),
  firstTradeId: z.number().int().nullable(),
  lastTradeId: z.number().int().nullable(),
  bookImbalance: z
    .number()
    .min(-1)
    .max(1)
    .nullable()
    .describe(
      'mean over the bar of (bid size − ask size) / (bid size + ask size) at the best prices, in steps of a millionth; null while it forms, and where the book was not followed',
    ),
  closed: z.boolean(),
});
export type BarMessage = z.infer<typeof barSchema>;

export const tradeSchema = z.object({
  instrument,
  tradeId: z.number().int(),
  price: decimal,
  quantity: decimal,
  timeMs,
  buyerIsMaker: z.boolean(),
});
export type TradeMessage = z.infer<typeof tradeSchema>;

export const quoteSchema = z.object({
  instrument,
  updateId: z.number().int(),
  bidPrice: decimal,
  bidQuantity: decimal,
  askPrice: decimal,
  askQuantity: decimal,
  timeMs,
});
export type QuoteMessage = z.infer<typeof quoteSchema>;

export const bookSchema = z.object({
  instrument,
  lastUpdateId: z.number().int(),
  bids: z.array(z.tuple([decimal, decimal])).describe('[price, quantity], from the highest'),
  asks: z.array(z.tuple([decimal, decimal])).describe('[price, quantity], from the lowest'),
  timeMs,
});
export type BookMessage = z.infer<typeof bookSchema>;

export const feedSchema = z.object({
  instrument,
  status: z.enum(['connecting', 'live', 'stale', 'repairing', 'gap', 'ended']),
  reason: z.string().nullable(),
  timeMs,
});
export type FeedMessage = z.infer<typeof feedSchema>;

export const instrumentSchema = z.object({
  id: instrument,
  base: z.string(),
  quote: z.string(),
  tickSize: decimal,
  lotSize: decimal,
  quantityMin: decimal,
  quantityMax: decimal,
  marketQuantityMax: decimal.nullable(),
  notionalMin: decimal.nullable(),
  notionalMax: decimal.nullable(),
  status: z.enum(['trading', 'halted', 'delisted']),
  version: z.number().int(),
  validFromMs: timeMs,
});
export type InstrumentMessage = z.infer<typeof instrumentSchema>;

export const estimateSchema = z.object({ value: z.number(), low: z.number(), high: z.number(), level: fraction });

const forecastQualitySchema = z.object({
  logLoss: z.number(),
  brier: z.number(),
  calibrationError: fraction.describe('mean distance of predicted and observed over the bins, weighted by their rows'),
  bins: z
    .array(z.object({ rows: z.number().int(), predicted: fraction, observed: fraction }))
    .describe('equally many forecasts each, lowest first: mean probability, and the share after which the price rose'),
});

const calibrationSchema = z.object({
  method: z.literal('platt'),
  slope: z.number(),
  intercept: z.number(),
  fittedRows: z.number().int().describe('out-of-sample rows that the calibration in force was fitted on'),
  rows: z.number().int().describe('rows judged by calibrations that were fitted on earlier folds alone'),
  folds: z.number().int(),
  before: forecastQualitySchema,
  after: forecastQualitySchema,
});

export const modelScoreSchema = z.object({
  rows: z.number().int(),
  folds: z.number().int(),
  accuracy: estimateSchema,
  logLoss: z.number(),
  brier: z.number(),
  baselines: z.object({ majority: fraction, lastSign: fraction }),
  skill: estimateSchema.describe('accuracy minus the best baseline, out of sample'),
  calibration: calibrationSchema.nullable().describe('null: not calibrated; uncalibrated says why'),
  uncalibrated: z.string().nullable(),
  net: z
    .object({
      sideCostBps: z.number().describe('fee and slippage of one side of a trade'),
      perBarBps: estimateSchema.describe('mean return of a bar after costs, in basis points of the capital'),
      roundTrips: z.number(),
    })
    .nullable()
    .describe('what trading the calibrated forecasts naively brought out of sample; null: untraded says why not'),
  untraded: z.string().nullable(),
});

export const predictionSchema = z.object({
  instrument,
  model: z.string(),
  interval,
  horizonMs: z.number().int(),
  timeMs,
  probabilityUp: fraction
    .nullable()
    .describe('null when the model has nothing to say; absence tells why. Calibrated where calibrated is true'),
  rawProbabilityUp: fraction.nullable().describe('as the model said it, before calibration'),
  calibrated: z.boolean(),
  score: modelScoreSchema.nullable(),
  hasVote: z
    .boolean()
    .describe('true only when the intervals of the skill and of the result after costs lie above zero'),
  trainedAtMs: timeMs.nullable(),
  absence: z.object({ code: z.string(), reason: z.string() }).nullable(),
});
export type PredictionMessage = z.infer<typeof predictionSchema>;

export const orderSchema = z.object({
  clientOrderId: z.string(),
  venueOrderId: z.string().nullable(),
  strategyId: z.string(),
  instrument,
  side: z.enum(['buy', 'sell']),
  type: z.enum(ORDER_TYPES),
  timeInForce: z.enum(['gtc', 'ioc', 'fok']),
  quantity: decimal,
  limitPrice: decimal.nullable(),
  stopPrice: decimal
    .nullable()
    .describe('the trigger; null where the order waits for none, or trails from where the market was'),
  trailingBps: z.number().int().nullable().describe('how far the trigger follows the market, in basis points'),
  icebergQuantity: decimal.nullable().describe('what the book shows at a time; null: all of it'),
  listId: z.string().nullable().describe('the list that the order belongs to'),
  tag: z.string().nullable().describe('what its strategy calls it, or what it is for'),
  decisionPrice: decimal.nullable().describe('the last trade when it was decided on; null while unknown'),
  slippageBps: z
    .number()
    .nullable()
    .describe('how much worse its fills were than the decision price, in basis points; below 0 they were better'),
  reduceOnly: z.boolean(),
  status: z.enum([
    'pending_submit',
    'accepted',
    'partially_filled',
    'pending_cancel',
    'filled',
    'canceled',
    'expired',
    'rejected',
    'denied',
  ]),
  filledQuantity: decimal,
  averagePrice: decimal.nullable(),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  createdMs: timeMs,
  updatedMs: timeMs,
});
export type OrderMessage = z.infer<typeof orderSchema>;

export const fillSchema = z.object({
  fillId: z.string(),
  clientOrderId: z.string(),
  strategyId: z.string(),
  instrument,
  side: z.enum(['buy', 'sell']),
  price: decimal,
  quantity: decimal,
  fee: decimal,
  feeAsset: z.string(),
  liquidity: z.enum(['maker', 'taker']),
  timeMs,
});
export type FillMessage = z.infer<typeof fillSchema>;

/** What stands between a position and a falling price; see `docs/resting-stops.md`. */
const protectionSchema = z.object({
  mode: z.enum(['resting', 'limit', 'watched', 'exiting', 'paused']),
  stopPrice: decimal.nullable().describe('null where no stop is planned; of a trailing one as far as is known'),
  takeProfitPrice: decimal.nullable().describe('null where none is planned'),
  reason: z.string().nullable().describe('why it does not all rest at the venue'),
});

export const positionSchema = z.object({
  strategyId: z.string(),
  instrument,
  quantity: decimal,
  averagePrice: decimal.nullable(),
  markPrice: decimal.nullable(),
  marketValue: decimal.nullable(),
  realizedProfit: decimal,
  unrealizedProfit: decimal.nullable(),
  feesPaid: decimal.describe('fees in base and quote, in quote: they are in the realised profit'),
  fees: feesSchema,
  netProfit: decimal
    .nullable()
    .describe('realised profit less the fees in other assets; null while one has no known price'),
  netProfitAbsence: z.string().nullable().describe('why the net profit is not known'),
  exposure: z.number().nullable().describe('market value as a share of the equity'),
  excursions: excursionsSchema.nullable().describe('since it was opened; null while flat'),
  protection: protectionSchema.nullable().describe('null while nothing protects the position'),
  openedMs: timeMs.nullable(),
  updatedMs: timeMs,
});
export type PositionMessage = z.infer<typeof positionSchema>;

export const accountSchema = z.object({
  accountId: z.string(),
  kind: z.enum(['paper', 'live']),
  origin: dataOriginSchema,
  quoteAsset: z.string(),
  balances: z.array(z.object({ asset: z.string(), free: decimal, locked: decimal })),
  equity: decimal.nullable().describe('cash plus positions at the last price; null while a price is unknown'),
  dayStartMs: timeMs.nullable().describe('when the account’s day began; where days begin is in GET /api/v1/risk'),
  dayStartEquity: decimal.nullable(),
  dayProfit: decimal.nullable(),
  peakEquity: decimal.nullable(),
  drawdown: fraction.nullable().describe('share lost from the peak'),
  slippage: z.array(slippageSchema).describe('of each strategy, since its first order'),
  timeMs,
});
export type AccountMessage = z.infer<typeof accountSchema>;

export const decisionSchema = z.object({
  id: z.string(),
  strategyId: z.string().describe('`manual` for what a person asked for'),
  instrument: instrument.nullable().describe('null for what concerns the account as a whole'),
  timeMs,
  action: z.string(),
  wanted: z.unknown(),
  prediction: z.unknown(),
  risk: z.unknown(),
  orders: z.array(z.string()),
});
export type DecisionMessage = z.infer<typeof decisionSchema>;

/** An alert as it is told to a person, and on the topic `alerts`. */
export const alertSchema = z.object({
  id: z.string().describe('the same when the same thing is told again'),
  kind: z.enum(ALERT_KINDS),
  severity: z.enum(ALERT_SEVERITIES),
  timeMs,
  title: z.string().describe('one line'),
  text: z.string().describe('whole sentences in the configured language'),
  details: z.unknown().describe('the same facts for programs; amounts are decimal text'),
});
export type AlertMessage = z.infer<typeof alertSchema>;

/** An alert as it is kept: with what became of it on each channel that it was for. */
export const alertRecordSchema = alertSchema.extend({
  deliveries: z.array(
    z.object({
      channel: z.string(),
      status: z.enum(ALERT_DELIVERY_STATUSES),
      timeMs,
      reason: z.string().nullable().describe('why it was not sent'),
    }),
  ),
});
export type AlertRecordMessage = z.infer<typeof alertRecordSchema>;

/** Asks for a test message through one channel, or through each. */
export const alertTestSchema = z.strictObject({
  channel: z.string().min(1).max(40).nullable().default(null).describe('null: every channel'),
});

/** What became of a test message: `error` null means that the other side took it. */
export const alertTestReplySchema = z.object({
  items: z.array(
    z.object({
      channel: z.string(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      elapsedMs: z.number().int(),
    }),
  ),
});
export type AlertTestReply = z.infer<typeof alertTestReplySchema>;

export const tradingStateSchema = z.object({
  mode: z.enum(['off', 'paper', 'live']),
  state: z.enum(TRADING_STATES),
  reason: z.string().nullable(),
  by: z.enum(['user', 'risk', 'system']),
  sinceMs: timeMs.nullable(),
});
export type TradingStateMessage = z.infer<typeof tradingStateSchema>;

/** What may be set of a strategy: its kind, default and range, in the words of `defineStrategy`. */
export const parameterSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('integer'), default: z.number(), min: z.number(), max: z.number() }),
  z.object({ kind: z.literal('number'), default: z.number(), min: z.number(), max: z.number() }),
  z.object({ kind: z.literal('choice'), default: z.string(), options: z.array(z.string()) }),
  z.object({ kind: z.literal('boolean'), default: z.boolean() }),
]);
export type ParameterSpecMessage = z.infer<typeof parameterSpecSchema>;

/** A strategy of the account as it is now. */
export const strategySchema = z.object({
  id: z.string(),
  name: z.string().describe('of its definition; several strategies may share one'),
  description: z.string().nullable(),
  status: z.enum(['running', 'reducing', 'paused', 'failed']),
  reason: z.string().nullable().describe('why it does not run'),
  sinceMs: timeMs.nullable(),
  instruments: z.array(instrument),
  intervals: z.array(interval).describe('the first is the one it decides at; none: it asks for no bars'),
  parameterSpecs: z.record(z.string(), parameterSpecSchema),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).describe('the values in force'),
  warmUp: z.array(
    z.object({
      instrument,
      interval,
      bars: z.number().int().describe('closed bars without a gap that are there'),
      needed: z.number().int(),
    }),
  ),
  positions: z
    .object({
      open: z.number().int().describe('instruments of which something is held'),
      marketValue: decimal.nullable(),
      realizedProfit: decimal,
      unrealizedProfit: decimal.nullable(),
      feesPaid: decimal,
    })
    .nullable()
    .describe('over all its instruments; a sum is null while a price is unknown, the whole before the first fill'),
  failure: z
    .object({ message: z.string(), file: z.string().nullable(), line: z.number().int().nullable() })
    .nullable()
    .describe('where it threw; it is stopped, the others go on'),
});
export type StrategyMessage = z.infer<typeof strategySchema>;

/** `HALTED` is the kill switch: cancels every open order, with `flatten` also closes every position. Only this call lifts it again. */
export const tradingStateChangeSchema = z.strictObject({
  state: z.enum(TRADING_STATES),
  reason: z.string().min(1).max(200),
  flatten: z.boolean().default(false),
});
export type TradingStateChange = z.infer<typeof tradingStateChangeSchema>;

export const statusSchema = z.object({
  version: z.string(),
  venue: z.string(),
  origin: dataOriginSchema,
  startedAtMs: timeMs,
  nowMs: timeMs.describe('on our clock'),
  venueTimeMs: timeMs.nullable().describe('on the venue’s clock; with a replay the recording’s time'),
  disclosure: z.string().nullable().describe('what simulated or replayed data is; null for real data'),
  intervals: z.array(interval).describe('of which bars are collected'),
  roles: z.array(z.object({ name: z.string(), ready: z.boolean(), waitingFor: z.array(z.string()) })),
  feeds: z.array(feedSchema),
  trading: tradingStateSchema,
});
export type StatusMessage = z.infer<typeof statusSchema>;

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(400).optional(),
};
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
});
