import { err, ok, type AccountId, type AlertRecord, type Result } from '@monsta/core';
import type {
  AmountsByAsset,
  StoredEquitySample,
  StoredFees,
  StoredRoundTrip,
  StoredStrategy,
  StoredTrip,
} from '@monsta/ports';
import { decimalText, jsonText, Refusal } from './encode-values.ts';
import type { EquitySampleRow, NewAlertRow, NewRoundTripRow, StrategyRow } from './schema.ts';

function decimals(amounts: AmountsByAsset, what: string): AmountsByAsset {
  return Object.fromEntries(
    Object.entries(amounts).map(([asset, text]) => [asset, decimalText(text, `${what} in ${asset}`)]),
  );
}

export function feesText({ byAsset, otherValue, unvalued }: StoredFees, of: string): string {
  const checked: StoredFees = {
    byAsset: decimals(byAsset, `fees ${of}`),
    otherValue: decimalText(otherValue, `value of other fees ${of}`),
    unvalued: decimals(unvalued, `fees without a value ${of}`),
  };
  return jsonText(checked, `fees ${of}`);
}

/** The amounts that a round trip has, open or closed. */
function tripAmounts(trip: StoredTrip, of: string) {
  return {
    entryQuantity: decimalText(trip.entryQuantity, `entryQuantity ${of}`),
    entryValue: decimalText(trip.entryValue, `entryValue ${of}`),
    exitQuantity: decimalText(trip.exitQuantity, `exitQuantity ${of}`),
    exitValue: decimalText(trip.exitValue, `exitValue ${of}`),
    takenAway: decimalText(trip.takenAway, `takenAway ${of}`),
    realizedProfit: decimalText(trip.realizedProfit, `realizedProfit ${of}`),
    adverse: decimalText(trip.excursions.adverse, `adverse excursion ${of}`),
    favourable: decimalText(trip.excursions.favourable, `favourable excursion ${of}`),
  };
}

/** A round trip under way, as a position keeps it. */
export function tripText(trip: StoredTrip | null, of: string): string {
  if (trip === null) return 'null';
  const { adverse, favourable, ...amounts } = tripAmounts(trip, of);
  const checked: StoredTrip = {
    ...amounts,
    openedUs: trip.openedUs,
    fees: JSON.parse(feesText(trip.fees, of)) as StoredFees,
    excursions: { ...trip.excursions, adverse, favourable },
    fills: trip.fills,
  };
  return jsonText(checked, `the round trip ${of}`);
}

export function strategyRow(account: AccountId, strategy: StoredStrategy): StrategyRow {
  const of = `of strategy '${strategy.strategyId}'`;
  return {
    account,
    strategy: strategy.strategyId,
    name: strategy.name,
    status: strategy.status,
    reason: strategy.reason,
    parameters: jsonText(strategy.parameters, `parameters ${of}`),
    configured_parameters: jsonText(strategy.configuredParameters, `configured parameters ${of}`),
    state: jsonText(strategy.state, `state ${of}`),
    timers: jsonText(strategy.timers, `timers ${of}`),
    causes: jsonText(strategy.causes, `causes ${of}`),
    updated_us: strategy.updatedUs,
  };
}

export function roundTripRow(account: AccountId, trip: StoredRoundTrip): NewRoundTripRow {
  const of = `of round trip '${trip.id}'`;
  const amounts = tripAmounts(trip, of);
  const orNull = (text: string | null, what: string): string | null =>
    text === null ? null : decimalText(text, `${what} ${of}`);
  return {
    account,
    id: trip.id,
    strategy: trip.strategyId,
    instrument: trip.instrument,
    opened_us: trip.openedUs,
    closed_us: trip.closedUs,
    entry_quantity: amounts.entryQuantity,
    entry_value: amounts.entryValue,
    entry_price: orNull(trip.entryPrice, 'entryPrice'),
    exit_quantity: amounts.exitQuantity,
    exit_value: amounts.exitValue,
    exit_price: orNull(trip.exitPrice, 'exitPrice'),
    taken_away: amounts.takenAway,
    realized_profit: amounts.realizedProfit,
    profit: orNull(trip.profit, 'profit'),
    fees: feesText(trip.fees, of),
    adverse: amounts.adverse,
    favourable: amounts.favourable,
    adverse_ppm: trip.excursions.adversePpm,
    favourable_ppm: trip.excursions.favourablePpm,
    fills: trip.fills,
    exit_order_id: trip.exitOrderId,
    exit_tag: trip.exitTag,
    exit_cause: trip.exitCause,
  };
}

export function equitySampleRow(account: AccountId, sample: StoredEquitySample): EquitySampleRow {
  const of = `of the equity sample at ${sample.tsUs} µs`;
  for (const [strategy, { realized, unrealized }] of Object.entries(sample.byStrategy)) {
    decimalText(realized, `realized profit of '${strategy}' ${of}`);
    decimalText(unrealized, `unrealized profit of '${strategy}' ${of}`);
  }
  return {
    account,
    ts_us: sample.tsUs,
    equity: decimalText(sample.equity, `equity ${of}`),
    cash: decimalText(sample.cash, `cash ${of}`),
    exposure: decimalText(sample.exposure, `exposure ${of}`),
    deposits: decimalText(sample.deposits, `deposits ${of}`),
    growth: decimalText(sample.growth, `growth ${of}`),
    by_strategy: jsonText(sample.byStrategy, `profit by strategy ${of}`),
  };
}

/** Fault `payload_invalid`. */
export function encodeAlerts(account: AccountId, alerts: readonly AlertRecord[]): Result<readonly NewAlertRow[]> {
  try {
    return ok(
      alerts.map(({ id, tsUs, kind, severity, title, text, details, deliveries }) => ({
        account,
        id,
        ts_us: tsUs,
        kind,
        severity,
        title,
        text,
        details: jsonText(details, `details of alert '${id}'`),
        deliveries: jsonText(deliveries, `deliveries of alert '${id}'`),
      })),
    );
  } catch (error) {
    if (error instanceof Refusal) return err(error.code, error.message);
    throw error;
  }
}
