import { MonstaClient, MonstaSocket, unwrap, type Gap, type SocketState } from '@monsta/client';
import type { TradeMessage } from '@monsta/contracts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerCommands, BTC, startWorld, type World } from './world.test-support.ts';

const trade = (tradeId: number): TradeMessage => ({
  instrument: BTC,
  tradeId,
  price: '60000.00',
  quantity: '0.00100',
  timeMs: 1,
  buyerIsMaker: false,
});

function openSocket(world: World): MonstaSocket {
  const socket = new MonstaSocket({ url: world.wsUrl, backoffMinMs: 10, backoffMaxMs: 20 });
  onTestFinished(() => socket.close());
  socket.connect();
  return socket;
}

describe('the client against the real server', () => {
  it('reads everything there is', async () => {
    const world = await startWorld();
    const client = new MonstaClient({ baseUrl: world.url });
    expect(unwrap(await client.status()).origin).toBe('simulated');
    expect(unwrap(await client.instruments()).items[0]?.id).toBe('BTCUSDT');
    const page = unwrap(await client.bars({ instrument: BTC, interval: '1m', limit: 3 }));
    expect(page.items).toHaveLength(3);
    const older = unwrap(
      await client.bars({ instrument: BTC, interval: '1m', limit: 3, cursor: page.nextCursor ?? '' }),
    );
    expect(older.items.at(-1)?.closeTimeMs).toBe(page.items[0]?.openTimeMs);
    expect(unwrap(await client.trades({ instrument: BTC })).items).toHaveLength(1);
    expect(unwrap(await client.book({ instrument: BTC, depth: 5 })).absence?.code).toBe('book_not_in_step');
    expect(unwrap(await client.predictions({ instrument: BTC })).items[0]?.absence?.code).toBe('training');
    expect(unwrap(await client.account()).absence?.code).toBe('not_reported');
    expect(unwrap(await client.positions()).items).toBeNull();
    expect(unwrap(await client.strategies())).toMatchObject({ items: null, absence: { code: 'not_reported' } });
    expect(unwrap(await client.performance({ points: 2, strategy: 'ema-cross' }))).toMatchObject({
      strategyId: 'ema-cross',
      curve: null,
      absence: { code: 'equity_unknown' },
    });
    for (const list of [
      await client.orders({ limit: 5 }),
      await client.fills(),
      await client.decisions(),
      await client.roundTrips({ limit: 5 }),
      await client.alerts({ limit: 5 }),
    ])
      expect(unwrap<{ readonly items: readonly unknown[] }>(list).items).toEqual([]);
    expect(await client.bars({ instrument: 'NOPE', interval: '1m' })).toMatchObject({
      ok: false,
      fault: { code: 'instrument_unknown', retry: 'permanent' },
    });
  });

  it('turns the kill switch with the token, and only with it', async () => {
    const world = await startWorld();
    answerCommands(world.stream, world.ledger);
    const change = { state: 'HALTED', reason: 'enough', flatten: false } as const;
    const client = new MonstaClient({ baseUrl: world.url });
    expect(await client.setTradingState(change)).toMatchObject({ fault: { code: 'token_missing' } });
    client.setToken(world.token);
    expect(unwrap(await client.setTradingState(change)).state).toBe('HALTED');
    expect(unwrap(await client.tradingState()).reason).toBe('enough');
  });

  it('follows live topics, reports refusals, and comes back after a cut knowing what it missed', async () => {
    const world = await startWorld();
    const socket = openSocket(world);
    const trades: number[] = [];
    const gaps: Gap[] = [];
    const states: SocketState[] = [];
    const refused: string[] = [];
    socket.onGap((gap) => gaps.push(gap));
    socket.onState(({ state }) => states.push(state));
    socket.onRefusal(({ topic, code }) => refused.push(`${topic} ${code}`));
    socket.subscribe(`trades.${BTC}`, ({ tradeId }) => trades.push(tradeId));
    socket.subscribe('trades.NOPE', () => undefined);
    await expect.poll(() => refused).toEqual(['trades.NOPE instrument_unknown']);
    world.publish(`trades.${BTC}`, trade(1));
    world.publish(`trades.${BTC}`, trade(2));
    await expect.poll(() => trades).toEqual([1, 2]);
    expect(gaps).toEqual([]);
    socket.close();
    for (let id = 3; id <= 6; id += 1) world.publish(`trades.${BTC}`, trade(id));
    await world.stream.drain(1_000);
    await expect.poll(() => world.telemetry.value('monsta_websocket_connections_count')).toBe(0);
    socket.connect();
    await expect.poll(() => trades.at(-1)).toBe(6);
    expect(gaps).toEqual([{ topic: 'trades.BTCUSDT', cause: 'lost', expectedSeq: 3, receivedSeq: 6 }]);
    expect(states).toEqual(['connecting', 'open', 'closed', 'connecting', 'open']);
  });

  it('keeps trying while the server is away, and tells why it was cut', async () => {
    const world = await startWorld();
    const socket = openSocket(world);
    await expect.poll(() => socket.state).toBe('open');
    const codes: number[] = [];
    const seen = new Set<SocketState>();
    await world.webSocketServer.drain();
    socket.onState(({ state, lastClose }) => {
      if (state === 'waiting' && lastClose !== null) codes.push(lastClose.code);
      if (codes.length > 0) seen.add(state);
    });
    // The goodbye, then refused attempts until the server is back.
    await expect.poll(() => codes.slice(0, 3)).toEqual([1001, 1006, 1006]);
    expect(seen.has('connecting')).toBe(true);
    expect(seen.has('open')).toBe(false);
  });
});
