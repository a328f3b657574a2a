import {
  err,
  isFinal,
  ok,
  type AccountId,
  type Amount,
  type Fill,
  type Instrument,
  type Order,
  type Result,
} from '@monsta/core';
import type { AccountState, Decision, Divergence, LedgerBatch, StoredPosition, Transfer } from '@monsta/ports';
import { equitySampleRow, feesText, roundTripRow, strategyRow, tripText } from './encode-books.ts';
import { amountText, checkAccount, decimalText, jsonText, Refusal } from './encode-values.ts';
import type {
  AccountRow,
  BalanceRow,
  EquitySampleRow,
  InstrumentRow,
  NewDecisionRow,
  NewDivergenceRow,
  NewFillRow,
  NewOrderRow,
  NewRoundTripRow,
  NewTransferRow,
  PositionRow,
  StrategyRow,
} from './schema.ts';

/** A row whose instrument version is found at storing. */
type Unversioned<Row> = Omit<Row, 'instrument_version'>;

/** A batch as rows, checked, before any transaction begins. */
export interface EncodedBatch {
  readonly accountId: AccountId;
  readonly orders: readonly Unversioned<NewOrderRow>[];
  readonly fills: readonly Unversioned<NewFillRow>[];
  readonly decisions: readonly NewDecisionRow[];
  readonly positions: readonly PositionRow[];
  readonly balances: readonly BalanceRow[];
  readonly transfers: readonly NewTransferRow[];
  readonly divergences: readonly NewDivergenceRow[];
  readonly strategies: readonly StrategyRow[];
  readonly roundTrips: readonly NewRoundTripRow[];
  readonly equitySamples: readonly EquitySampleRow[];
  readonly account: AccountRow | null;
}

function orderRow(account: AccountId, order: Order): Unversioned<NewOrderRow> {
  return {
    account,
    client_order_id: order.clientOrderId,
    instrument: order.instrument,
    strategy: order.strategyId,
    side: order.side,
    type: order.type,
    time_in_force: order.timeInForce,
    quantity: order.quantity,
    limit_price: order.limitPrice,
    stop_price: order.stopPrice,
    trailing_bps: order.trailingBps,
    iceberg_quantity: order.icebergQuantity,
    list_id: order.listId,
    tag: order.tag,
    decision_price: order.decisionPrice,
    reduce_only: order.reduceOnly ? 1 : 0,
    created_us: order.createdUs,
    venue_order_id: order.venueOrderId,
    status: order.status,
    final: isFinal(order.status) ? 1 : 0,
    filled_quantity: order.filledQuantity,
    filled_notional: amountText(order.filledNotional, `filledNotional of order '${order.clientOrderId}'`),
    reason_code: order.reasonCode,
    reason: order.reason,
    updated_us: order.updatedUs,
  };
}

function fillRow(account: AccountId, fill: Fill): Unversioned<NewFillRow> {
  return {
    account,
    instrument: fill.instrument,
    fill_id: fill.fillId,
    client_order_id: fill.clientOrderId,
    venue_order_id: fill.venueOrderId,
    strategy: fill.strategyId,
    side: fill.side,
    price: fill.price,
    quantity: fill.quantity,
    fee: amountText(fill.fee, `fee of fill '${fill.fillId}'`),
    fee_asset: fill.feeAsset,
    liquidity: fill.liquidity,
    ts_event_us: fill.tsEventUs,
  };
}

function decisionRow(account: AccountId, decision: Decision): NewDecisionRow {
  const of = `of decision '${decision.id}'`;
  return {
    account,
    id: decision.id,
    strategy: decision.strategyId,
    // The column holds text only: none is kept as an empty one.
    instrument: decision.instrument ?? '',
    ts_event_us: decision.tsEventUs,
    action: decision.action,
    wanted: jsonText(decision.wanted, `wanted ${of}`),
    prediction: jsonText(decision.prediction, `prediction ${of}`),
    risk: jsonText(decision.risk, `risk ${of}`),
    orders: jsonText(decision.orders, `orders ${of}`),
  };
}

function positionRow(account: AccountId, position: StoredPosition): PositionRow {
  const of = `of the position of '${position.strategyId}' in ${position.instrument}`;
  return {
    account,
    strategy: position.strategyId,
    instrument: position.instrument,
    quantity: decimalText(position.quantity, `quantity ${of}`),
    cost_basis: decimalText(position.costBasis, `costBasis ${of}`),
    realized_profit: decimalText(position.realizedProfit, `realizedProfit ${of}`),
    fees_paid: decimalText(position.feesPaid, `feesPaid ${of}`),
    fees: feesText(position.fees, of),
    opened_us: position.openedUs,
    trip: tripText(position.trip, of),
    updated_us: position.updatedUs,
  };
}

function accountRow(state: AccountState): AccountRow {
  const money = (text: string | null, what: string): string | null =>
    text === null ? null : decimalText(text, `${what} of account '${state.accountId}'`);
  return {
    account: state.accountId,
    trading_state: state.tradingState,
    trading_state_reason: state.tradingStateReason,
    trading_state_by: state.tradingStateBy,
    peak_equity: money(state.peakEquity, 'peakEquity'),
    day_start_equity: money(state.dayStartEquity, 'dayStartEquity'),
    day_start_us: state.dayStartUs,
    kernel_state: jsonText(state.kernelState, `kernelState of account '${state.accountId}'`),
    updated_us: state.updatedUs,
  };
}

const transferRow = (account: AccountId, { id, cause, asset, amount, tsUs }: Transfer): NewTransferRow => ({
  account,
  id,
  cause,
  asset,
  amount: amountText(amount, `amount of transfer '${id}'`),
  ts_us: tsUs,
});

const divergenceRow = (account: AccountId, { id, tsUs, code, message }: Divergence): NewDivergenceRow => ({
  account,
  id,
  ts_us: tsUs,
  code,
  message,
});

/** Faults: `decimal_malformed`, `out_of_range`, `payload_invalid`, `account_mismatch`. */
export function encodeBatch(batch: LedgerBatch): Result<EncodedBatch> {
  const { accountId } = batch;
  try {
    for (const { accountId: found, id } of batch.decisions ?? []) checkAccount(accountId, found, `decision '${id}'`);
    for (const { accountId: found, id } of batch.transfers ?? []) checkAccount(accountId, found, `transfer '${id}'`);
    for (const { accountId: found, id } of batch.divergences ?? [])
      checkAccount(accountId, found, `divergence '${id}'`);
    for (const { accountId: found } of batch.positions ?? []) checkAccount(accountId, found, 'a position');
    for (const { accountId: found, strategyId } of batch.strategies ?? [])
      checkAccount(accountId, found, `strategy '${strategyId}'`);
    for (const { accountId: found, id } of batch.roundTrips ?? []) checkAccount(accountId, found, `round trip '${id}'`);
    for (const { accountId: found } of batch.equitySamples ?? []) checkAccount(accountId, found, 'an equity sample');
    if (batch.account !== undefined) checkAccount(accountId, batch.account.accountId, 'the account state');
    return ok({
      accountId,
      orders: (batch.orders ?? []).map((order) => orderRow(accountId, order)),
      fills: (batch.fills ?? []).map((fill) => fillRow(accountId, fill)),
      decisions: (batch.decisions ?? []).map((decision) => decisionRow(accountId, decision)),
      positions: (batch.positions ?? []).map((position) => positionRow(accountId, position)),
      balances: (batch.balances ?? []).map(({ asset, free, locked }) => ({
        account: accountId,
        asset,
        free: amountText(free, `free ${asset}`),
        locked: amountText(locked, `locked ${asset}`),
      })),
      transfers: (batch.transfers ?? []).map((transfer) => transferRow(accountId, transfer)),
      divergences: (batch.divergences ?? []).map((divergence) => divergenceRow(accountId, divergence)),
      strategies: (batch.strategies ?? []).map((strategy) => strategyRow(accountId, strategy)),
      roundTrips: (batch.roundTrips ?? []).map((trip) => roundTripRow(accountId, trip)),
      equitySamples: (batch.equitySamples ?? []).map((sample) => equitySampleRow(accountId, sample)),
      account: batch.account === undefined ? null : accountRow(batch.account),
    });
  } catch (error) {
    if (error instanceof Refusal) return err(error.code, error.message);
    throw error;
  }
}

/** Fault `out_of_range`. */
export function encodeInstrument(instrument: Instrument): Result<InstrumentRow> {
  try {
    const money = (value: Amount | null, what: string): string | null =>
      value === null ? null : amountText(value, `${what} of ${instrument.id}`);
    return ok({
      instrument: instrument.id,
      version: instrument.version,
      base: instrument.base,
      quote: instrument.quote,
      tick_units: instrument.tick.units,
      tick_scale: instrument.tick.scale,
      lot_units: instrument.lot.units,
      lot_scale: instrument.lot.scale,
      quantity_min: instrument.quantityMin,
      quantity_max: instrument.quantityMax,
      market_quantity_max: instrument.marketQuantityMax,
      notional_min: money(instrument.notionalMin, 'notionalMin'),
      notional_max: money(instrument.notionalMax, 'notionalMax'),
      status: instrument.status === 'trading' ? 'trading' : 'halted',
      valid_from_us: instrument.validFromUs,
      delisted: instrument.status === 'delisted' ? 1 : 0,
    });
  } catch (error) {
    if (error instanceof Refusal) return err(error.code, error.message);
    throw error;
  }
}
