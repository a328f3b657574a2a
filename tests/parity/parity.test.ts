import { expectOk, quantity, strategyId, type Order } from '@monsta/core';
import { parseParameters, SHIPPED_STRATEGIES, type ConfiguredStrategy } from '@monsta/trading';
import { expect, test } from 'vitest';
import { byLoop, byRole, sha256Of, type Run } from './both-ways.ts';
import { everyOrderStrategy } from './every-order.ts';
import { generatedTape, INSTRUMENTS } from './generated-tape.ts';

/** So quick that each of them trades within the tape. */
const QUICK: Readonly<Record<string, object>> = {
  'buy-and-hold': {},
  'sma-cross': { fast: 2, slow: 5 },
  'ema-cross': { fast: 2, slow: 4 },
  'rsi-reversal': { period: 2, oversold: 50, exit: 60, stop: 0.01, interval: '1m' },
  'bollinger-breakout': { period: 8, width: 0.5, trailingBps: 40, interval: '1m' },
  grid: { levels: 3, spacing: 0.001, interval: '1m' },
  dca: { amount: 40, everyHours: 0.05 },
  'volatility-target': { period: 5, interval: '1m' },
};

/** It acts on predictions alone, and a tape made up here has none: nothing would be compared. */
const NEEDS_A_MODEL = 'model-driven';

function shipped(name: string): ConfiguredStrategy {
  const definition = SHIPPED_STRATEGIES.find((each) => each.name === name);
  if (definition === undefined) throw new RangeError(`no shipped strategy is called ${name}`);
  const parameters = expectOk(parseParameters(definition, QUICK[name] ?? null));
  return { id: strategyId(name), definition, parameters, instruments: INSTRUMENTS.map(({ id }) => id) };
}

/** Runs it both ways, and finds the same; what was done by the loop. */
async function same(run: Run) {
  const [loop, role] = [byLoop(run), await byRole(run)];
  const terms = (order: Order) => ({ ...order, clientOrderId: null, listId: order.listId !== null });
  expect(role.orders.map(terms)).toEqual(loop.orders.map(terms));
  expect(role.fills).toEqual(loop.fills);
  expect(sha256Of(role)).toBe(sha256Of(loop));
  return loop;
}

const NO_LOCKS = { risk: { staleAfterMs: 120_000, lossCooldownMs: 0 } };

test('every shipped strategy is run both ways, but the one that needs a model', () => {
  expect([...Object.keys(QUICK), NEEDS_A_MODEL].toSorted()).toEqual(
    SHIPPED_STRATEGIES.map(({ name }) => name).toSorted(),
  );
});

test.each(Object.keys(QUICK))(
  '%s does the same on the tape as it did in the paper run',
  async (name) => {
    const tape = generatedTape(11, 30);
    const { orders, fills } = await same({
      ...{ tape, instruments: INSTRUMENTS, strategies: () => [shipped(name)], role: NO_LOCKS },
    });
    expect(orders.length).toBeGreaterThan(1);
    expect(fills.length).toBeGreaterThan(1);
  },
  120_000,
);

test('every kind of order goes the same ways, to the lot, the fee and the microsecond', async () => {
  const tape = generatedTape(12, 40);
  const run = { tape, instruments: INSTRUMENTS, strategies: () => [everyOrderStrategy()], role: NO_LOCKS };
  const { orders, fills } = await same(run);
  const kinds = orders.flatMap(({ type, timeInForce, icebergQuantity, trailingBps, listId, tag }) => [
    ...[
      type,
      timeInForce,
      ...(icebergQuantity === null ? [] : ['iceberg']),
      ...(trailingBps === null ? [] : ['trailing']),
    ],
    ...[...(listId === null ? [] : ['list']), ...(tag?.startsWith('twap:') === true ? ['twap'] : [])],
  ]);
  const wanted = [
    'market',
    'limit',
    'limit_maker',
    'stop_loss_limit',
    'gtc',
    'ioc',
    'fok',
    'iceberg',
    'trailing',
    'list',
    'twap',
  ];
  expect(wanted.filter((kind) => !kinds.includes(kind))).toEqual([]);
  const ends = new Set(orders.map(({ status }) => status));
  expect(['filled', 'canceled', 'expired'].filter((end) => !ends.has(end as never))).toEqual([]);
  expect(new Set(fills.map(({ liquidity }) => liquidity))).toEqual(new Set(['maker', 'taker']));
}, 240_000);

test('late orders meet the same later prices, and several strategies on one account leave each other the same', async () => {
  const tape = generatedTape(13, 20);
  const strategies = () => [everyOrderStrategy(), shipped('grid'), shipped('dca')];
  const paper = { orderLatencyMs: 350, restingFills: 'queue-probable', slippage: 'square-root', feeAsset: 'quote' };
  const { fills } = await same({ tape, instruments: INSTRUMENTS, strategies, role: NO_LOCKS, paper });
  expect(fills.length).toBeGreaterThan(10);
}, 240_000);

test('a difference of one lot, or of one word of a decision, is another hash', () => {
  const run = { instruments: INSTRUMENTS, strategies: () => [shipped('dca')], tape: generatedTape(11, 20) };
  const records = byLoop(run);
  const [fill] = records.fills;
  const [decision] = records.decisions;
  if (fill === undefined || decision === undefined) throw new Error('nothing was filled');
  const hash = sha256Of(records);
  expect(sha256Of(byLoop(run))).toBe(hash);
  const more = { ...fill, quantity: quantity(fill.quantity + 1) };
  expect(sha256Of({ ...records, fills: [more, ...records.fills.slice(1)] })).not.toBe(hash);
  const other = { ...decision, wanted: 'something else' };
  expect(sha256Of({ ...records, decisions: [other, ...records.decisions.slice(1)] })).not.toBe(hash);
  expect(sha256Of(byLoop({ ...run, tape: run.tape.slice(0, -400) }))).not.toBe(hash);
});
