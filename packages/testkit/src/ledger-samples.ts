import {
  ALERT_DELIVERY_STATUSES,
  EXIT_CAUSES,
  ORDER_TYPES,
  PLAIN_TERMS,
  accountId,
  amount,
  assetId,
  clientOrderId,
  fillId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
  type AlertDelivery,
  type AlertRecord,
  type Fill,
  type Instrument,
  type Order,
  type OrderStatus,
} from '@monsta/core';
import type {
  AccountState,
  Decision,
  StoredEquitySample,
  StoredFees,
  StoredPosition,
  StoredRoundTrip,
  StoredStrategy,
  StoredTrip,
  Transfer,
} from '@monsta/ports';
import fc from 'fast-check';

/** Records for tests of ledgers, each a plain valid one unless told otherwise. */
export const sampleAccount = accountId('paper:simulated');
export const sampleStrategy = strategyId('ema-cross');
export const sampleTimeUs = 1_700_000_000_000_000;

export function sampleInstrument(changes: Partial<Instrument> = {}): Instrument {
  return {
    id: instrumentId('BTCUSDT'),
    base: assetId('BTC'),
    quote: assetId('USDT'),
    tick: { units: 1, scale: 2 },
    lot: { units: 1, scale: 5 },
    quantityMin: quantity(1),
    quantityMax: quantity(900_000_000),
    marketQuantityMax: null,
    notionalMin: amount(5_000_000_000_000_000_000n),
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export function sampleOrder(id: string, changes: Partial<Order> = {}): Order {
  return {
    clientOrderId: clientOrderId(id),
    strategyId: sampleStrategy,
    instrument: instrumentId('BTCUSDT'),
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    quantity: quantity(2_000),
    limitPrice: price(6_173_763),
    ...PLAIN_TERMS,
    reduceOnly: false,
    createdUs: timestampUs(sampleTimeUs),
    venueOrderId: null,
    status: 'pending_submit',
    filledQuantity: quantity(0),
    filledNotional: amount(0n),
    reasonCode: null,
    reason: null,
    updatedUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export function sampleFill(id: string, changes: Partial<Fill> = {}): Fill {
  return {
    fillId: fillId(id),
    clientOrderId: clientOrderId('order-1'),
    venueOrderId: venueOrderId('77'),
    strategyId: sampleStrategy,
    instrument: instrumentId('BTCUSDT'),
    side: 'buy',
    price: price(6_173_763),
    quantity: quantity(1_000),
    fee: amount(617_376_300_000_000_000n),
    feeAsset: assetId('USDT'),
    liquidity: 'taker',
    tsEventUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export function sampleDecision(id: string, changes: Partial<Decision> = {}): Decision {
  return {
    id,
    accountId: sampleAccount,
    strategyId: sampleStrategy,
    instrument: instrumentId('BTCUSDT'),
    tsEventUs: timestampUs(sampleTimeUs),
    action: 'hold',
    wanted: { fast: '61737.1', slow: '61740.9' },
    prediction: null,
    risk: null,
    orders: [],
    ...changes,
  };
}

export function sampleTransfer(id: string, changes: Partial<Transfer> = {}): Transfer {
  return {
    id,
    accountId: sampleAccount,
    cause: 'deposit',
    asset: assetId('USDT'),
    amount: amount(250_000_000_000_000_000_000n),
    tsUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export function sampleState(changes: Partial<AccountState> = {}): AccountState {
  return {
    accountId: sampleAccount,
    tradingState: 'ACTIVE',
    tradingStateReason: null,
    tradingStateBy: 'system',
    peakEquity: null,
    dayStartEquity: null,
    dayStartUs: null,
    kernelState: null,
    updatedUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export const NO_STORED_FEES: StoredFees = { byAsset: {}, otherValue: '0', unvalued: {} };

export function sampleRoundTrip(id: string, changes: Partial<StoredRoundTrip> = {}): StoredRoundTrip {
  return {
    id,
    accountId: sampleAccount,
    strategyId: sampleStrategy,
    instrument: instrumentId('BTCUSDT'),
    openedUs: timestampUs(sampleTimeUs),
    closedUs: timestampUs(sampleTimeUs + 60_000_000),
    entryQuantity: '0.01',
    entryValue: '617.3763',
    entryPrice: '61737.63',
    exitQuantity: '0.01',
    exitValue: '620',
    exitPrice: '62000',
    takenAway: '0',
    realizedProfit: '1.3863237',
    profit: '1.2863237',
    fees: { byAsset: { USDT: '1.2373763', BNB: '0.0002' }, otherValue: '0.1', unvalued: {} },
    excursions: { adverse: '3.5', favourable: '4', adversePpm: 5_669, favourablePpm: 6_479 },
    fills: 2,
    exitOrderId: clientOrderId('order-2'),
    exitTag: 'stop',
    exitCause: 'stop',
    ...changes,
  };
}

export function sampleEquity(tsUs: number, changes: Partial<StoredEquitySample> = {}): StoredEquitySample {
  return {
    accountId: sampleAccount,
    tsUs: timestampUs(tsUs),
    equity: '10000',
    cash: '9000',
    exposure: '1000',
    deposits: '0',
    growth: '1',
    byStrategy: { 'ema-cross': { realized: '-1.5', unrealized: '0.25' } },
    ...changes,
  };
}

export function sampleStoredStrategy(changes: Partial<StoredStrategy> = {}): StoredStrategy {
  return {
    accountId: sampleAccount,
    strategyId: sampleStrategy,
    name: 'ema-cross',
    status: 'running',
    reason: null,
    parameters: { fast: 12 },
    configuredParameters: { fast: 12 },
    state: {},
    timers: [],
    causes: [],
    updatedUs: timestampUs(sampleTimeUs),
    ...changes,
  };
}

export function sampleAlert(id: string, changes: Partial<AlertRecord> = {}): AlertRecord {
  return {
    id,
    tsUs: timestampUs(sampleTimeUs),
    kind: 'fill',
    severity: 'info',
    title: 'BTCUSDT bought',
    text: '0.01 BTC at 61737.63',
    details: { quantity: '0.01' },
    deliveries: [],
    ...changes,
  };
}

/** Any text. fast-check's own of all code points makes a table of them when it is built: a second for every file that reads this one. */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc
    .array(fc.integer({ min: 0, max: 0x10_ff_ff }), { maxLength: 12 })
    .map((points) => String.fromCodePoint(...points).toWellFormed()),
);
const safe = fc.maxSafeNat();
const money = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(amount);
const time = safe.map(timestampUs);
const decimalText = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 999_999 }))
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(6, '0')}`);
const side = fc.constantFrom('buy' as const, 'sell' as const);
const STATUSES: readonly OrderStatus[] = [
  'pending_submit',
  'accepted',
  'partially_filled',
  'pending_cancel',
  'filled',
  'canceled',
  'expired',
  'rejected',
  'denied',
];

/** Any order, with every number in its whole range. */
export const anyOrder: fc.Arbitrary<Order> = fc.record({
  clientOrderId: fc.uuid().map(clientOrderId),
  strategyId: text.map(strategyId),
  instrument: fc.constant(instrumentId('BTCUSDT')),
  side,
  type: fc.constantFrom(...ORDER_TYPES),
  timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
  quantity: safe.map(quantity),
  limitPrice: fc.option(safe.map(price)),
  stopPrice: fc.option(safe.map(price)),
  trailingBps: fc.option(fc.nat({ max: 10_000 })),
  icebergQuantity: fc.option(safe.map(quantity)),
  listId: fc.option(fc.uuid().map(clientOrderId)),
  tag: fc.option(text),
  decisionPrice: fc.option(safe.map(price)),
  reduceOnly: fc.boolean(),
  createdUs: time,
  venueOrderId: fc.option(text.map(venueOrderId)),
  status: fc.constantFrom(...STATUSES),
  filledQuantity: safe.map(quantity),
  filledNotional: money,
  reasonCode: fc.option(text),
  reason: fc.option(text),
  updatedUs: time,
});

export const anyFill: fc.Arbitrary<Fill> = fc.record({
  fillId: fc.uuid().map(fillId),
  clientOrderId: fc.uuid().map(clientOrderId),
  venueOrderId: text.map(venueOrderId),
  strategyId: text.map(strategyId),
  instrument: fc.constant(instrumentId('BTCUSDT')),
  side,
  price: safe.map(price),
  quantity: safe.map(quantity),
  fee: money,
  feeAsset: text.map(assetId),
  liquidity: fc.constantFrom('maker' as const, 'taker' as const),
  tsEventUs: time,
});

export const anyDecision: fc.Arbitrary<Decision> = fc.record({
  id: fc.uuid(),
  accountId: fc.constant(sampleAccount),
  strategyId: text.map(strategyId),
  instrument: fc.option(fc.constant(instrumentId('BTCUSDT')), { nil: null }),
  tsEventUs: time,
  action: text,
  wanted: fc.jsonValue({ stringUnit: 'grapheme' }),
  prediction: fc.jsonValue(),
  risk: fc.jsonValue(),
  orders: fc.array(fc.uuid().map(clientOrderId), { maxLength: 3 }),
});

export const anyTransfer: fc.Arbitrary<Transfer> = fc.record({
  id: fc.uuid(),
  accountId: fc.constant(sampleAccount),
  cause: fc.constantFrom('deposit' as const, 'withdrawal' as const, 'conversion' as const, 'unexplained' as const),
  asset: text.map(assetId),
  amount: money,
  tsUs: time,
});

const anyFees: fc.Arbitrary<StoredFees> = fc.record({
  byAsset: fc.dictionary(fc.uuid(), decimalText, { maxKeys: 3 }),
  otherValue: decimalText,
  unvalued: fc.dictionary(fc.uuid(), decimalText, { maxKeys: 3 }),
});

const tripFields = {
  openedUs: time,
  entryQuantity: decimalText,
  entryValue: decimalText,
  exitQuantity: decimalText,
  exitValue: decimalText,
  takenAway: decimalText,
  realizedProfit: decimalText,
  fees: anyFees,
  excursions: fc.record({ adverse: decimalText, favourable: decimalText, adversePpm: safe, favourablePpm: safe }),
  fills: fc.nat(),
};
const anyTrip: fc.Arbitrary<StoredTrip> = fc.record(tripFields);

export const anyRoundTrip: fc.Arbitrary<StoredRoundTrip> = fc.record({
  ...tripFields,
  id: fc.uuid(),
  accountId: fc.constant(sampleAccount),
  strategyId: text.map(strategyId),
  instrument: fc.constant(instrumentId('BTCUSDT')),
  closedUs: time,
  entryPrice: fc.option(decimalText),
  exitPrice: fc.option(decimalText),
  profit: fc.option(decimalText),
  exitOrderId: fc.option(fc.uuid().map(clientOrderId)),
  exitTag: fc.option(text),
  exitCause: fc.option(fc.constantFrom(...EXIT_CAUSES)),
});

export const anyEquitySample: fc.Arbitrary<StoredEquitySample> = fc.record({
  accountId: fc.constant(sampleAccount),
  tsUs: time,
  equity: decimalText,
  cash: decimalText,
  exposure: decimalText,
  deposits: decimalText,
  growth: decimalText,
  byStrategy: fc.dictionary(fc.uuid(), fc.record({ realized: decimalText, unrealized: decimalText }), { maxKeys: 3 }),
});

export const anyStrategy: fc.Arbitrary<StoredStrategy> = fc.record({
  accountId: fc.constant(sampleAccount),
  strategyId: fc.uuid().map(strategyId),
  name: text,
  status: fc.constantFrom('running' as const, 'reducing' as const, 'paused' as const, 'failed' as const),
  reason: fc.option(text),
  parameters: fc.jsonValue(),
  configuredParameters: fc.jsonValue(),
  state: fc.jsonValue(),
  timers: fc.jsonValue(),
  causes: fc.jsonValue(),
  updatedUs: time,
});

const anyDelivery: fc.Arbitrary<AlertDelivery> = fc.record({
  channel: text,
  status: fc.constantFrom(...ALERT_DELIVERY_STATUSES),
  tsUs: time,
  reason: fc.option(text),
});

export const anyAlert: fc.Arbitrary<AlertRecord> = fc.record({
  id: fc.uuid(),
  tsUs: time,
  kind: fc.constantFrom('fill' as const, 'halt' as const, 'daily_summary' as const, 'test' as const),
  severity: fc.constantFrom('info' as const, 'warning' as const, 'critical' as const),
  title: text,
  text,
  details: fc.jsonValue(),
  deliveries: fc.array(anyDelivery, { maxLength: 3 }),
});

export const anyPosition: fc.Arbitrary<StoredPosition> = fc.record({
  accountId: fc.constant(sampleAccount),
  strategyId: fc.uuid().map(strategyId),
  instrument: fc.constant(instrumentId('BTCUSDT')),
  quantity: decimalText,
  costBasis: decimalText,
  realizedProfit: decimalText,
  feesPaid: decimalText,
  fees: anyFees,
  openedUs: fc.option(time),
  trip: fc.option(anyTrip),
  updatedUs: time,
});

export const anyState: fc.Arbitrary<AccountState> = fc.record({
  accountId: fc.constant(sampleAccount),
  tradingState: fc.constantFrom('ACTIVE' as const, 'REDUCING' as const, 'HALTED' as const),
  tradingStateReason: fc.option(text),
  tradingStateBy: fc.constantFrom('user' as const, 'risk' as const, 'system' as const),
  peakEquity: fc.option(decimalText),
  dayStartEquity: fc.option(decimalText),
  dayStartUs: fc.option(time),
  kernelState: fc.jsonValue(),
  updatedUs: time,
});

/** Any amounts of assets that differ. */
export const anyBalances = fc.uniqueArray(fc.record({ asset: fc.uuid().map(assetId), free: money, locked: money }), {
  maxLength: 5,
  selector: ({ asset }) => asset,
});
