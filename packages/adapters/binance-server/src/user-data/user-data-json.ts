import { timestampUs, type Amount, type AssetId, type TimestampUs } from '@monsta/core';
import type { AssetPosition, ExecutionReport, OrderListStatus, SymbolRules } from '@monsta/matching';
import { amount8, price8, quantity8, wireTime, type TimeUnit } from '../wire.ts';

/** When an event is told, and in which unit its times are written. */
export interface EventTime {
  readonly eventUs: TimestampUs;
  readonly unit: TimeUnit;
}

const at = (us: number, { unit }: EventTime): number => wireTime(timestampUs(us), unit);
/** An object literal's spread of what is there only on a condition. */
const where = (condition: boolean, fields: object): object => (condition ? fields : {});

const ZERO = '0.00000000';

/** The letters that only some reports have. */
function conditionalFields(report: ExecutionReport, rules: SymbolRules, time: EventTime): object {
  const { prevention, preventedQuantity, trailingDelta, trailingUs, workingUs } = report;
  const { strategyId, strategyType, expiryReason } = report;
  return {
    ...where(trailingDelta > 0, { d: trailingDelta }),
    ...where(trailingUs >= 0, { D: at(trailingUs, time) }),
    ...where(strategyId !== null, { j: strategyId }),
    ...where(strategyType !== null, { J: strategyType }),
    ...(prevention === null
      ? {}
      : {
          v: prevention.preventedMatchId,
          A: quantity8(preventedQuantity, rules),
          B: quantity8(prevention.lastPreventedQuantity, rules),
          ...where(prevention.tradeGroupId !== null, { u: prevention.tradeGroupId }),
          U: prevention.counterOrderId,
          Cs: report.symbol,
          pl: quantity8(prevention.executionQuantity, rules),
          pL: price8(prevention.executionPrice, rules),
          pY: amount8(report.preventedQuote),
        }),
    ...where(workingUs >= 0, { W: at(workingUs, time) }),
    ...where(expiryReason !== null, { eR: expiryReason }),
  };
}

/** `executionReport`. */
export function executionReportJson(report: ExecutionReport, rules: SymbolRules, time: EventTime): string {
  const { execution } = report;
  return JSON.stringify({
    e: 'executionReport',
    E: at(time.eventUs, time),
    s: report.symbol,
    c: report.clientOrderId,
    S: report.side.toUpperCase(),
    o: report.type,
    f: report.timeInForce.toUpperCase(),
    q: quantity8(report.quantity, rules),
    p: price8(report.price, rules),
    P: price8(report.stopPrice, rules),
    F: quantity8(report.icebergQuantity, rules),
    g: report.orderListId,
    C: report.originalClientOrderId,
    x: report.executionType,
    X: report.status,
    r: report.rejectReason,
    i: report.orderId,
    l: execution === null ? ZERO : quantity8(execution.quantity, rules),
    z: quantity8(report.cumulativeQuantity, rules),
    L: execution === null ? ZERO : price8(execution.price, rules),
    n: execution === null ? '0' : amount8(execution.commission),
    N: execution === null ? null : execution.commissionAsset,
    T: at(report.timeUs, time),
    t: execution === null ? -1 : execution.tradeId,
    I: report.executionId,
    w: report.isWorking,
    m: execution !== null && execution.isMaker,
    M: execution !== null,
    O: at(report.createdUs, time),
    Z: amount8(report.cumulativeQuote),
    Y: amount8(report.lastQuote),
    Q: report.quoteOrderQuantity === null ? ZERO : amount8(report.quoteOrderQuantity),
    V: report.selfTradeMode,
    ...conditionalFields(report, rules, time),
  });
}

/** `listStatus`. */
export function listStatusJson(status: OrderListStatus, time: EventTime): string {
  return JSON.stringify({
    e: 'listStatus',
    E: at(time.eventUs, time),
    s: status.symbol,
    g: status.orderListId,
    c: status.contingencyType,
    l: status.listStatusType,
    L: status.listOrderStatus,
    r: 'NONE',
    C: status.listClientOrderId,
    T: at(status.timeUs, time),
    O: status.orders.map(({ orderId, clientOrderId }) => ({ s: status.symbol, i: orderId, c: clientOrderId })),
  });
}

/** `outboundAccountPosition`: the balances that the last command may have changed. */
export function accountPositionJson(positions: readonly AssetPosition[], updatedUs: number, time: EventTime): string {
  return JSON.stringify({
    e: 'outboundAccountPosition',
    E: at(time.eventUs, time),
    u: at(updatedUs, time),
    B: positions.map(({ asset, free, locked }) => ({ a: asset, f: amount8(free), l: amount8(locked) })),
  });
}

/** `balanceUpdate`: money came from outside the exchange, or left it (then `change` is below zero). */
export function balanceUpdateJson(asset: AssetId, change: Amount, clearedUs: number, time: EventTime): string {
  const size = amount8((change < 0n ? -change : change) as Amount);
  return JSON.stringify({
    e: 'balanceUpdate',
    E: at(time.eventUs, time),
    a: asset,
    d: change < 0n ? `-${size}` : size,
    T: at(clearedUs, time),
  });
}

/** `eventStreamTerminated`: a subscription ended, and nothing more comes on it. */
export function streamTerminatedJson(time: EventTime): string {
  return JSON.stringify({ e: 'eventStreamTerminated', E: at(time.eventUs, time) });
}
