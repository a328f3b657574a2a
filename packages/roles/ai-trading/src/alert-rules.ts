import type { RuleName } from '@monsta/trading';

/** True for the rules of risk that are limits: a person has set how much is too much. The others say that an order makes no sense now, which is no news. Whoever adds a rule decides here. */
const IS_LIMIT: Readonly<Record<RuleName, boolean>> = {
  instrument_unknown: false,
  price_unknown: false,
  trading_state: false,
  instrument_halted: false,
  position_short: false,
  stale_data: false,
  confidence_min: false,
  sizing_unknown: false,
  iceberg: false,
  order_notional_min: false,
  cooldown: true,
  stop_loss_guard: true,
  drawdown_guard: true,
  low_profit: true,
  order_quantity: true,
  order_notional_max: true,
  price_collar: true,
  open_orders_max: true,
  open_positions_max: true,
  strategy_open_positions_max: true,
  position_max: true,
  strategy_position_max: true,
  exposure_max: true,
  exposure_share_max: true,
  strategy_exposure_max: true,
  trade_risk_max: true,
  cash: true,
  margin: true,
  order_rate: true,
};

/** Rules whose denials are told to a person. */
export const LIMIT_RULES: ReadonlySet<unknown> = new Set(
  Object.entries(IS_LIMIT)
    .filter(([, isLimit]) => isLimit)
    .map(([rule]) => rule),
);
