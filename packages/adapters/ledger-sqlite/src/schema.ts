import type {
  Alert,
  ExitCause,
  Fill,
  Order,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
  TradingState,
  TransferCause,
} from '@monsta/core';
import type { AccountState, StoredStrategy } from '@monsta/ports';
import type { Generated, Insertable, Selectable } from 'kysely';

/** The tables as `migrations.ts` leaves them. */
export interface Schema {
  readonly instruments: InstrumentTable;
  readonly orders: OrderTable;
  readonly fills: FillTable;
  readonly decisions: DecisionTable;
  readonly positions: PositionTable;
  readonly balances: BalanceTable;
  readonly transfers: TransferTable;
  readonly divergences: DivergenceTable;
  readonly strategies: StrategyTable;
  readonly round_trips: RoundTripTable;
  readonly equity_samples: EquitySampleTable;
  readonly alerts: AlertTable;
  readonly accounts: AccountTable;
  readonly settings: SettingTable;
  readonly listings: ListingTable;
  readonly listed_instruments: ListedInstrumentTable;
}

interface InstrumentTable {
  instrument: string;
  version: number;
  base: string;
  quote: string;
  tick_units: number;
  tick_scale: number;
  lot_units: number;
  lot_scale: number;
  quantity_min: number;
  quantity_max: number;
  market_quantity_max: number | null;
  notional_min: string | null;
  notional_max: string | null;
  /** Of a delisted one `halted`. */
  status: 'trading' | 'halted';
  valid_from_us: number;
  delisted: 0 | 1;
}

interface ListingTable {
  market: string;
  observed_us: number;
}

/** One version of an instrument of a market's list. */
interface ListedInstrumentTable extends InstrumentTable {
  market: string;
}

interface OrderTable {
  row: Generated<number>;
  account: string;
  client_order_id: string;
  instrument: string;
  instrument_version: number;
  strategy: string;
  side: OrderSide;
  type: OrderType;
  time_in_force: TimeInForce;
  quantity: number;
  limit_price: number | null;
  stop_price: number | null;
  trailing_bps: number | null;
  iceberg_quantity: number | null;
  list_id: string | null;
  tag: string | null;
  decision_price: number | null;
  reduce_only: number;
  created_us: number;
  venue_order_id: string | null;
  status: OrderStatus;
  final: number;
  filled_quantity: number;
  filled_notional: string;
  reason_code: Order['reasonCode'];
  reason: Order['reason'];
  updated_us: number;
}

interface FillTable {
  row: Generated<number>;
  account: string;
  instrument: string;
  fill_id: string;
  instrument_version: number;
  client_order_id: string;
  venue_order_id: string;
  strategy: string;
  side: OrderSide;
  price: number;
  quantity: number;
  fee: string;
  fee_asset: string;
  liquidity: Fill['liquidity'];
  ts_event_us: number;
}

interface DecisionTable {
  row: Generated<number>;
  account: string;
  id: string;
  strategy: string;
  instrument: string;
  ts_event_us: number;
  action: string;
  wanted: string;
  prediction: string;
  risk: string;
  orders: string;
}

interface PositionTable {
  account: string;
  strategy: string;
  instrument: string;
  quantity: string;
  cost_basis: string;
  realized_profit: string;
  fees_paid: string;
  /** JSON. */
  fees: string;
  opened_us: number | null;
  /** JSON. */
  trip: string;
  updated_us: number;
}

interface BalanceTable {
  account: string;
  asset: string;
  free: string;
  locked: string;
}

interface TransferTable {
  row: Generated<number>;
  account: string;
  id: string;
  cause: TransferCause;
  asset: string;
  amount: string;
  ts_us: number;
}

interface DivergenceTable {
  row: Generated<number>;
  account: string;
  id: string;
  ts_us: number;
  code: string;
  message: string;
}

/** Parameters, state, timers and causes are JSON. */
interface StrategyTable {
  account: string;
  strategy: string;
  name: string;
  status: StoredStrategy['status'];
  reason: string | null;
  parameters: string;
  configured_parameters: string;
  state: string;
  timers: string;
  causes: string;
  updated_us: number;
}

interface RoundTripTable {
  row: Generated<number>;
  account: string;
  id: string;
  strategy: string;
  instrument: string;
  opened_us: number;
  closed_us: number;
  entry_quantity: string;
  entry_value: string;
  entry_price: string | null;
  exit_quantity: string;
  exit_value: string;
  exit_price: string | null;
  taken_away: string;
  realized_profit: string;
  profit: string | null;
  /** JSON. */
  fees: string;
  adverse: string;
  favourable: string;
  adverse_ppm: number;
  favourable_ppm: number;
  fills: number;
  exit_order_id: string | null;
  exit_tag: string | null;
  exit_cause: ExitCause | null;
}

interface EquitySampleTable {
  account: string;
  ts_us: number;
  equity: string;
  cash: string;
  exposure: string;
  deposits: string;
  growth: string;
  /** JSON. */
  by_strategy: string;
}

interface AlertTable {
  row: Generated<number>;
  account: string;
  id: string;
  ts_us: number;
  kind: Alert['kind'];
  severity: Alert['severity'];
  title: string;
  text: string;
  /** JSON. */
  details: string;
  /** JSON. */
  deliveries: string;
}

interface AccountTable {
  account: string;
  trading_state: TradingState;
  trading_state_reason: string | null;
  trading_state_by: AccountState['tradingStateBy'];
  peak_equity: string | null;
  day_start_equity: string | null;
  day_start_us: number | null;
  kernel_state: string;
  updated_us: number;
}

interface SettingTable {
  key: string;
  value: string;
}

export type InstrumentRow = Selectable<InstrumentTable>;
export type ListedInstrumentRow = Selectable<ListedInstrumentTable>;
export type OrderRow = Selectable<OrderTable>;
export type NewOrderRow = Insertable<OrderTable>;
export type FillRow = Selectable<FillTable>;
export type NewFillRow = Insertable<FillTable>;
export type DecisionRow = Selectable<DecisionTable>;
export type NewDecisionRow = Insertable<DecisionTable>;
export type PositionRow = Selectable<PositionTable>;
export type BalanceRow = Selectable<BalanceTable>;
export type TransferRow = Selectable<TransferTable>;
export type NewTransferRow = Insertable<TransferTable>;
export type DivergenceRow = Selectable<DivergenceTable>;
export type NewDivergenceRow = Insertable<DivergenceTable>;
export type StrategyRow = Selectable<StrategyTable>;
export type RoundTripRow = Selectable<RoundTripTable>;
export type NewRoundTripRow = Insertable<RoundTripTable>;
export type EquitySampleRow = Selectable<EquitySampleTable>;
export type AlertRow = Selectable<AlertTable>;
export type NewAlertRow = Insertable<AlertTable>;
export type AccountRow = Selectable<AccountTable>;
