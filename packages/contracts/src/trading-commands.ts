import { ORDER_TYPES, TRADING_STATES } from '@monsta/core';
import { z } from 'zod';
import { absenceSchema } from './rest.ts';
import { listOf, orderSchema, strategySchema, tradingStateSchema, type StrategyMessage } from './schemas.ts';

const positive = z
  .string()
  .max(40)
  .regex(/^(?=.*[1-9])\d{1,20}(\.\d{1,18})?$/, 'must be a plain decimal number above 0 as text, e.g. "0.01"')
  .describe('exact decimal number above 0 as text');
const orNone = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);
const ppm = z.number().int().min(1).max(999_999);
const symbol = z
  .string()
  .regex(/^[A-Z0-9]{1,40}$/, 'must be a symbol in capitals, e.g. BTCUSDT')
  .describe('the symbol in capitals, e.g. BTCUSDT');
const strategyId = z.string().min(1).max(100).describe('id of a strategy, or `manual` for what persons ordered');
const orderId = z.string().min(1).max(100);
const reason = z.string().min(1).max(200).describe('why, for the record');

/** What leaves a position on the strength of its price; distances are parts per million of the average price paid: 20000 = 2 %. */
export const exitPlanSchema = z
  .strictObject({
    stop: orNone(
      z
        .strictObject({
          price: orNone(positive).describe('the trigger; or give distancePpm'),
          distancePpm: orNone(ppm).describe('how far below the average price paid the stop triggers'),
          limitOffsetPpm: ppm.default(5_000).describe('how far below its trigger it may sell'),
          trailingBps: orNone(z.number().int().min(1).max(10_000)).describe(
            'how far the trigger follows a rising price, in basis points; null: it stands still',
          ),
        })
        .refine(
          ({ price, distancePpm, trailingBps }) =>
            price === null || distancePpm === null ? price !== distancePpm || trailingBps !== null : false,
          { message: 'give either price or distancePpm, or none of them with trailingBps' },
        ),
    ),
    takeProfit: orNone(
      z
        .strictObject({
          price: orNone(positive),
          distancePpm: orNone(z.number().int().min(1).max(100_000_000)).describe(
            'how far above the average price paid it sells',
          ),
        })
        .refine(({ price, distancePpm }) => (price === null) !== (distancePpm === null), {
          message: 'give either price or distancePpm',
        }),
    ),
  })
  .refine(({ stop, takeProfit }) => stop !== null || takeProfit !== null, {
    message: 'give a stop, a takeProfit, or both; leave exit out for none',
  });

/** An order as a person asks for it. Which prices it needs follows from its type; the trading role says what is missing or too much. */
export const manualOrderSchema = z.strictObject({
  requestId: orNone(
    z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'),
  ).describe('your own id of this request: sent again with it, the order is placed once and the answer is the same'),
  instrument: symbol,
  side: z.enum(['buy', 'sell']),
  type: z
    .enum([...ORDER_TYPES, 'oco'])
    .describe('oco: a limit order (limitPrice) and a stop (stopPrice, stopLimitPrice), one of which cancels the other'),
  timeInForce: z.enum(['gtc', 'ioc', 'fok']).default('gtc'),
  quantity: positive,
  limitPrice: orNone(positive),
  stopPrice: orNone(positive).describe('the trigger'),
  stopLimitPrice: orNone(positive).describe('only of an oco: what its stop sells or buys at; null: at the market'),
  trailingBps: orNone(z.number().int().min(1).max(10_000)).describe('the trigger follows the market, in basis points'),
  icebergQuantity: orNone(positive).describe('what the book shows at a time'),
  exit: orNone(exitPlanSchema).describe('stop and take-profit of the position that the order makes; only with a buy'),
  reason: orNone(reason),
});
export type ManualOrder = z.output<typeof manualOrderSchema>;
export type ManualOrderRequest = z.input<typeof manualOrderSchema>;

export const closePositionSchema = z.strictObject({
  strategyId: strategyId.default('manual'),
  instrument: symbol,
  reason: orNone(reason),
});
export type ClosePosition = z.input<typeof closePositionSchema>;

export const strategyStateChangeSchema = z.strictObject({
  state: z.enum(['running', 'reducing', 'paused']),
  reason,
});
export type StrategyStateChange = z.infer<typeof strategyStateChangeSchema>;

/** All values, or some: those left out stay as they are. */
export const strategyParametersChangeSchema = z.strictObject({
  parameters: z.record(z.string().max(100), z.union([z.number(), z.string().max(200), z.boolean()])),
});
export type StrategyParametersChange = z.infer<typeof strategyParametersChangeSchema>;

export const cancelAllQuerySchema = z.strictObject({
  instrument: symbol.optional().describe('only of this instrument'),
  strategyId: strategyId.optional().describe('only of this strategy; `manual`: only those of persons'),
  includeProtective: z
    .enum(['true', 'false'])
    .optional()
    .describe('true: also stops and take-profits that protect positions; these are then not placed anew'),
});

/** What was done, once durable: `orders` are those placed or asked to be canceled, as they are now. */
export const commandReplySchema = z.object({
  orders: z.array(orderSchema),
  repeated: z.boolean().describe('true: this requestId was answered before; nothing was done again'),
  note: z.string().nullable().describe('what goes on after this answer, or was left as it was'),
});
export type CommandReply = z.infer<typeof commandReplySchema>;

/** `details` of `order_denied`: the rule of risk that refused, what it allows, and what was asked. */
export const denialSchema = z.object({ rule: z.string(), limit: z.string(), actual: z.string() });
export type Denial = z.infer<typeof denialSchema>;

/** Every strategy; `items` is null (not empty) while they are not known. */
export const strategiesReplySchema = z.union([
  listOf(strategySchema).extend({ nextCursor: z.null(), absence: z.null() }),
  z.object({ items: z.null(), nextCursor: z.null(), absence: absenceSchema }),
]);
export type StrategiesReply =
  | { readonly items: readonly StrategyMessage[]; readonly nextCursor: null; readonly absence: null }
  | { readonly items: null; readonly nextCursor: null; readonly absence: z.infer<typeof absenceSchema> };

/** What a person may ask of the trading role. */
export const tradingActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('set-state'),
    state: z.enum(TRADING_STATES),
    reason,
    flatten: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('place-order'), order: manualOrderSchema }),
  z.strictObject({ kind: z.literal('cancel-order'), clientOrderId: orderId }),
  z.strictObject({
    kind: z.literal('cancel-all'),
    instrument: z.string().nullable(),
    strategyId: z.string().nullable(),
    includeProtective: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('close-position'),
    strategyId: z.string(),
    instrument: z.string(),
    reason: reason.nullable(),
  }),
  z.strictObject({
    kind: z.literal('set-strategy'),
    strategyId: z.string(),
    state: strategyStateChangeSchema.shape.state,
    reason,
  }),
  z.strictObject({
    kind: z.literal('set-parameters'),
    strategyId: z.string(),
    parameters: strategyParametersChangeSchema.shape.parameters,
  }),
]);
export type TradingAction = z.output<typeof tradingActionSchema>;

/** From the gateway to the trading role. */
export const tradingCommandSchema = z.strictObject({
  id: z.string().min(1).max(100),
  /** Who asks, for the audit. */
  actor: z.string().min(1).max(200),
  action: tradingActionSchema,
});
export type TradingCommand = z.output<typeof tradingCommandSchema>;

/** `error` null: done and durable. */
export const tradingReplySchema = z.object({
  id: z.string(),
  error: z
    .object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() })
    .nullable(),
  state: tradingStateSchema.nullable(),
  /** Client order ids of the orders placed or asked to be canceled. */
  orders: z.array(z.string()),
  repeated: z.boolean(),
  note: z.string().nullable(),
});
export type TradingReply = z.output<typeof tradingReplySchema>;
