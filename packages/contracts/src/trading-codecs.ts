import {
  baseAmount,
  divide,
  formatAmount,
  formatPrice,
  formatQuantity,
  formatUnitsShort,
  msFromUs,
  notional,
  usFromMs,
  type Alert,
  type AlertRecord,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Order,
  type TimestampUs,
} from '@monsta/core';
import type {
  AlertMessage,
  AlertRecordMessage,
  DecisionMessage,
  FillMessage,
  OrderMessage,
  PredictionMessage,
} from './schemas.ts';

const AVERAGE_SCALE = 8;

/** Σ price × quantity ÷ Σ quantity, rounded half-even to 8 digits for display; null before the first fill. */
function averagePrice(order: Pick<Order, 'filledQuantity' | 'filledNotional'>, instrument: Instrument): string | null {
  if (order.filledQuantity === 0) return null;
  const filled = baseAmount(order.filledQuantity, instrument);
  const units = divide(order.filledNotional * 10n ** BigInt(AVERAGE_SCALE), filled, 'half-even');
  return formatUnitsShort(units, AVERAGE_SCALE);
}

/**
 * (average fill price − decision price) ÷ decision price × 10,000, its sign turned for a sale: what was lost on the way from decision to fill, in basis points
 * (implementation shortfall, A. Perold 1988, of the filled part and without fees). Null before the first fill, and where the decision price is unknown.
 */
export function slippageBps(
  order: Pick<Order, 'side' | 'filledQuantity' | 'filledNotional' | 'decisionPrice'>,
  instrument: Instrument,
): number | null {
  const { decisionPrice, filledQuantity, filledNotional, side } = order;
  if (decisionPrice === null || decisionPrice === 0 || filledQuantity === 0) return null;
  const decided = notional(decisionPrice, filledQuantity, instrument);
  const hundredths = divide((filledNotional - decided) * 1_000_000n, decided, 'half-even');
  return Number(side === 'buy' ? hundredths : -hundredths) / 100;
}

export function encodeOrder(order: Order, instrument: Instrument): OrderMessage {
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    strategyId: order.strategyId,
    instrument: order.instrument,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    quantity: formatQuantity(order.quantity, instrument),
    limitPrice: order.limitPrice === null ? null : formatPrice(order.limitPrice, instrument),
    stopPrice: order.stopPrice === null ? null : formatPrice(order.stopPrice, instrument),
    trailingBps: order.trailingBps,
    icebergQuantity: order.icebergQuantity === null ? null : formatQuantity(order.icebergQuantity, instrument),
    listId: order.listId,
    tag: order.tag,
    decisionPrice: order.decisionPrice === null ? null : formatPrice(order.decisionPrice, instrument),
    slippageBps: slippageBps(order, instrument),
    reduceOnly: order.reduceOnly,
    status: order.status,
    filledQuantity: formatQuantity(order.filledQuantity, instrument),
    averagePrice: averagePrice(order, instrument),
    reasonCode: order.reasonCode,
    reason: order.reason,
    createdMs: msFromUs(order.createdUs),
    updatedMs: msFromUs(order.updatedUs),
  };
}

export function encodeFill(fill: Fill, instrument: Instrument): FillMessage {
  return {
    fillId: fill.fillId,
    clientOrderId: fill.clientOrderId,
    strategyId: fill.strategyId,
    instrument: fill.instrument,
    side: fill.side,
    price: formatPrice(fill.price, instrument),
    quantity: formatQuantity(fill.quantity, instrument),
    fee: formatAmount(fill.fee),
    feeAsset: fill.feeAsset,
    liquidity: fill.liquidity,
    timeMs: msFromUs(fill.tsEventUs),
  };
}

/** `decision` has the form of the ledger's `Decision`. */
export function encodeDecision(decision: {
  readonly id: string;
  readonly strategyId: string;
  readonly instrument: InstrumentId | null;
  readonly tsEventUs: TimestampUs;
  readonly action: string;
  readonly wanted: unknown;
  readonly prediction: unknown;
  readonly risk: unknown;
  readonly orders: readonly string[];
}): DecisionMessage {
  return {
    id: decision.id,
    strategyId: decision.strategyId,
    instrument: decision.instrument,
    timeMs: msFromUs(decision.tsEventUs),
    action: decision.action,
    wanted: decision.wanted,
    prediction: decision.prediction,
    risk: decision.risk,
    orders: [...decision.orders],
  };
}

type ScoreMessage = NonNullable<PredictionMessage['score']>;
type QualityMessage = NonNullable<ScoreMessage['calibration']>['before'];

interface Quality extends Omit<QualityMessage, 'bins'> {
  readonly bins: readonly QualityMessage['bins'][number][];
}

/** A model's score, its reliability bins included, as the ports have it. */
export interface ScoreValue extends Omit<ScoreMessage, 'calibration'> {
  readonly calibration:
    | (Omit<NonNullable<ScoreMessage['calibration']>, 'before' | 'after'> & {
        readonly before: Quality;
        readonly after: Quality;
      })
    | null;
}

const encodeQuality = (quality: Quality): QualityMessage => ({ ...quality, bins: [...quality.bins] });

export function encodeScore({ calibration, ...score }: ScoreValue): ScoreMessage {
  if (calibration === null) return { ...score, calibration };
  const { before, after, ...fitted } = calibration;
  return { ...score, calibration: { ...fitted, before: encodeQuality(before), after: encodeQuality(after) } };
}

/** `prediction` has the form of the model server's `Prediction`. */
export function encodePrediction(prediction: {
  readonly instrument: InstrumentId;
  readonly model: string;
  readonly interval: Interval;
  readonly horizonMs: number;
  readonly tsEventUs: TimestampUs;
  readonly probabilityUp: number | null;
  readonly rawProbabilityUp: number | null;
  readonly calibrated: boolean;
  readonly score: ScoreValue | null;
  readonly hasVote: boolean;
  readonly trainedAtUs: TimestampUs | null;
  readonly absence: PredictionMessage['absence'];
}): PredictionMessage {
  return {
    instrument: prediction.instrument,
    model: prediction.model,
    interval: prediction.interval,
    horizonMs: prediction.horizonMs,
    timeMs: msFromUs(prediction.tsEventUs),
    probabilityUp: prediction.probabilityUp,
    rawProbabilityUp: prediction.rawProbabilityUp,
    calibrated: prediction.calibrated,
    score: prediction.score === null ? null : encodeScore(prediction.score),
    hasVote: prediction.hasVote,
    trainedAtMs: prediction.trainedAtUs === null ? null : msFromUs(prediction.trainedAtUs),
    absence: prediction.absence,
  };
}

export function encodeAlert({ id, kind, severity, tsUs, title, text, details }: Alert): AlertMessage {
  return { id, kind, severity, timeMs: msFromUs(tsUs), title, text, details };
}

/** An alert from its message; the rest of a millisecond is lost. */
export function decodeAlert({ timeMs, id, kind, severity, title, text, details }: AlertMessage): Alert {
  return { id, tsUs: usFromMs(timeMs), kind, severity, title, text, details };
}

export function encodeAlertRecord(alert: AlertRecord): AlertRecordMessage {
  const deliveries = alert.deliveries.map(({ channel, status, tsUs, reason }) => ({
    channel,
    status,
    timeMs: msFromUs(tsUs),
    reason,
  }));
  return { ...encodeAlert(alert), deliveries };
}
