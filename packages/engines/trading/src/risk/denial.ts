import { formatAmount, RATE_UNIT } from '@monsta/core';
import type { Amount, Brand, Instrument, OrderRequest, Price } from '@monsta/core';
import type { RiskView } from './view.ts';

/** Every rule that risk refuses by; `docs/risk.md` has a row for each. */
export const RULE_NAMES = [
  'price_unknown',
  'trading_state',
  'instrument_halted',
  'position_short',
  'stale_data',
  'confidence_min',
  'cooldown',
  'stop_loss_guard',
  'drawdown_guard',
  'low_profit',
  'order_rate',
  'order_quantity',
  'order_notional_min',
  'order_notional_max',
  'price_collar',
  'iceberg',
  'open_orders_max',
  'open_positions_max',
  'position_max',
  'exposure_share_max',
  'exposure_max',
  'trade_risk_max',
  'strategy_open_positions_max',
  'strategy_position_max',
  'strategy_exposure_max',
  'cash',
  'margin',
  'instrument_unknown',
  'sizing_unknown',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** An order that risk has approved: the only kind execution accepts. Nothing but `assess` makes one. */
export type RiskApproved<T> = Brand<T, 'RiskApproved'>;

/** Our own refusal, before anything is sent. */
export interface OrderDenied {
  readonly rule: string;
  readonly limit: string;
  readonly actual: string;
  readonly message: string;
}

/** True for the answer to something that was refused, as decisions tell it. */
export const isDenied = (risk: unknown): risk is object =>
  typeof risk === 'object' && risk !== null && 'result' in risk && risk.result === 'denied';

export type Assessment = { readonly approved: RiskApproved<OrderRequest> } | { readonly denied: OrderDenied };

/** Null: nothing against it. `value` is what the order is worth at the price `at` that it is weighed at. */
export type Rule = (order: OrderRequest, view: RiskView, value: Amount, at: Price) => OrderDenied | null;

/** How shorts are allowed, for whoever asks where they are not. */
export const LONG_ONLY =
  'positions are long only here: backtests allow shorts with --allow-short, monsta/testing with `short`; paper and live trading are spot';

/** True for an order that opens a position or makes it larger, as all buys do where nothing can be short; the rules for entries ask no others. */
export const enters = ({ side, reduceOnly }: OrderRequest, { short }: RiskView): boolean =>
  !reduceOnly && (side === 'buy' || short !== null);

/** What was compared last: an order is weighed against the same equity by several rules. */
const lastSizes = { amount: 0n, size: 0, whole: 0n, wholeSize: 0 };

/** True where an amount is surely no more than a share of a whole, rounded down to eight digits: by binary numbers, which tell where the two are not close. False says nothing. */
export function surelyWithin(amount: Amount, whole: Amount, ppm: number): boolean {
  const last = lastSizes;
  if (last.whole !== whole) {
    last.wholeSize = Number(whole);
    last.whole = whole;
  }
  if (last.amount !== amount) {
    last.size = Number(amount);
    last.amount = amount;
  }
  return last.wholeSize > 0 && last.size <= last.wholeSize * (ppm / 1e6) * (1 - 1e-9) - 1e12;
}

export const no = (rule: RuleName, limit: string, actual: string, message: string): OrderDenied => ({
  rule,
  limit,
  actual,
  message,
});

export const percent = (ppm: number): string => `${ppm / 10_000} %`;

export const inQuote = (value: Amount, { quote }: Instrument): string => `${formatAmount(value)} ${quote}`;

/** A share in words, rounded up, so that what is above a limit never reads as the limit. */
export function shareOf(part: Amount, whole: Amount): string {
  if (whole <= 0n) return 'all';
  const ppm = (part * RATE_UNIT + whole - 1n) / whole;
  return percent(Number(ppm));
}
