import type { StoredPosition } from '@monsta/ports';
import { internalSubjects, topics, type TradingCommand } from '@monsta/contracts';
import {
  amount,
  clientOrderId,
  expectOk,
  fillId,
  price,
  quantity,
  timestampUs,
  traceIdOf,
  venueOrderId,
  type Balance,
} from '@monsta/core';
import { afterEach, expect, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { SharedAccount } from './shared-account.ts';
import { ACCOUNT, BTC, scripted, World, type Life } from './world.ts';

const worlds: World[] = [];
const lives: Life[] = [];
afterEach(async () => {
  for (const life of lives.splice(0)) await life.kill();
  for (const world of worlds.splice(0)) world.remove();
});

async function begin(
  ...parameters: Parameters<World['live']>
): Promise<{ readonly world: World; readonly life: Life }> {
  const world = new World();
  worlds.push(world);
  const life = await world.live(...parameters);
  lives.push(life);
  expectOk(await world.start(life));
  return { world, life };
}

test('books reach the paper venue now and then, and an order walks their levels', async () => {
  const { world, life } = await begin([scripted([null, 1])]);
  const { clock } = world.tape;
  await world.minute(life, 6_000_000);
  const inputs = (): number => life.telemetry.value('monsta_trading_inputs_total', { input: 'market' }) ?? 0;
  const before = inputs();
  const levels = [
    [6_000_000, 1_000],
    [6_010_000, 1_000_000],
  ] as const;
  for (let tenth = 0; tenth < 30; tenth += 1) {
    await clock.advance(100);
    world.tape.publishBook(life.stream, [[5_999_000, 500]], levels);
  }
  await world.quiet(life);
  expect(inputs() - before).toBe(3);
  await clock.advance(57_000);
  world.tape.closeBar(life.stream, 6_000_000);
  await world.quiet(life);
  const { fills } = await verifyAgreement(life);
  // Beyond the touch by half a basis point each.
  expect(
    fills.map((fill) => [fill.price, fill.quantity]).toSorted(([left], [right]) => (left ?? 0) - (right ?? 0)),
  ).toEqual([
    [6_000_300, 1_000],
    [6_010_301, 583],
  ]);
});

test('a bar becomes a decision, an order, a fill and a position, durable and published', async () => {
  const { world, life } = await begin([scripted([1, null, 0])]);
  await world.minute(life, 6_000_000);
  await world.minute(life, 6_030_000);
  await world.minute(life, 6_060_000);
  const { orders, fills, decisions } = await verifyAgreement(life);
  expect(orders.map(({ side, status }) => `${side} ${status}`)).toEqual(['sell filled', 'buy filled']);
  expect(fills).toHaveLength(2);
  expect(decisions.map(({ action }) => action)).toEqual(['exit', 'hold', 'enter']);
  expect(life.published.get(topics.decisions)).toHaveLength(3);
  expect(life.published.get(topics.fills)).toMatchObject([
    { side: 'buy', feeAsset: 'BTC' },
    { side: 'sell', feeAsset: 'USDT' },
  ]);
  await world.tape.clock.advance(6_000);
  expect(life.published.get(topics.account)?.at(-1)).toMatchObject({
    accountId: ACCOUNT,
    kind: 'paper',
    origin: 'simulated',
    quoteAsset: 'USDT',
  });
  const last = life.published.get(topics.positions)?.at(-1);
  expect(last).toMatchObject([{ strategyId: 'scripted', instrument: 'BTCUSDT', openedMs: null }]);
  expect(life.fatal).toEqual([]);
});

test('what follows from a bar carries its trace, outcomes of its orders included', async () => {
  const { world, life } = await begin([scripted([1, null, 0])]);
  const traces: (string | null)[] = [];
  const listen = (subject: string): void => {
    expectOk(
      life.stream.subscribe({
        subject,
        queueMax: 100,
        overflow: 'end',
        onMessage: ({ traceparent }) => void traces.push(traceIdOf(traceparent)),
      }),
    );
  };
  for (const subject of [topics.bars(BTC.id, '1m'), topics.decisions, topics.orders, topics.fills]) listen(subject);
  await world.minute(life, 6_000_000);
  expect(life.published.get(topics.fills)).toHaveLength(1);
  expect(traces.length).toBeGreaterThanOrEqual(5);
  expect(traces[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(traces).size).toBe(1);
});

type StateChange = Extract<TradingCommand['action'], { kind: 'set-state' }>;

const command = ({ id = 'c1', ...part }: Partial<StateChange> & { readonly id?: string }): TradingCommand => ({
  id,
  actor: 'tester',
  action: { kind: 'set-state', state: 'HALTED', reason: 'looks wrong', flatten: false, ...part },
});

test('the kill switch flattens, is answered once durable, and holds over a restart until a person resumes', async () => {
  const { world, life } = await begin([scripted([1, 1, 1, 1])]);
  await world.minute(life, 6_000_000);
  const send = async (to: Life, part: Parameters<typeof command>[0]): Promise<void> => {
    expectOk(
      to.stream.publish(internalSubjects.tradingCommands, command(part), { tsEventUs: world.tape.clock.nowUs() }),
    );
    await world.quiet(to);
  };
  await send(life, { flatten: true });
  expect(life.published.get(internalSubjects.tradingReplies)).toMatchObject([
    { id: 'c1', error: null, state: { state: 'HALTED', by: 'user', reason: 'looks wrong' } },
  ]);
  expect((await verifyAgreement(life)).orders.map(({ side }) => side)).toEqual(['sell', 'buy']);
  await life.kill();

  const again = await world.live([scripted([1, 1, 1, 1])]);
  lives.push(again);
  expectOk(await world.start(again));
  await world.minute(again, 6_000_000);
  expect((await verifyAgreement(again)).decisions[0]).toMatchObject({
    action: 'not_trading',
    risk: { rule: 'trading_state' },
  });
  await send(again, { id: 'c2', state: 'ACTIVE', reason: 'looked, all well' });
  await world.minute(again, 6_000_000);
  const { decisions, orders } = await verifyAgreement(again);
  expect(decisions[0]).toMatchObject({ action: 'enter' });
  expect(orders).toHaveLength(3);
});

test('warms up from the history, decides nothing of what closed while it was down, and each live bar once', async () => {
  const world = new World();
  worlds.push(world);
  for (let minute = 0; minute < 3; minute += 1) await world.minute(null, 6_000_000);
  const life = await world.live([scripted([], 3)]);
  expectOk(await world.start(life));
  await world.minute(life, 6_000_000);
  expect((await verifyAgreement(life)).decisions.map(({ action }) => action)).toEqual(['hold']);
  await life.kill();
  for (let minute = 0; minute < 2; minute += 1) await world.minute(null, 6_000_000);
  const again = await world.live([scripted([], 3)]);
  lives.push(again);
  expectOk(await world.start(again));
  await world.minute(again, 6_000_000);
  const ids = (await verifyAgreement(again)).decisions.map(({ id, action }) => `${id.split(':').at(-1)} ${action}`);
  expect(ids).toEqual([`${1_723_075_200_000 + 6 * 60_000} hold`, `${1_723_075_200_000 + 3 * 60_000} hold`]);
});

test('bars that were lost on the way are fetched from the history, so that the window does not break', async () => {
  const { world, life } = await begin([scripted([], 3)]);
  for (let minute = 0; minute < 3; minute += 1) await world.minute(life, 6_000_000);
  await world.minute(null, 6_000_000);
  await world.minute(life, 6_000_000);
  expect((await verifyAgreement(life)).decisions.map(({ action }) => action)).toEqual([
    'hold',
    'hold',
    'warm_up',
    'warm_up',
  ]);
});

test('silence of the market allows only exits, and lifts when it speaks again', async () => {
  const { world, life } = await begin([scripted([])]);
  await world.minute(life, 6_000_000);
  await world.tape.clock.advance(70_000);
  await world.quiet(life);
  expect(life.published.get(topics.tradingState)?.at(-1)).toMatchObject({ state: 'REDUCING', by: 'system' });
  world.tape.publishQuote(life.stream);
  await world.quiet(life);
  expect(life.published.get(topics.tradingState)?.at(-1)).toMatchObject({ state: 'ACTIVE' });
});

test('a queue that overflows says so, allows only exits, and recovers', async () => {
  const { world, life } = await begin([scripted([1])], { config: { queueMax: 100, risk: { staleAfterMs: 120_000 } } });
  await world.minute(life, 6_000_000);
  // The bar's decision is being made durable while more trades than the queue holds arrive.
  await world.tape.clock.advance(60_000);
  world.tape.closeBar(life.stream, 6_000_000);
  for (let count = 0; count < 900; count += 1) world.tape.trade(life.stream, 6_000_000);
  await world.quiet(life);
  await verifyAgreement(life);
  expect(life.telemetry.value('monsta_trading_lost_inputs_total')).toBeGreaterThan(0);
  const states = life.published.get(topics.tradingState) as readonly {
    readonly state: string;
    readonly reason: string | null;
  }[];
  expect(
    states.some(({ state, reason }) => state === 'REDUCING' && reason?.includes('does not keep up') === true),
  ).toBe(true);
  expect(states.at(-1)).toMatchObject({ state: 'ACTIVE' });
  expect(life.fatal).toEqual([]);
  expect(life.role.readiness().ready).toBe(true);
});

test('a ledger that fails for good stops trading, says so, and sends nothing of what was not durable', async () => {
  const { world, life } = await begin([scripted([1])]);
  await life.ledger.close();
  await world.minute(life, 6_000_000);
  await world.until(() => life.fatal.length > 0, 'the fault');
  expect(life.role.readiness()).toMatchObject({ ready: false });
  expect(expectOk(await life.venue.openOrders())).toEqual([]);
  expect(life.power.calls('submit')).toBe(0);
});

test('drains: takes no more bars, waits for outcomes, and leaves resting orders resting', async () => {
  const { world, life } = await begin([scripted([{ share: 1, limitPrice: 59_000 }, 1, 1])]);
  await world.minute(life, 6_000_000);
  const draining = life.role.drain();
  await world.until(() => true, 'nothing');
  await world.tape.clock.advance(100);
  await draining;
  await world.minute(life, 6_000_000);
  const { orders, decisions } = await verifyAgreement(life);
  expect(orders.map(({ status }) => status)).toEqual(['accepted']);
  expect(decisions).toHaveLength(1);
  await life.role.stop();
});

test.each([
  ['keep-protective', ['canceled', 'accepted']],
  ['cancel-all', ['canceled', 'canceled']],
  ['keep-all', ['accepted', 'accepted']],
] as const)(
  'a stop that is to %s leaves an entry and an exit as it says, and knows that it did',
  async (onStop, ends) => {
    const entering = scripted([1, { share: 0, limitPrice: 66_000 }], 1, 'first');
    const waiting = scripted([null, { share: 0.5, limitPrice: 55_000 }], 1, 'second');
    const { world, life } = await begin([entering, waiting], {
      onStop,
      config: { allocationPpm: 40_000, risk: { staleAfterMs: 120_000, priceCollarPpm: 200_000 } },
    });
    await world.minute(life, 6_000_000);
    await world.minute(life, 6_000_000);
    const resting = expectOk(await life.ledger.openOrders(ACCOUNT)).map(({ value }) => value);
    expect(resting.map(({ side }) => side).toSorted()).toEqual(['buy', 'sell']);
    let drained = false;
    void life.role.drain().then(() => (drained = true));
    await world.until(() => drained, 'the drain');
    expect(life.role.settled).toBe(true);
    const now = await Promise.all(
      ['buy', 'sell'].map(async (side) => {
        const id = resting.find((order) => order.side === side)?.clientOrderId ?? clientOrderId('none');
        return expectOk(await life.ledger.order(ACCOUNT, id))?.value.status;
      }),
    );
    expect(now).toEqual(ends);
  },
);

test('a stop knows what it could not do: a cancel that the venue does not answer, a start that was not over', async () => {
  const { world, life } = await begin([scripted([{ share: 1, limitPrice: 55_000 }])], {
    onStop: 'keep-protective',
    config: { risk: { staleAfterMs: 120_000, priceCollarPpm: 200_000 } },
  });
  await world.minute(life, 6_000_000);
  expect(expectOk(await life.ledger.openOrders(ACCOUNT))).toHaveLength(1);
  life.power.off = true;
  const draining = life.role.drain();
  await world.tape.clock.advance(20_000);
  await draining;
  expect(life.role.settled).toBe(false);

  const early = new World();
  worlds.push(early);
  const unborn = await early.live([scripted([])], { onStop: 'keep-protective' });
  lives.push(unborn);
  await unborn.role.drain();
  expect(unborn.role.settled).toBe(false);
});

test('a deposit is recorded and is no profit; a withdrawal while the program was down explains the balances at its next start', async () => {
  const shared = new SharedAccount();
  const strategies = [scripted([1, null, null, null])];
  const { world, life } = await begin(strategies, { shared });
  const nowUs = () => world.tape.clock.nowUs();
  await world.minute(life, 6_000_000);
  shared.transfer(BTC.quote, '500', nowUs());
  await world.quiet(life);
  await world.minute(life, 6_000_000);
  await verifyAgreement(life);
  const peak = expectOk(await life.ledger.account(ACCOUNT))?.peakEquity;
  expect(Number(peak)).toBeGreaterThan(10_400);
  expect(Number(peak)).toBeLessThanOrEqual(10_500);

  await life.kill();
  shared.leave();
  shared.transfer(BTC.quote, '-3000', nowUs());
  const next = await world.live(strategies, { shared });
  lives.push(next);
  expectOk(await world.start(next));
  await world.minute(next, 6_000_000);
  await verifyAgreement(next);
  const transfers = expectOk(await next.ledger.transfers(ACCOUNT, { limit: 10, cursor: null })).items;
  expect(transfers.map(({ cause, asset }) => `${cause} ${asset}`)).toEqual(['withdrawal USDT', 'deposit USDT']);
  expect(expectOk(await next.ledger.account(ACCOUNT))).toMatchObject({ tradingState: 'ACTIVE' });
  expect(next.fatal).toEqual([]);
});

test('what was traded by hand while the program was down is found at its start: it explains the balances and belongs to no strategy', async () => {
  const shared = new SharedAccount();
  const strategies = [scripted([1, null, null, null])];
  const { world, life } = await begin(strategies, { shared });
  await world.minute(life, 6_000_000);
  const held = expectOk(await life.ledger.positions(ACCOUNT));
  await life.kill();
  shared.leave();
  const byHand = {
    fillId: fillId('by-hand'),
    clientOrderId: clientOrderId('web_1'),
    venueOrderId: venueOrderId('77'),
    instrument: BTC.id,
    side: 'buy',
    price: price(6_000_000),
    quantity: quantity(1_000),
    fee: amount(0n),
    feeAsset: BTC.quote,
    liquidity: 'taker',
    tsEventUs: timestampUs(world.tape.clock.nowUs() + 1_000),
  } as const;
  shared.buys(byHand, BTC);
  await world.minute(null, 6_000_000);
  for (let start = 0; start < 2; start += 1) {
    const next = await world.live(strategies, { shared });
    lives.push(next);
    expectOk(await world.start(next));
    await world.minute(next, 6_000_000);
    const divergences = expectOk(await next.ledger.divergences(ACCOUNT, { limit: 10, cursor: null })).items;
    expect(divergences.map(({ code }) => code)).toEqual(['foreign_trade']);
    // How far the market went goes on while it is held; nothing else of a position has moved.
    const still = ({ trip, ...rest }: StoredPosition) => ({ ...rest, trip: { ...trip, excursions: null } });
    expect(expectOk(await next.ledger.positions(ACCOUNT)).map(still)).toEqual(held.map(still));
    const totals = (list: readonly Balance[]) => list.map(({ asset, free, locked }) => `${asset} ${free + locked}`);
    expect(totals(expectOk(await next.ledger.balances(ACCOUNT)))).toEqual(
      totals(expectOk(await next.venue.balances())),
    );
    expect(expectOk(await next.ledger.account(ACCOUNT))).toMatchObject({ tradingState: 'ACTIVE' });
    await next.kill();
    shared.leave();
  }
});

test('while the venue’s reports are lost only exits are allowed', async () => {
  const shared = new SharedAccount();
  const { world, life } = await begin([scripted([null, 1, null])], { shared });
  await world.minute(life, 6_000_000);
  shared.reports('lost', world.tape.clock.nowUs());
  await world.minute(life, 6_000_000);
  const { decisions } = await verifyAgreement(life);
  expect(decisions[0]).toMatchObject({ action: 'not_trading', risk: { rule: 'trading_state' } });
  shared.reports('live', world.tape.clock.nowUs());
  await world.quiet(life);
  expect(expectOk(await life.ledger.account(ACCOUNT))).toMatchObject({ tradingState: 'ACTIVE' });
});
