import {
  absAmount,
  addAmounts,
  applyRate,
  formatAmount,
  parsePrice,
  subtractAmounts,
  US_PER_MS,
  ZERO_AMOUNT,
} from '@monsta/core';
import type { Amount, InstrumentId, TimestampUs } from '@monsta/core';
import type { MonitorState } from '../account-monitor.ts';
import type { KernelConfig } from '../kernel-types.ts';
import type { Markets } from '../markets.ts';
import { isProtectiveOrderId } from '../order-ids.ts';
import type { Portfolio } from '../portfolio.ts';
import { valueAt, type Position } from '../position.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import type { ClosedTrade } from './closed-trades.ts';
import {
  ALL,
  amountUse,
  countUse,
  shareText,
  shareUse,
  type LimitName,
  type LimitUse,
  type OrderLimit,
  type Uses,
} from './limit-use.ts';
import { protectionUses } from './protection-uses.ts';
import type { OwnMonitor } from './strategy-monitor.ts';

interface ReportParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly strategies: readonly ConfiguredStrategy[];
  readonly monitor: MonitorState;
  readonly own: readonly OwnMonitor[];
  readonly sent: { readonly second: number; readonly minute: number };
  readonly trades: readonly ClosedTrade[];
  readonly nowUs: TimestampUs;
  /** Where a position is going to be stopped as things stand, decimal text; null where that is not known. */
  readonly stopOf: (position: Position) => string | null;
}

const fall = (from: Amount | null, to: Amount | null): Amount | null =>
  from === null || to === null ? null : from > to ? subtractAmounts(from, to) : ZERO_AMOUNT;

/** Every limit with what of it is used now: what risk would look at, were an order asked for. Pure. */
export function usesOf(parts: ReportParts): Uses {
  const { config, portfolio, strategies, trades, nowUs } = parts;
  const equity = portfolio.equity(config.quoteAsset);
  const traded = strategies.flatMap(({ instruments }) => instruments);
  const held = portfolio.positions().filter(({ openedUs }) => openedUs !== null);
  const working = portfolio.workingOrders().map(({ instrument }) => instrument);
  const instruments = [...new Set([...traded, ...held.map(({ instrument }) => instrument), ...working])].sort();
  return {
    limits: [
      ...accountUses(parts, equity),
      ...instruments.flatMap((id) => instrumentUses(parts, id, equity)),
      ...held.map((position) => tradeRiskUse(parts, position, equity)),
      ...strategies.flatMap((strategy) => strategyUses(parts, strategy, equity)),
      ...protectionUses(config.limits.protections, { trades, instruments, equity, nowUs }),
    ],
    orderLimits: orderLimits(config),
  };
}

function accountUses(
  { config: { limits, quoteAsset }, portfolio, monitor, sent }: ReportParts,
  equity: Amount | null,
): readonly LimitUse[] {
  const { lossBase, peakEquity } = monitor;
  const whole = lossBase === null ? null : absAmount(lossBase);
  const exposure = portfolio.exposure();
  const cash = portfolio.money.of(quoteAsset);
  const opened = portfolio.openPositions(() => false);
  const orders = portfolio.openOrders(({ clientOrderId: id }) => !isProtectiveOrderId(id));
  return [
    shareUse('daily_loss', ALL, limits.dailyLossPpmMax, fall(lossBase, equity), whole),
    shareUse('drawdown', ALL, limits.drawdownPpmMax, fall(peakEquity, equity), peakEquity),
    shareUse('exposure_share_max', ALL, limits.exposurePpmMax, exposure, equity),
    amountUse('exposure_max', limits.exposureMax, exposure),
    countUse('open_positions_max', ALL, 'count', limits.openPositionsMax, opened),
    countUse('open_orders_max', ALL, 'count', limits.openOrdersMax, orders),
    countUse('order_rate', ALL, 'per_second', limits.ordersPerSecondMax, sent.second),
    countUse('order_rate', ALL, 'per_minute', limits.ordersPerMinuteMax, sent.minute),
    amountUse('cash', cash, cash === null ? null : subtractAmounts(cash, portfolio.freeCash(quoteAsset))),
  ];
}

function instrumentUses(
  { config: { limits }, markets, portfolio, nowUs }: ReportParts,
  instrument: InstrumentId,
  equity: Amount | null,
): readonly LimitUse[] {
  const scope = { strategyId: null, instrument };
  const value = portfolio.positionValue(instrument);
  const used = value === null ? null : addAmounts(value, portfolio.openEntryValue(instrument));
  const { lastDataUs } = markets.state(instrument);
  const ageMs = lastDataUs === null ? null : Math.max(0, Math.floor((nowUs - lastDataUs) / US_PER_MS));
  return [
    shareUse('position_max', scope, limits.positionPpmMax, used, equity),
    countUse('stale_data', scope, 'ms', limits.staleAfterMs, ageMs),
  ];
}

/** What of today's equity is lost if the position is sold at its stop, fees included; unknown where no stop is known. */
function tradeRiskUse({ config, markets, stopOf }: ReportParts, position: Position, equity: Amount | null): LimitUse {
  const { limits } = config;
  const { strategyId, instrument: id, quantity } = position;
  const instrument = markets.instrument(id);
  const { mark } = markets.state(id);
  const text = stopOf(position);
  const use = (lost: Amount | null): LimitUse =>
    shareUse('trade_risk_max', { strategyId, instrument: id }, limits.tradeRiskPpmMax, lost, equity);
  if (instrument === null || mark === null || text === null) return use(null);
  const stop = parsePrice(text, instrument);
  if (!stop.ok) return use(null);
  const now = valueAt(quantity, mark, instrument);
  const then = valueAt(quantity, stop.value, instrument);
  const fees = applyRate(addAmounts(now, then), limits.feePpm, 'ceil');
  return use(addAmounts(fall(now, then) ?? ZERO_AMOUNT, fees));
}

/** Only what is set of a strategy's own. */
function strategyUses(
  { portfolio, monitor, own: all, nowUs }: ReportParts,
  { id: strategyId, limits, instruments }: ConfiguredStrategy,
  equity: Amount | null,
): readonly LimitUse[] {
  if (limits === undefined) return [];
  const scope = { strategyId, instrument: null };
  const own = all.find((each) => each.strategyId === strategyId);
  const profit = portfolio.profitOf(strategyId);
  const { dailyLossPpmMax, drawdownPpmMax, exposurePpmMax, openPositionsMax, positionPpmMax } = limits;
  const share = (rule: LimitName, ppm: number | null, used: Amount | null, whole: Amount | null): LimitUse[] =>
    ppm === null ? [] : [shareUse(rule, scope, ppm, used, whole)];
  const opened = portfolio.openPositions((id) => id !== strategyId);
  return [
    ...share('strategy_daily_loss', dailyLossPpmMax, fall(own?.lossBase ?? null, profit), monitor.dayStartEquity),
    ...share('strategy_drawdown', drawdownPpmMax, fall(own?.peakProfit ?? null, profit), monitor.peakEquity),
    ...share('strategy_exposure_max', exposurePpmMax, portfolio.exposure(strategyId), equity),
    ...(openPositionsMax === null
      ? []
      : [countUse('strategy_open_positions_max', scope, 'count', openPositionsMax, opened)]),
    ...(positionPpmMax === null
      ? []
      : instruments.map((instrument) => {
          const held = portfolio.valueOf(portfolio.position(strategyId, instrument, nowUs).quantity, instrument);
          const { value } = portfolio.openEntriesOf(strategyId, instrument);
          const used = held === null || value === null ? null : addAmounts(held, value);
          return shareUse('strategy_position_max', { strategyId, instrument }, positionPpmMax, used, equity);
        })),
  ];
}

function orderLimits({ limits }: KernelConfig): readonly OrderLimit[] {
  const most = limits.orderNotionalMax;
  return [
    { rule: 'confidence_min', unit: 'share', limit: shareText(limits.confidencePpmMin) },
    { rule: 'order_notional_min', unit: 'amount', limit: formatAmount(limits.orderNotionalMin) },
    { rule: 'order_notional_max', unit: 'amount', limit: most === null ? null : formatAmount(most) },
    { rule: 'price_collar', unit: 'share', limit: shareText(limits.priceCollarPpm) },
    { rule: 'trade_risk_max', unit: 'share', limit: shareText(limits.tradeRiskPpmMax) },
    { rule: 'cooldown', unit: 'ms', limit: limits.lossCooldownMs === 0 ? null : String(limits.lossCooldownMs) },
  ];
}
