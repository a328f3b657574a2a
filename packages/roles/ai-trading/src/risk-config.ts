import { expectOk, isTimeZone, parseAmount } from '@monsta/core';
import type { Amount } from '@monsta/core';
import type { ProtectionConfig, RiskLimits, SizingConfig, StrategyLimits } from '@monsta/trading';
import { z } from 'zod';

export const ppm = z.number().int().min(0).max(1_000_000);
export const wholeMs = (least: number, most: number) => z.number().int().min(least).max(most);
const count = (least: number, most: number) => z.number().int().min(least).max(most);
const amountText = z.string().regex(/^\d{1,18}(\.\d{1,8})?$/, 'a plain decimal amount of the quote asset, e.g. "5"');

const WEEK_MS = 7 * 86_400_000;
const lookBackMs = wholeMs(1_000, 90 * 86_400_000).describe('round trips that closed within this time count');
const lockMs = wholeMs(1_000, 30 * 86_400_000).describe('how long no entry is sent then');

/** What closed round trips lock; see `docs/risk.md`. */
const protectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('stop_loss_guard'),
    lookBackMs: lookBackMs.default(3_600_000),
    stopsMin: count(1, 500).default(3).describe('so many round trips that a stop ended at a loss lock'),
    lockMs: lockMs.default(3_600_000),
    scope: z
      .enum(['instrument', 'all'])
      .default('all')
      .describe('whose stops are counted together, and what is locked'),
  }),
  z.strictObject({
    kind: z.literal('drawdown_guard'),
    lookBackMs: lookBackMs.default(86_400_000),
    tradesMin: count(1, 500).default(5).describe('fewer round trips lock nothing'),
    drawdownPpmMax: ppm.min(1).default(50_000).describe('fall of the summed profits, as a share of equity, that locks'),
    lockMs: lockMs.default(43_200_000),
  }),
  z.strictObject({ kind: z.literal('cooldown'), lockMs: lockMs.default(300_000) }),
  z.strictObject({
    kind: z.literal('low_profit'),
    lookBackMs: lookBackMs.default(WEEK_MS),
    tradesMin: count(1, 500).default(4).describe('fewer round trips lock nothing'),
    profitPpmMin: count(-1_000_000, 1_000_000)
      .default(0)
      .describe('an instrument whose round trips made less than this share of what was paid is locked'),
    lockMs: lockMs.default(86_400_000),
  }),
]);

/** The limits that every order is held to. Rates are parts per million: 100000 = 10 %. */
export const riskConfigSchema = z.strictObject({
  positionPpmMax: ppm.default(100_000).describe('largest position in one instrument, as a share of equity'),
  exposurePpmMax: ppm
    .min(1)
    .default(1_000_000)
    .describe('all positions and open entries together, as a share of equity'),
  openPositionsMax: count(1, 1_000)
    .nullable()
    .default(null)
    .describe('positions open or being entered at once, one a strategy and instrument; null: any number'),
  dailyLossPpmMax: ppm
    .min(1)
    .default(50_000)
    .describe('largest loss of a day, as a share of its first equity; then only exits until the next day'),
  day: z
    .strictObject({
      timeZone: z
        .string()
        .max(60)
        .default('UTC')
        .refine(isTimeZone, 'a name of the IANA time-zone database, e.g. Europe/Berlin')
        .describe('the place whose clocks tell when a day begins, by its IANA name'),
      hour: count(0, 23).default(0).describe('the full hour of that place at which a day begins'),
    })
    .prefault({}),
  drawdownPpmMax: ppm
    .min(1)
    .default(200_000)
    .describe('largest loss from the highest equity, as a share of it; then halted until a person resumes'),
  confidencePpmMin: ppm
    .default(700_000)
    .describe('least confidence of an entry that carries one, in parts per million: 700000 = 0.7'),
  tradeRiskPpmMax: ppm
    .min(1)
    .default(20_000)
    .describe('most that a position may lose down to its stop, fees included, as a share of equity'),
  feePpm: ppm.max(100_000).default(1_000).describe('fee of one side that is assumed for that loss'),
  ordersPerSecondMax: count(1, 1_000)
    .default(20)
    .describe('orders sent within a second at which no more entries are sent; an exit is not refused for it'),
  ordersPerMinuteMax: count(1, 10_000).default(200).describe('the same within a minute'),
  openOrdersMax: count(1, 1_000).default(20).describe('orders working at once; an exit is not refused for it'),
  priceCollarPpm: ppm.min(1).default(50_000).describe('how far an order’s price may be from the last trade'),
  staleAfterMs: wholeMs(100, 3_600_000)
    .default(30_000)
    .describe('no entries without a trade or quote for this long, by the venue’s time'),
  orderNotionalMin: amountText
    .default('5')
    .describe('least value of an order in the quote asset, above the instrument’s own'),
  orderNotionalMax: amountText
    .nullable()
    .default(null)
    .describe('most value of an entry in the quote asset; null: what the instrument allows'),
  cashReservePpm: ppm.default(5_000).describe('kept of the cash for fees and slippage when an entry is checked'),
  lossCooldownMs: wholeMs(0, 30 * 86_400_000)
    .default(300_000)
    .describe('after a round trip that lost, how long its strategy does not enter that instrument; 0: at once'),
  protections: z.array(protectionSchema).max(20).default([]).describe('what closed round trips lock; see risk.md'),
});
export type RiskConfig = z.output<typeof riskConfigSchema>;

/** How much a target of 1 is worth, at most `allocation_ppm` of equity. */
export const sizingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fraction') }),
  z.strictObject({
    kind: z.literal('fixed'),
    amount: amountText.describe('the same amount of the quote asset at every equity'),
  }),
  z.strictObject({
    kind: z.literal('volatility'),
    targetPpm: ppm.min(1).describe('what position × volatility of a year comes to, as a share of equity'),
    bars: count(2, 5_000).default(30).describe('returns that the volatility is estimated from'),
  }),
  z
    .strictObject({
      kind: z.literal('kelly'),
      tradesMin: count(2, 500).default(30).describe('before so many round trips, the fallback'),
      tradesMax: count(2, 500).default(200).describe('the newest that are looked at'),
      scalePpm: ppm.min(1).default(250_000).describe('share of the Kelly fraction that is used: 250000 = a quarter'),
      capPpm: ppm.min(1).default(100_000).describe('largest share of equity, whatever comes out'),
      fallbackPpm: ppm.describe('share of equity while the round trips are too few to know'),
    })
    .refine(({ fallbackPpm, capPpm }) => fallbackPpm <= capPpm, {
      path: ['fallbackPpm'],
      message: 'must not be above cap_ppm: less is known then, not more',
    })
    .refine(({ tradesMin, tradesMax }) => tradesMin <= tradesMax, {
      path: ['tradesMin'],
      message: 'must not be above trades_max, or the fallback is used for ever',
    }),
]);

export type SizingEntry = z.output<typeof sizingSchema>;

/** What one strategy is held to beside the account's limits. */
export const strategyLimitsSchema = z.strictObject({
  positionPpmMax: ppm.nullable().default(null).describe('its own position in one instrument, as a share of equity'),
  exposurePpmMax: ppm.nullable().default(null).describe('all of its positions and open entries, as a share of equity'),
  openPositionsMax: count(1, 1_000).nullable().default(null).describe('positions it may have at once'),
  dailyLossPpmMax: ppm
    .min(1)
    .nullable()
    .default(null)
    .describe('its own loss of a day, as a share of the account’s first equity of it; then only exits until the next'),
  drawdownPpmMax: ppm
    .min(1)
    .nullable()
    .default(null)
    .describe('its own loss from its highest profit, as a share of the account’s highest equity; then halted'),
}) satisfies z.ZodType<StrategyLimits>;

const amountOf = (text: string): Amount => expectOk(parseAmount(text));

export function sizingOf(sizing: SizingEntry): SizingConfig {
  return sizing.kind === 'fixed' ? { kind: 'fixed', amount: amountOf(sizing.amount) } : sizing;
}

export function riskLimitsOf(config: RiskConfig, exposureMax: Amount | null): RiskLimits {
  const { orderNotionalMin, orderNotionalMax } = config;
  return {
    ...config,
    protections: config.protections satisfies readonly ProtectionConfig[],
    orderNotionalMin: amountOf(orderNotionalMin),
    orderNotionalMax: orderNotionalMax === null ? null : amountOf(orderNotionalMax),
    exposureMax,
  };
}
