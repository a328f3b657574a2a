import {
  internalSubjects,
  topics,
  type StrategyMessage,
  type TradingAction,
  type TradingReply,
} from '@monsta/contracts';
import { expectOk, ok } from '@monsta/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import type { Cut } from './power.ts';
import { scripted, World, type Life } from './world.ts';

const ORDER = {
  requestId: 'r1',
  instrument: 'BTCUSDT',
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  quantity: '0.01',
  limitPrice: null,
  stopPrice: null,
  stopLimitPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  exit: null,
  reason: 'by hand',
} as const;

let asked = 0;
/** Asks as the gateway does; the reply, null where the program died before it gave one. */
async function ask(world: World, life: Life, action: TradingAction): Promise<TradingReply | null> {
  asked += 1;
  const id = `c${asked}`;
  const tsEventUs = world.tape.clock.nowUs();
  expectOk(life.stream.publish(internalSubjects.tradingCommands, { id, actor: 'ann', action }, { tsEventUs }));
  await world.quiet(life);
  const replies = (life.published.get(internalSubjects.tradingReplies) ?? []) as TradingReply[];
  return replies.find((reply) => reply.id === id) ?? null;
}

async function begin(cut: Cut | null = null): Promise<{ world: World; life: Life; again: () => Promise<Life> }> {
  const world = new World();
  let last: Life | null = null;
  const again = async (): Promise<Life> => {
    await last?.kill();
    last = await world.live([scripted([])]);
    await world.start(last);
    return last;
  };
  last = cut === null ? null : await world.live([scripted([])], { cut });
  onTestFinished(async () => {
    await last?.kill();
    world.remove();
  });
  if (last !== null) await world.start(last);
  const life = last ?? (await again());
  await world.minute(life, 6_000_000);
  return { world, life, again };
}

test('a manual order goes through risk, the venue and the ledger, and its position is closed again', async () => {
  const { world, life } = await begin();
  const placed = await ask(world, life, { kind: 'place-order', order: ORDER });
  expect(placed).toMatchObject({ error: null, repeated: false });
  await world.minute(life, 6_000_000);
  expect((await verifyAgreement(life)).orders).toMatchObject([
    { clientOrderId: placed?.orders[0], strategyId: 'manual', status: 'filled' },
  ]);
  const closed = await ask(world, life, {
    kind: 'close-position',
    strategyId: 'manual',
    instrument: 'BTCUSDT',
    reason: null,
  });
  expect(closed?.error).toBeNull();
  await world.minute(life, 6_000_000);
  const { orders, decisions } = await verifyAgreement(life);
  expect(orders.map(({ side, tag, status }) => `${side} ${tag} ${status}`)).toEqual([
    'sell person/close filled',
    'buy manual filled',
  ]);
  const commands = decisions.filter(({ action }) => action === 'command');
  expect(commands.map(({ wanted, risk }) => ({ ...(wanted as object), ...(risk as object) }))).toMatchObject([
    { command: 'close-position', actor: 'ann', result: 'done' },
    { command: 'place-order', actor: 'ann', reason: 'by hand', result: 'done' },
  ]);
});

test('a denial is answered with its rule and is in the ledger, which holds no order', async () => {
  const { world, life } = await begin();
  const denied = await ask(world, life, { kind: 'place-order', order: { ...ORDER, quantity: '1' } });
  expect(denied?.error).toMatchObject({ code: 'order_denied', details: { rule: 'position_max' } });
  const { orders, decisions } = await verifyAgreement(life);
  expect(orders).toEqual([]);
  expect(decisions.find(({ action }) => action === 'command')?.risk).toMatchObject({
    result: 'denied',
    rule: 'position_max',
  });
});

test('a paused strategy is told as paused, and is as it was when it is started again', async () => {
  const { world, life } = await begin();
  const said: StrategyMessage[][] = [];
  expectOk(
    life.stream.subscribe({
      subject: topics.strategies,
      queueMax: 100,
      overflow: 'end',
      onMessage: ({ payload }) => void said.push(payload as StrategyMessage[]),
    }),
  );
  for (const state of ['paused', 'running'] as const) {
    expect(
      await ask(world, life, { kind: 'set-strategy', strategyId: 'scripted', state, reason: 'news' }),
    ).toMatchObject({ error: null });
    await world.minute(life, 6_000_000);
    expect(said.at(-1)).toMatchObject([{ id: 'scripted', status: state, instruments: ['BTCUSDT'], intervals: ['1m'] }]);
  }
});

describe('the power fails between a command and its reply', () => {
  const steps = ['commit', 'submit', 'paper-append', 'paper-sync', 'event'] as const;
  test.each(
    steps.flatMap((step) =>
      (['before', 'after'] as const).flatMap((when) => [0, 1].map((nth) => [when, step, nth] as const)),
    ),
  )(
    '%s %s %i: asked again with its id after the restart, the order is there once',
    { timeout: 60_000 },
    async (when, step, nth) => {
      const counting = await begin();
      const calls = counting.life.power.calls(step);
      const { world, life, again } = await begin({ step, call: calls + nth, when });
      const before = await ask(world, life, { kind: 'place-order', order: ORDER });
      await world.minute(life, 6_000_000);
      const next = await again();
      await world.minute(next, 6_000_000);
      const after = await ask(world, next, { kind: 'place-order', order: ORDER });
      expect(after?.error).toBeNull();
      if (before !== null) expect(after).toMatchObject({ repeated: true, orders: before.orders });
      await world.minute(next, 6_000_000);
      const { orders, fills } = await verifyAgreement(next);
      // An order that never reached the venue ends as never arrived: it is known, and never sent a second time.
      expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(after?.orders);
      expect(orders[0]?.status).toMatch(/^(filled|rejected)$/);
      expect(fills.length).toBeLessThanOrEqual(1);
    },
  );
});

test('a command that comes before trading is live is refused, with a line in the log', async () => {
  const world = new World();
  const silent = { ...world.tape.history(), venueTimeUs: () => Promise.resolve(ok(null)) };
  const life = await world.live([scripted([])], { history: silent });
  onTestFinished(async () => {
    await life.kill();
    world.remove();
  });
  expectOk(await life.role.start());
  expect(await ask(world, life, { kind: 'place-order', order: ORDER })).toMatchObject({
    error: { code: 'not_ready' },
    orders: [],
  });
  expect(life.telemetry.records).toContainEqual(
    expect.objectContaining({
      message: 'a command was refused',
      fields: expect.objectContaining({ code: 'not_ready', command: 'place-order', actor: 'ann' }) as object,
    }),
  );
});
