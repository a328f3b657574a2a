import type { PerformanceReply } from '@monsta/contracts';
import {
  addAmounts,
  approximateAmount,
  expectOk,
  formatAmount,
  msFromUs,
  ok,
  parseAmount,
  subtractAmounts,
  ZERO_AMOUNT,
  type AccountId,
  type Amount,
  type Result,
  type StrategyId,
} from '@monsta/core';
import type { Ledger, StoredEquitySample, StoredRoundTrip, TimeSpan } from '@monsta/ports';
import { drawdownCurve, DrawdownMeter, returnOf, TimeAverage, TripMeter, type CurvePoint } from '@monsta/trading';

/** The part of the ledger that performance is worked out from. */
export type BookReader = Pick<
  Ledger,
  'equitySamples' | 'allEquitySamples' | 'allRoundTrips' | 'roundTrips' | 'allFills'
>;

export interface PerformanceAsked {
  readonly accountId: AccountId;
  readonly quoteAsset: string;
  /** Null: the whole account. */
  readonly strategyId: StrategyId | null;
  readonly span: TimeSpan;
  readonly points: number;
}

type Summary = NonNullable<PerformanceReply['summary']>;

const read = (text: string): Amount => expectOk(parseAmount(text));
const text = (value: Amount | null): string | null => (value === null ? null : formatAmount(value));
const msOf = (us: number | null): number | null => (us === null ? null : Math.round(us / 1_000));

/** Profit of one strategy since ever; nothing where it had no position yet. */
function profitOf({ byStrategy }: StoredEquitySample, id: StrategyId): Amount {
  const own = byStrategy[id];
  return own === undefined ? ZERO_AMOUNT : addAmounts(read(own.realized), read(own.unrealized));
}

/** What the account made: its equity less what was paid in. */
const earnedOf = ({ equity, deposits }: StoredEquitySample): Amount => subtractAmounts(read(equity), read(deposits));

/** The curve that drawdowns are measured on: growth of the account, profit of a strategy. */
const pointOf = (sample: StoredEquitySample, strategyId: StrategyId | null): CurvePoint => ({
  tsUs: sample.tsUs,
  value: strategyId === null ? read(sample.growth) : profitOf(sample, strategyId),
});

/** Reads every sample of the span, a part at a time; null where there is none. */
async function summaryOf(ledger: BookReader, asked: PerformanceAsked): Promise<Result<Summary | null>> {
  const { accountId, strategyId, span } = asked;
  const meter = new DrawdownMeter();
  const exposure = new TimeAverage();
  let first: StoredEquitySample | null = null;
  let last: StoredEquitySample | null = null;
  let samples = 0;
  for await (const each of ledger.allEquitySamples(accountId, span)) {
    if (!each.ok) return each;
    const sample = each.value;
    first ??= sample;
    last = sample;
    samples += 1;
    meter.add(pointOf(sample, strategyId));
    const equity = approximateAmount(read(sample.equity));
    if (equity > 0) exposure.add(sample.tsUs, approximateAmount(read(sample.exposure)) / equity);
  }
  if (first === null || last === null) return ok(null);
  const made = (sample: StoredEquitySample): Amount =>
    strategyId === null ? earnedOf(sample) : profitOf(sample, strategyId);
  const { deepest } = meter;
  return ok({
    fromMs: msFromUs(first.tsUs),
    toMs: msFromUs(last.tsUs),
    samples,
    return: strategyId === null ? returnOf(read(first.growth), read(last.growth)) : null,
    profit: formatAmount(subtractAmounts(made(last), made(first))),
    maxDrawdown:
      deepest === null
        ? null
        : {
            share: strategyId === null ? deepest.share : null,
            amount: strategyId === null ? null : formatAmount(deepest.amount),
            peakMs: msFromUs(deepest.peakUs),
            troughMs: msFromUs(deepest.troughUs),
          },
    longestDrawdownMs: Math.round(meter.longestUs / 1_000),
    currentDrawdown: strategyId === null ? meter.current : null,
    averageExposure: strategyId === null ? exposure.mean : null,
  });
}

type Amounts = Map<string, Amount>;

function count(into: Amounts, amounts: Readonly<Record<string, string>>): void {
  for (const [asset, value] of Object.entries(amounts))
    into.set(asset, addAmounts(into.get(asset) ?? ZERO_AMOUNT, read(value)));
}

const asRecord = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries([...amounts].map(([asset, value]) => [asset, formatAmount(value)]));

async function tripsOf(ledger: BookReader, asked: PerformanceAsked): Promise<Result<PerformanceReply['trips']>> {
  const meter = new TripMeter();
  const [byAsset, unvalued]: [Amounts, Amounts] = [new Map(), new Map()];
  let otherValue = ZERO_AMOUNT;
  let unknownTrips = 0;
  for await (const each of ledger.allRoundTrips(asked.accountId, asked.span)) {
    if (!each.ok) return each;
    const trip: StoredRoundTrip = each.value;
    if (asked.strategyId !== null && trip.strategyId !== asked.strategyId) continue;
    count(byAsset, trip.fees.byAsset);
    count(unvalued, trip.fees.unvalued);
    otherValue = addAmounts(otherValue, read(trip.fees.otherValue));
    if (trip.profit === null) {
      unknownTrips += 1;
      continue;
    }
    meter.add({
      profit: read(trip.profit),
      entryValue: read(trip.entryValue),
      exitValue: read(trip.exitValue),
      holdingUs: trip.closedUs - trip.openedUs,
      adverse: read(trip.excursions.adverse),
      favourable: read(trip.excursions.favourable),
    });
  }
  const found = meter.statistics;
  return ok({
    trips: found.trips,
    unknownTrips,
    won: found.won,
    lost: found.lost,
    winRate: found.winRate,
    profit: formatAmount(found.profit),
    grossProfit: formatAmount(found.grossProfit),
    grossLoss: formatAmount(found.grossLoss),
    profitFactor: found.profitFactor,
    expectancy: text(found.expectancy),
    averageWin: text(found.averageWin),
    averageLoss: text(found.averageLoss),
    averageHoldingMs: msOf(found.averageHoldingUs),
    averageAdverse: text(found.averageAdverse),
    averageFavourable: text(found.averageFavourable),
    worstAdverse: text(found.worstAdverse),
    bestFavourable: text(found.bestFavourable),
    turnover: formatAmount(found.turnover),
    fees: { byAsset: asRecord(byAsset), otherValue: formatAmount(otherValue), unvalued: asRecord(unvalued) },
  });
}

function curveOf(
  samples: readonly StoredEquitySample[],
  strategyId: StrategyId | null,
): NonNullable<PerformanceReply['curve']> {
  const drawdowns = drawdownCurve(samples.map((sample) => pointOf(sample, strategyId)));
  return samples.map((sample, index) => {
    const timeMs = msFromUs(sample.tsUs);
    if (strategyId === null) {
      const { equity, cash, exposure, deposits, growth } = sample;
      return { timeMs, equity, cash, exposure, deposits, growth, drawdown: drawdowns[index] ?? null };
    }
    const { realized, unrealized } = sample.byStrategy[strategyId] ?? { realized: '0', unrealized: '0' };
    return {
      timeMs,
      realizedProfit: realized,
      unrealizedProfit: unrealized,
      profit: formatAmount(profitOf(sample, strategyId)),
    };
  });
}

/** The curve, thinned out to what was asked for, and the figures, of every sample and round trip of the span. Faults: the ledger's. */
export async function performanceOf(
  ledger: BookReader,
  asked: PerformanceAsked,
): Promise<Result<Omit<PerformanceReply, 'slippage'>>> {
  const { accountId, quoteAsset, strategyId, span, points } = asked;
  const samples = await ledger.equitySamples(accountId, { ...span, max: points });
  if (!samples.ok) return samples;
  const summary = await summaryOf(ledger, asked);
  if (!summary.ok) return summary;
  const trips = await tripsOf(ledger, asked);
  if (!trips.ok) return trips;
  const none = samples.value.length === 0;
  return ok({
    strategyId,
    quoteAsset,
    curve: none ? null : curveOf(samples.value, strategyId),
    summary: summary.value,
    absence: none
      ? {
          code: 'equity_unknown',
          reason: 'no equity was sampled in this span: the program did not trade, or a price was not known',
        }
      : null,
    trips: trips.value,
  });
}
