import { z } from 'zod';

const answer = z.boolean().nullable();

/** What an exchange says that a key may do; null where it does not say. */
export const exchangeKeyPermissionsSchema = z.object({
  read: answer,
  trade: answer.describe('on the spot market'),
  withdraw: answer,
  transfer: answer.describe('move money to other accounts of the exchange'),
  margin: answer,
  futures: answer,
  options: answer,
  others: z
    .array(z.string())
    .readonly()
    .describe('granted, and not known to this version, by the exchange’s own names'),
  ipRestricted: answer.describe('works from listed addresses only'),
  tradingUntilMs: z.number().int().nullable().describe('when the permission to trade ends'),
  accountTrades: answer.describe('the account itself may trade'),
});

export const exchangeKeyKindSchema = z.enum(['hmac', 'rsa', 'ed25519']);

/** A key as it may be shown: everything but the key. */
export const exchangeKeySchema = z.object({
  name: z.string(),
  venue: z.string().nullable(),
  kind: exchangeKeyKindSchema.nullable(),
  keyEnds: z.string().nullable().describe('the last four characters of the API key'),
  use: z.enum(['trade', 'read', 'unknown']).nullable().describe('what it can be used for'),
  permissions: exchangeKeyPermissionsSchema.nullable(),
  addedMs: z.number().int().nullable(),
  checkedMs: z.number().int().nullable().describe('when the exchange was last asked what it may do'),
  fault: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('why all the others are null: the record does not open'),
});
export type ExchangeKeyMessage = z.infer<typeof exchangeKeySchema>;

/** Something that its owner should know of a key that was taken nevertheless. */
const exchangeKeyWarningSchema = z.object({ code: z.string(), message: z.string() });
export type ExchangeKeyWarning = z.infer<typeof exchangeKeyWarningSchema>;

/** The only place where a secret goes over the wire, and inward only. */
export const exchangeKeyAdditionSchema = z.strictObject({
  name: z.string().min(1).max(40).describe('how it is called here'),
  venue: z.string().min(1).max(40).describe('binance, binance-testnet or simulated'),
  kind: exchangeKeyKindSchema.default('hmac'),
  apiKey: z.string().min(1).max(256),
  secret: z.string().min(1).max(10_000).describe('the secret, or the private key in PEM; never given out again'),
});
export type ExchangeKeyAddition = z.output<typeof exchangeKeyAdditionSchema>;

export const exchangeKeyAddedSchema = z.object({
  key: exchangeKeySchema,
  warnings: z.array(exchangeKeyWarningSchema).readonly(),
  masterKeyMadeAt: z
    .string()
    .nullable()
    .describe('where the master key was made just now: keep a copy apart from the data'),
});
export type ExchangeKeyAdded = z.infer<typeof exchangeKeyAddedSchema>;

export const exchangeKeysReplySchema = z.object({ items: z.array(exchangeKeySchema), nextCursor: z.null() });
export const exchangeKeyQuerySchema = z.strictObject({ name: z.string().min(1).max(40) });
export const exchangeKeyRemovedSchema = z.object({ removed: z.string() });
