import { assetId } from '@monsta/core';
import type { AccountId, Amount } from '@monsta/core';
import type { ExitPlan, KernelConfig } from '@monsta/trading';
import { z } from 'zod';
import { riskFaults } from './risk-faults.ts';
import { ppm, riskConfigSchema, riskLimitsOf, sizingOf, sizingSchema, wholeMs } from './risk-config.ts';

/** What rests at the venue to leave each open position by. */
const protectiveStopConfigSchema = z.strictObject({
  distancePpm: ppm
    .min(1)
    .max(999_999)
    .nullable()
    .default(null)
    .describe('how far below the average price paid the stop of a position triggers; null: none is placed'),
  limitOffsetPpm: ppm
    .max(999_999)
    .default(5_000)
    .describe('how far below its trigger a stop may sell; through a gap wider than this it waits, unsold'),
  trailingBps: z
    .number()
    .int()
    .min(1)
    .max(9_999)
    .nullable()
    .default(null)
    .describe(
      'how far below the highest price since the position was opened the stop follows, in basis points (100 is 1 %); null: it stands still',
    ),
  takeProfitPpm: z
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .nullable()
    .default(null)
    .describe('how far above the average price paid a position is sold with a profit; null: nowhere'),
});

/** How positions are left whose strategy plans nothing. */
function exitPlanOf(config: z.infer<typeof protectiveStopConfigSchema>): ExitPlan | null {
  const { distancePpm, limitOffsetPpm, trailingBps, takeProfitPpm } = config;
  const stops = distancePpm !== null || trailingBps !== null;
  if (!stops && takeProfitPpm === null) return null;
  return {
    stop: stops ? { price: null, distancePpm, limitOffsetPpm, trailingBps } : null,
    takeProfit: takeProfitPpm === null ? null : { price: null, distancePpm: takeProfitPpm },
  };
}

/** How the trading role sizes, limits and runs. Times of deadlines are ours, those of the market the venue’s. */
export const aiTradingConfigSchema = z
  .strictObject({
    quoteAsset: z
      .string()
      .regex(/^[A-Z0-9]{1,20}$/, 'an asset in capitals, e.g. USDT')
      .default('USDT')
      .describe('the account is kept in it; all instruments traded must be quoted in it'),
    allocationPpm: ppm
      .min(1)
      .default(95_000)
      .describe('the share of equity that a target of 1 means, for each strategy and instrument'),
    rebalanceBandPpm: ppm
      .default(200_000)
      .describe('a target nearer than this share of the allocation changes nothing'),
    equitySampleMs: wholeMs(1_000, 86_400_000)
      .default(60_000)
      .describe('the equity is kept this often, for its curve; and when money came or went, and when a day began'),
    sizing: sizingSchema
      .prefault({ kind: 'fraction' })
      .describe('how a target of 1 is sized, at most allocation_ppm of equity'),
    risk: riskConfigSchema.prefault({}),
    protectiveStop: protectiveStopConfigSchema.prefault({}),
    bookEveryMs: wholeMs(100, 60_000)
      .default(1_000)
      .describe(
        'strategies and the paper venue are shown the book of an instrument at most this often, if they want it',
      ),
    bookDepth: z.number().int().min(1).max(1_000).default(20).describe('levels of each side that they are shown'),
    queueMax: z.number().int().min(100).max(1_000_000).default(20_000).describe('inputs that may wait for the kernel'),
    lagMsMax: wholeMs(10, 600_000).default(5_000).describe('an input that waited longer allows only exits'),
    silentAfterMs: wholeMs(1_000, 3_600_000)
      .default(60_000)
      .describe('no message of any market for this long allows only exits'),
    clockDriftMsMax: wholeMs(10, 600_000)
      .default(1_000)
      .describe('further from ours, or less well known, the exchange’s clock halts trading until they agree again'),
    tickMs: wholeMs(10, 600_000).default(1_000).describe('how often time alone is looked at'),
    outcomeTimeoutMs: wholeMs(100, 600_000)
      .default(10_000)
      .describe('an order without an outcome for this long: the venue is asked what became of it'),
    reconcileEveryMs: wholeMs(1_000, 86_400_000)
      .default(60_000)
      .describe(
        'ledger and venue are compared this often, also while orders rest; put off while a request is under way',
      ),
    callTimeoutMs: wholeMs(100, 60_000)
      .default(10_000)
      .describe('how long one question to the market history or the venue may take'),
    retryMsMax: wholeMs(100, 600_000).default(10_000).describe('longest wait before a question is asked again'),
    commitAttemptsMax: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('tries to make a decision durable; then trading ends'),
    publishEveryMs: wholeMs(50, 3_600_000).default(1_000).describe('account and positions at most this often'),
    republishEveryMs: wholeMs(500, 3_600_000).default(5_000).describe('and at least this often'),
    drainMsMax: wholeMs(0, 9_000).default(5_000).describe('at a stop, how long outcomes of orders are waited for'),
  })
  .superRefine((config, context) => {
    for (const { path, message } of riskFaults(config)) context.addIssue({ code: 'custom', path: [...path], message });
  });
export type AiTradingConfig = z.infer<typeof aiTradingConfigSchema>;

export function kernelConfigOf(
  config: AiTradingConfig,
  accountId: AccountId,
  exposureMax: Amount | null,
): KernelConfig {
  return {
    accountId,
    quoteAsset: assetId(config.quoteAsset),
    allocationPpm: config.allocationPpm,
    rebalanceBandPpm: config.rebalanceBandPpm,
    exitPlan: exitPlanOf(config.protectiveStop),
    equitySampleMs: config.equitySampleMs,
    sizing: sizingOf(config.sizing),
    limits: riskLimitsOf(config.risk, exposureMax),
  };
}
