import { z } from 'zod';
import { interval } from './primitives.ts';
import { accountSchema, bookSchema, dataOriginSchema, instrumentSchema, listOf, positionSchema } from './schemas.ts';
import type { AccountMessage, BookMessage, PositionMessage } from './schemas.ts';

/** Most bars, and most of anything else, in one reply. */
export const BARS_LIMIT_MAX = 5000;
export const LIST_LIMIT_MAX = 1000;
export const BOOK_DEPTH_MAX = 1000;

const symbol = z.string().min(1).max(40).describe('the symbol in capitals, e.g. BTCUSDT');
const limitUpTo = (most: number, usual: number) => z.number().int().min(1).max(most).default(usual);
const cursor = z.string().min(1).max(400).optional().describe('`nextCursor` of the page before');

export const barsQuerySchema = z.strictObject({
  instrument: symbol,
  interval,
  limit: limitUpTo(BARS_LIMIT_MAX, 500),
  beforeMs: z
    .number()
    .int()
    .min(0)
    .max(8_640_000_000_000)
    .optional()
    .describe('only bars that opened before this time; without it the newest, the forming one included'),
  cursor,
});
export const tradesQuerySchema = z.strictObject({ instrument: symbol, limit: limitUpTo(LIST_LIMIT_MAX, 100) });
export const bookQuerySchema = z.strictObject({ instrument: symbol, depth: limitUpTo(BOOK_DEPTH_MAX, 20) });
export const instrumentsQuerySchema = z.strictObject({
  atMs: z
    .number()
    .int()
    .min(0)
    .max(8_640_000_000_000)
    .optional()
    .describe(
      'everything that the exchange listed at this time, as far as it was observed; without it what is collected now',
    ),
});
export const instrumentsReplySchema = listOf(instrumentSchema).extend({
  observedMs: z
    .number()
    .int()
    .optional()
    .describe(
      'only with atMs: when the exchange’s list was read that this is; what it changed between then and atMs is not known',
    ),
});
export const instrumentQuerySchema = z.strictObject({ instrument: symbol });
export const listQuerySchema = z.strictObject({ limit: limitUpTo(LIST_LIMIT_MAX, 100), cursor });
export const instrumentListQuerySchema = z.strictObject({
  instrument: symbol.optional(),
  limit: limitUpTo(LIST_LIMIT_MAX, 100),
  cursor,
});
export const noQuerySchema = z.strictObject({});

/** Why something is not known. */
export const absenceSchema = z.object({ code: z.string(), reason: z.string() });
export type Absence = z.infer<typeof absenceSchema>;

/** A book, or null sides and why: `absence` tells the two apart. */
export const bookReplySchema = z.union([
  bookSchema.extend({ absence: z.null() }),
  z.object({
    instrument: symbol,
    lastUpdateId: z.null(),
    bids: z.null(),
    asks: z.null(),
    timeMs: z.null(),
    absence: absenceSchema,
  }),
]);
export type BookReply =
  | (BookMessage & { readonly absence: null })
  | {
      readonly instrument: string;
      readonly lastUpdateId: null;
      readonly bids: null;
      readonly asks: null;
      readonly timeMs: null;
      readonly absence: Absence;
    };

/** The account as the trading role last told it, or nulls and why. */
export const accountReplySchema = z.union([
  accountSchema.extend({ absence: z.null() }),
  z.object({
    accountId: z.string(),
    kind: z.null(),
    origin: dataOriginSchema,
    quoteAsset: z.null(),
    balances: z.null(),
    equity: z.null(),
    dayStartMs: z.null(),
    dayStartEquity: z.null(),
    dayProfit: z.null(),
    peakEquity: z.null(),
    drawdown: z.null(),
    slippage: z.null(),
    timeMs: z.null(),
    absence: absenceSchema,
  }),
]);
export type AccountReply =
  | (AccountMessage & { readonly absence: null })
  | {
      readonly accountId: string;
      readonly kind: null;
      readonly origin: AccountMessage['origin'];
      readonly quoteAsset: null;
      readonly balances: null;
      readonly equity: null;
      readonly dayStartMs: null;
      readonly dayStartEquity: null;
      readonly dayProfit: null;
      readonly peakEquity: null;
      readonly drawdown: null;
      readonly slippage: null;
      readonly timeMs: null;
      readonly absence: Absence;
    };

/** Every position of the account; `items` is null (not empty) while they are not known. */
export const positionsReplySchema = z.union([
  z.object({ items: z.array(positionSchema), nextCursor: z.null(), absence: z.null() }),
  z.object({ items: z.null(), nextCursor: z.null(), absence: absenceSchema }),
]);
export type PositionsReply =
  | { readonly items: readonly PositionMessage[]; readonly nextCursor: null; readonly absence: null }
  | { readonly items: null; readonly nextCursor: null; readonly absence: Absence };

export interface ListReply<T> {
  readonly items: readonly T[];
  /** Pass it as `cursor` for the next (older) page; null on the last. */
  readonly nextCursor: string | null;
}

export const healthSchema = z.object({ status: z.literal('alive') });
export const readySchema = z.object({
  ready: z.boolean(),
  roles: z.array(z.object({ name: z.string(), ready: z.boolean(), waitingFor: z.array(z.string()) })),
});
