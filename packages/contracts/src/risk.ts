import { z } from 'zod';
import { decimal, instrument, timeMs } from './primitives.ts';
import { absenceSchema } from './rest.ts';

const unit = z
  .enum(['share', 'amount', 'count', 'per_second', 'per_minute', 'ms'])
  .describe('share: 0.1 is 10 %; amount: of the quote asset');
const strategyId = z.string().nullable();

const limitUseSchema = z.object({
  rule: z.string().describe('as a denial, or a cause for trading less, names it; see docs/risk.md'),
  strategyId: strategyId.describe('null: all strategies together'),
  instrument: instrument.nullable().describe('null: all instruments together'),
  unit,
  limit: decimal.nullable().describe('null: none is set'),
  used: decimal.nullable().describe('null: not known'),
  fraction: z
    .number()
    .nullable()
    .describe('how much of the limit is used, 1 is all; null while unknown, and for what has to stay above its limit'),
  amounts: z
    .object({ limit: decimal, used: decimal })
    .nullable()
    .describe('a share’s limit and use in the quote asset'),
});

/** Risk as it stands: every limit and how much of it is used, and everything that refuses entries now. */
export const riskSchema = z.object({
  accountId: z.string(),
  quoteAsset: z.string(),
  equity: decimal.nullable(),
  day: z
    .object({ startMs: timeMs, endMs: timeMs, timeZone: z.string(), hour: z.number().int() })
    .describe('the account’s day: when it began and ends, and the place and hour that say so'),
  limits: z.array(limitUseSchema),
  orderLimits: z
    .array(z.object({ rule: z.string(), unit, limit: decimal.nullable().describe('null: none is set') }))
    .describe('what each single order is held to'),
  restrictions: z
    .array(
      z.object({
        rule: z.string(),
        strategyId: strategyId.describe('null: every strategy'),
        instrument: instrument.nullable().describe('null: every instrument'),
        untilMs: timeMs.nullable().describe('null: until it is over'),
        reason: z.string(),
      }),
    )
    .describe('where entries are refused now: stale markets, and locks after closed round trips'),
  causes: z
    .array(
      z.object({
        strategyId: strategyId.describe('null: the whole account'),
        code: z.string(),
        state: z.enum(['REDUCING', 'HALTED']),
        reason: z.string(),
        by: z.enum(['user', 'risk', 'system']),
        sinceMs: timeMs,
        lasting: z.boolean().describe('true: it outlives a restart'),
      }),
    )
    .describe('why the account or a strategy trades less; the strictest is in force'),
  timeMs,
});
export type RiskMessage = z.infer<typeof riskSchema>;

/** Risk as the trading role last told it, or null and why. */
export const riskReplySchema = z.union([
  z.object({ risk: riskSchema, absence: z.null() }),
  z.object({ risk: z.null(), absence: absenceSchema }),
]);
export type RiskReply =
  | { readonly risk: RiskMessage; readonly absence: null }
  | { readonly risk: null; readonly absence: z.infer<typeof absenceSchema> };
