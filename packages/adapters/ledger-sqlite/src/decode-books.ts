import { accountId, clientOrderId, instrumentId, strategyId, timestampUs, type AlertRecord } from '@monsta/core';
import type { StoredEquitySample, StoredFees, StoredRoundTrip, StoredStrategy, StoredTrip } from '@monsta/ports';
import type { AlertRow, EquitySampleRow, PositionRow, RoundTripRow, StrategyRow } from './schema.ts';

const readJson = (text: string): unknown => JSON.parse(text) as unknown;

/** Written by `feesText` only. */
export const readFees = (text: string): StoredFees => JSON.parse(text) as StoredFees;

/** Written by `tripText` only. */
export const readTrip = ({ trip }: PositionRow): StoredTrip | null => JSON.parse(trip) as StoredTrip | null;

export function toStrategy(row: StrategyRow): StoredStrategy {
  return {
    accountId: accountId(row.account),
    strategyId: strategyId(row.strategy),
    name: row.name,
    status: row.status,
    reason: row.reason,
    parameters: readJson(row.parameters),
    configuredParameters: readJson(row.configured_parameters),
    state: readJson(row.state),
    timers: readJson(row.timers),
    causes: readJson(row.causes),
    updatedUs: timestampUs(row.updated_us),
  };
}

export function toRoundTrip(row: RoundTripRow): StoredRoundTrip {
  return {
    id: row.id,
    accountId: accountId(row.account),
    strategyId: strategyId(row.strategy),
    instrument: instrumentId(row.instrument),
    openedUs: timestampUs(row.opened_us),
    closedUs: timestampUs(row.closed_us),
    entryQuantity: row.entry_quantity,
    entryValue: row.entry_value,
    entryPrice: row.entry_price,
    exitQuantity: row.exit_quantity,
    exitValue: row.exit_value,
    exitPrice: row.exit_price,
    takenAway: row.taken_away,
    realizedProfit: row.realized_profit,
    profit: row.profit,
    fees: readFees(row.fees),
    excursions: {
      adverse: row.adverse,
      favourable: row.favourable,
      adversePpm: row.adverse_ppm,
      favourablePpm: row.favourable_ppm,
    },
    fills: row.fills,
    exitOrderId: row.exit_order_id === null ? null : clientOrderId(row.exit_order_id),
    exitTag: row.exit_tag,
    exitCause: row.exit_cause,
  };
}

export function toEquitySample(row: EquitySampleRow): StoredEquitySample {
  return {
    accountId: accountId(row.account),
    tsUs: timestampUs(row.ts_us),
    equity: row.equity,
    cash: row.cash,
    exposure: row.exposure,
    deposits: row.deposits,
    growth: row.growth,
    byStrategy: JSON.parse(row.by_strategy) as StoredEquitySample['byStrategy'],
  };
}

export function toAlert(row: AlertRow): AlertRecord {
  return {
    id: row.id,
    tsUs: timestampUs(row.ts_us),
    kind: row.kind,
    severity: row.severity,
    title: row.title,
    text: row.text,
    details: readJson(row.details),
    deliveries: JSON.parse(row.deliveries) as AlertRecord['deliveries'],
  };
}
