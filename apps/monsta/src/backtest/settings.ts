import { kernelConfigOf, type AiTradingConfig } from '@monsta/ai-trading/config';
import type { BacktestSpec } from '@monsta/contracts';
import { accountId, expectOk, invariant, parseAmount, type Amount, type AssetId, type Interval } from '@monsta/core';
import {
  DEFAULT_TICK_RULES,
  type BarRules,
  type CommissionTerms,
  type FeedAccountOptions,
  type SlippageModel,
  type TickRules,
} from '@monsta/matching';
import { UNLIMITED, type KernelConfig, type SizingConfig } from '@monsta/trading';

/** The account of every backtest. */
const ACCOUNT = accountId('backtest');
/** Equity samples are for the ledger; a backtest has its own curve. */
const SAMPLE_MS = 86_400_000;

/** Basis points as parts per million; the specification goes no finer than a hundredth. */
const ppmOfBps = (bps: number): number => Math.round(bps * 100);
const ppmOfShare = (share: number): number => Math.round(share * 1_000_000);

function sizingOf({ sizing }: BacktestSpec): SizingConfig {
  switch (sizing.kind) {
    case 'fraction':
      return { kind: 'fraction' };
    case 'fixed':
      return { kind: 'fixed', amount: expectOk(parseAmount(sizing.amount)) };
    case 'units':
      return { kind: 'units', quantity: expectOk(parseAmount(sizing.quantity)) };
    case 'volatility':
      return { kind: 'volatility', targetPpm: ppmOfShare(sizing.target), bars: sizing.bars };
    case 'kelly': {
      const { tradesMin, tradesMax, scale, cap, fallback } = sizing;
      const shares = { scalePpm: ppmOfShare(scale), capPpm: ppmOfShare(cap), fallbackPpm: ppmOfShare(fallback) };
      return { kind: 'kelly', tradesMin, tradesMax, ...shares };
    }
  }
}

/** What acts at the close that it was decided at is sized by it either way; at the fill, when all instruments have been decided. */
const fillTerms = ({ fills }: BacktestSpec): Pick<KernelConfig, 'sizedAt' | 'joinsGaps'> => ({
  sizedAt: fills.sizedAt === 'decision' ? 'decision' : fills.acts,
  joinsGaps: fills.gaps === 'join',
});

/** How the kernel sizes and limits in a backtest: as the specification says, and with `limits: configured` within what trading is held to. */
export function kernelConfigFor(spec: BacktestSpec, quoteAsset: AssetId, role: AiTradingConfig): KernelConfig {
  const sizing = sizingOf(spec);
  const short = spec.short === null ? null : { initialMarginPpm: ppmOfShare(spec.short.initialMargin) };
  const share = spec.sizing.kind === 'fraction' ? ppmOfShare(spec.sizing.share) : 1_000_000;
  if (spec.limits === 'configured') {
    const configured = kernelConfigOf({ ...role, quoteAsset }, ACCOUNT, null);
    const allocationPpm = Math.min(share, configured.allocationPpm);
    return { ...configured, ...fillTerms(spec), sizing, short, allocationPpm, equitySampleMs: SAMPLE_MS };
  }
  return {
    accountId: ACCOUNT,
    quoteAsset,
    limits: { ...UNLIMITED, feePpm: ppmOfBps(spec.costs.takerFeeBps) },
    allocationPpm: share,
    sizing,
    short,
    ...fillTerms(spec),
    rebalanceBandPpm: ppmOfShare(spec.rebalanceBand),
    exitPlan: null,
    equitySampleMs: SAMPLE_MS,
  };
}

function slippageOf({ slippage }: BacktestSpec['costs']): SlippageModel {
  switch (slippage.kind) {
    case 'none':
    case 'ticks':
      return slippage;
    case 'spread':
      return { kind: 'spread', sharePpm: ppmOfShare(slippage.share) };
    case 'rate':
    case 'square-root':
      return { kind: slippage.kind, ppm: ppmOfBps(slippage.bps) };
  }
}

/** The account at the exchange that fills from what was recorded; `offers`: what of it takers find. */
export function tickAccountFor(
  spec: BacktestSpec,
  quoteAsset: AssetId,
  offers: TickRules['offers'],
): FeedAccountOptions {
  const { costs, fills, latency, seed } = spec;
  const rules: TickRules = { ...DEFAULT_TICK_RULES, offers, resting: fills.queue, slippage: slippageOf(costs) };
  const us = (ms: number): number => Math.round(ms * 1_000);
  return {
    ...accountTerms(spec, quoteAsset),
    rules,
    ...(latency === null
      ? {}
      : { latency: { feed: us(latency.feedMs), order: us(latency.orderMs), response: us(latency.responseMs), seed } }),
  };
}

/** Whether an order costs something beside the rates of its fills. */
export const hasCommission = ({ feePerOrder, feePerUnit, feeMinimum }: BacktestSpec['costs']): boolean =>
  [feePerOrder, feePerUnit, feeMinimum].some((amount) => Number(amount) > 0);

function commissionOf(costs: BacktestSpec['costs']): CommissionTerms | null {
  if (!hasCommission(costs)) return null;
  const { feePerOrder, feePerUnit, feeMinimum } = costs;
  const amount = (text: string): Amount => expectOk(parseAmount(text));
  return { perOrder: amount(feePerOrder), perUnit: amount(feePerUnit), minimum: amount(feeMinimum) };
}

/** What an account costs and holds, whatever it fills from. */
function accountTerms(spec: BacktestSpec, quoteAsset: AssetId): Omit<FeedAccountOptions, 'rules'> {
  const { costs, short, cash } = spec;
  return {
    fees: { makerPpm: ppmOfBps(costs.makerFeeBps), takerPpm: ppmOfBps(costs.takerFeeBps) },
    feesFrom: costs.feesFrom,
    feesOn: costs.feesOn,
    margin: short === null ? null : { initialPpm: ppmOfShare(short.initialMargin) },
    commission: commissionOf(costs),
    balances: [{ asset: quoteAsset, free: expectOk(parseAmount(cash)) }],
  };
}

/** The account at the exchange that fills from bars of `interval`. */
export function accountFor(spec: BacktestSpec, quoteAsset: AssetId, interval: Interval): FeedAccountOptions {
  const { costs, fills } = spec;
  const slippage = slippageOf(costs);
  // A bar has no spread; the specification of a run of bars with one was refused before.
  invariant(slippage.kind !== 'spread', 'slippage from the spread needs ticks');
  const rules: BarRules = {
    kind: 'bars',
    interval,
    acts: fills.acts === 'close' ? 'this-close' : fills.acts,
    limits: fills.limits,
    volumeSharePpm: fills.volumeShare === null ? null : ppmOfShare(fills.volumeShare),
    slippage,
  };
  return { ...accountTerms(spec, quoteAsset), rules };
}
