import { createMemoryCache } from '@monsta/cache-memory';
import { serveExchange } from '@monsta/binance-server';
import { expectOk, instrumentId, seededRandom, type InstrumentId } from '@monsta/core';
import type { Transport } from '@monsta/ports';
import { createMemoryNetwork, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { createBinanceConnection } from './connection.ts';
import { openBinanceSymbolRules } from './symbol-rules.ts';

const BTC = instrumentId('BTCUSDT');
const ETH = instrumentId('ETHUSDT');
const START_US = 1_740_830_400_000_000;

async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  const marked = promise.finally(() => (done = true));
  await clock.advanceUntil(() => done, { timeoutMs: 600_000 });
  return marked;
}

/** What the simulated exchange lists, as it was asked once; the virtual hours after that need no market. */
async function listed(): Promise<(symbols: readonly string[]) => string> {
  const clock = new VirtualClock(START_US);
  const { logger } = silentTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 2 });
  const model = createSimulatedExchange({ seed: 1, edge: 0, clock, logger });
  const serving = serveExchange({ model, clock, logger, httpServer: network.httpServer, host: 'x.test', port: 80 });
  const { restUrl } = expectOk(await settled(clock, serving));
  const url = `${restUrl}/api/v3/exchangeInfo`;
  const asked = network.transport('127.0.0.1').request({ method: 'GET', url, timeoutMs: 1_000 });
  const whole = JSON.parse(expectOk(await settled(clock, asked)).body) as { symbols: { readonly symbol: string }[] };
  model.close();
  return (symbols) =>
    JSON.stringify({ ...whole, symbols: whole.symbols.filter(({ symbol }) => symbols.includes(symbol)) });
}

/** A venue that answers what `world.change` makes of it; `asked` counts how often exchangeInfo was asked for. */
async function makeWorld() {
  const list = await listed();
  const clock = new VirtualClock(START_US);
  const { logger, metrics } = silentTelemetry();
  const world = { clock, asked: 0, change: (body: string): string => body };
  const answer = (body: string) => Promise.resolve({ ok: true, value: { status: 200, headers: {}, body } } as const);
  const transport: Transport = {
    request({ url }) {
      if (!url.includes('/exchangeInfo')) return answer(`{"serverTime":${Math.round(clock.nowUs() / 1_000)}}`);
      world.asked += 1;
      const symbols = JSON.parse(new URL(url).searchParams.get('symbols') ?? '[]') as readonly string[];
      return answer(world.change(list(symbols)));
    },
    connect: () => {
      throw new Error('nobody connects here');
    },
    close: () => Promise.resolve(),
  };
  const cache = createMemoryCache({ clock });
  const parts = { clock, transport, logger, metrics, random: seededRandom(3), cache };
  const urls = { restUrl: 'http://x.test', wsUrl: 'ws://x.test', wsApiUrl: null };
  const connection = createBinanceConnection({ ...urls, ...parts });
  return {
    world,
    open: (symbols: readonly InstrumentId[]) => settled(clock, openBinanceSymbolRules({ connection, symbols })),
  };
}
const halted = (body: string): string => body.replace('"status":"TRADING"', '"status":"HALT"');

describe('the rules of the traded symbols', () => {
  it('are those that the venue lists, and of no other symbol', async () => {
    const { open } = await makeWorld();
    const rules = expectOk(await open([BTC]));
    expect(rules.rulesOf(BTC)).toMatchObject({ symbol: 'BTCUSDT', status: 'TRADING' });
    expect(rules.rulesOf(ETH)).toBeNull();
    rules.stop();
  });

  it('are not opened where one can not be had', async () => {
    const { open, world } = await makeWorld();
    expect(await open([instrumentId('NOPEUSDT')])).toMatchObject({ ok: false, fault: { code: 'instrument_unknown' } });
    world.change = (body) => body.replace('"symbol":"BTCUSDT"', '"symbol":7');
    expect(await open([BTC])).toMatchObject({ ok: false, fault: { code: 'instrument_unknown' } });
  });

  it('are read again every hour, and sooner when doubted, at most twice a minute', async () => {
    const { open, world } = await makeWorld();
    const rules = expectOk(await open([BTC, ETH]));
    const before = world.asked;
    world.change = halted;
    await world.clock.advance(3_590_000);
    expect([world.asked - before, rules.rulesOf(BTC)?.status]).toEqual([0, 'TRADING']);
    await world.clock.advance(20_000);
    expect([world.asked - before, rules.rulesOf(BTC)?.status]).toEqual([1, 'HALT']);
    for (let doubt = 0; doubt < 60; doubt += 1) {
      rules.doubt();
      await world.clock.advance(1_000);
    }
    expect(world.asked - before).toBeLessThanOrEqual(4);
    expect(world.asked - before).toBeGreaterThanOrEqual(2);
    rules.stop();
    const last = world.asked;
    await world.clock.advance(7_200_000);
    expect(world.asked).toBe(last);
  });

  it('stay as they were while they can not be read', async () => {
    const { open, world } = await makeWorld();
    const rules = expectOk(await open([BTC]));
    world.change = () => '{"symbols":"none"}';
    rules.doubt();
    await world.clock.advance(5_000);
    expect(rules.rulesOf(BTC)?.status).toBe('TRADING');
    world.change = halted;
    await world.clock.advance(60_000);
    expect(rules.rulesOf(BTC)?.status).toBe('HALT');
    rules.stop();
  });
});
