import {
  accountId,
  assetId,
  clientOrderId,
  expectOk,
  fillId,
  instrumentId,
  parseAmount,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
  type Amount,
  type Balance,
  type Fill,
  type Instrument,
  type Order,
} from '@monsta/core';
import type { AccountState, Decision, Divergence, StoredPosition, Transfer } from '@monsta/ports';
import { readFees, readTrip } from './decode-books.ts';
import type {
  AccountRow,
  BalanceRow,
  DecisionRow,
  DivergenceRow,
  FillRow,
  InstrumentRow,
  OrderRow,
  PositionRow,
  TransferRow,
} from './schema.ts';

/** Rows were checked when they were written; one that can't be read now is a broken invariant and throws. */
const readAmount = (text: string): Amount => expectOk(parseAmount(text));

const orNull = <From, To>(value: From | null, convert: (value: From) => To): To | null =>
  value === null ? null : convert(value);

const readJson = (text: string): unknown => JSON.parse(text) as unknown;

export function toInstrument(row: InstrumentRow): Instrument {
  return {
    id: instrumentId(row.instrument),
    base: assetId(row.base),
    quote: assetId(row.quote),
    tick: { units: row.tick_units, scale: row.tick_scale },
    lot: { units: row.lot_units, scale: row.lot_scale },
    quantityMin: quantity(row.quantity_min),
    quantityMax: quantity(row.quantity_max),
    marketQuantityMax: orNull(row.market_quantity_max, quantity),
    notionalMin: orNull(row.notional_min, readAmount),
    notionalMax: orNull(row.notional_max, readAmount),
    status: row.delisted === 1 ? 'delisted' : row.status,
    version: row.version,
    validFromUs: timestampUs(row.valid_from_us),
  };
}

export function toOrder(row: OrderRow): Order {
  return {
    clientOrderId: clientOrderId(row.client_order_id),
    strategyId: strategyId(row.strategy),
    instrument: instrumentId(row.instrument),
    side: row.side,
    type: row.type,
    timeInForce: row.time_in_force,
    quantity: quantity(row.quantity),
    limitPrice: orNull(row.limit_price, price),
    stopPrice: orNull(row.stop_price, price),
    trailingBps: row.trailing_bps,
    icebergQuantity: orNull(row.iceberg_quantity, quantity),
    listId: orNull(row.list_id, clientOrderId),
    tag: row.tag,
    decisionPrice: orNull(row.decision_price, price),
    reduceOnly: row.reduce_only === 1,
    createdUs: timestampUs(row.created_us),
    venueOrderId: orNull(row.venue_order_id, venueOrderId),
    status: row.status,
    filledQuantity: quantity(row.filled_quantity),
    filledNotional: readAmount(row.filled_notional),
    reasonCode: row.reason_code,
    reason: row.reason,
    updatedUs: timestampUs(row.updated_us),
  };
}

export function toFill(row: FillRow): Fill {
  return {
    fillId: fillId(row.fill_id),
    clientOrderId: clientOrderId(row.client_order_id),
    venueOrderId: venueOrderId(row.venue_order_id),
    strategyId: strategyId(row.strategy),
    instrument: instrumentId(row.instrument),
    side: row.side,
    price: price(row.price),
    quantity: quantity(row.quantity),
    fee: readAmount(row.fee),
    feeAsset: assetId(row.fee_asset),
    liquidity: row.liquidity,
    tsEventUs: timestampUs(row.ts_event_us),
  };
}

export function toDecision(row: DecisionRow): Decision {
  return {
    id: row.id,
    accountId: accountId(row.account),
    strategyId: strategyId(row.strategy),
    instrument: row.instrument === '' ? null : instrumentId(row.instrument),
    tsEventUs: timestampUs(row.ts_event_us),
    action: row.action,
    wanted: readJson(row.wanted),
    prediction: readJson(row.prediction),
    risk: readJson(row.risk),
    orders: (JSON.parse(row.orders) as string[]).map(clientOrderId),
  };
}

export function toPosition(row: PositionRow): StoredPosition {
  return {
    accountId: accountId(row.account),
    strategyId: strategyId(row.strategy),
    instrument: instrumentId(row.instrument),
    quantity: row.quantity,
    costBasis: row.cost_basis,
    realizedProfit: row.realized_profit,
    feesPaid: row.fees_paid,
    fees: readFees(row.fees),
    openedUs: orNull(row.opened_us, timestampUs),
    trip: readTrip(row),
    updatedUs: timestampUs(row.updated_us),
  };
}

export function toBalance(row: BalanceRow): Balance {
  return { asset: assetId(row.asset), free: readAmount(row.free), locked: readAmount(row.locked) };
}

export function toDivergence(row: DivergenceRow): Divergence {
  return {
    id: row.id,
    accountId: accountId(row.account),
    tsUs: timestampUs(row.ts_us),
    code: row.code,
    message: row.message,
  };
}

export function toTransfer(row: TransferRow): Transfer {
  return {
    id: row.id,
    accountId: accountId(row.account),
    cause: row.cause,
    asset: assetId(row.asset),
    amount: readAmount(row.amount),
    tsUs: timestampUs(row.ts_us),
  };
}

export function toAccount(row: AccountRow): AccountState {
  return {
    accountId: accountId(row.account),
    tradingState: row.trading_state,
    tradingStateReason: row.trading_state_reason,
    tradingStateBy: row.trading_state_by,
    peakEquity: row.peak_equity,
    dayStartEquity: row.day_start_equity,
    dayStartUs: orNull(row.day_start_us, timestampUs),
    kernelState: readJson(row.kernel_state),
    updatedUs: timestampUs(row.updated_us),
  };
}
