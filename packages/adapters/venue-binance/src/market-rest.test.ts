import { msFromUs, timestampUs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, makeWorld } from './world.test-support.ts';

describe('market data over REST', () => {
  it('is asked for by the documented paths and parameters, without a key', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_200);
    world.state.hook = (_request, path) =>
      path === 'historicalTrades' ? { status: 401, body: '{"code":-2014,"msg":"API-key format invalid."}' } : null;
    const hour = 3_600_000_000;
    const toUs = timestampUs(world.venue.nowUs() - (world.venue.nowUs() % hour));
    const fromUs = timestampUs(toUs - 2 * hour);
    void world.venue.history(BTC, '1h', fromUs, toUs);
    void world.venue.tradesFrom(BTC, 7, 10);
    await world.clock.advance(100);
    const asked = world.transport.requests.map(({ url }) => url.replace('http://exchange.test/api/v3/', ''));
    expect([...new Set(asked)].filter((url) => !url.includes('showPermissionSets'))).toEqual([
      'time',
      'exchangeInfo?symbols=%5B%22BTCUSDT%22%5D',
      'depth?symbol=BTCUSDT&limit=1000',
      `klines?symbol=BTCUSDT&interval=1h&startTime=${fromUs / 1_000}&endTime=${toUs / 1_000 - 1}&limit=1000`,
      'historicalTrades?symbol=BTCUSDT&fromId=7&limit=10',
      'trades?symbol=BTCUSDT&limit=1000',
    ]);
    expect(world.transport.requests.every(({ method, headers }) => method === 'GET' && headers === undefined)).toBe(
      true,
    );
    await world.venue.stop();
  });

  it('that the venue refuses keeps to the faults of a market-data venue', async () => {
    const world = await makeWorld();
    await world.start();
    for (const [body, code] of [
      ['{"code":-1121,"msg":"Invalid symbol."}', 'instrument_unknown'],
      ['{"code":-1120,"msg":"Invalid interval."}', 'venue_protocol'],
    ] as const) {
      world.state.hook = (_request, path) => (path === 'klines' ? { status: 400, body } : null);
      const asking = world.venue.history(BTC, '1h', world.venue.nowUs(), timestampUs(world.venue.nowUs() + 1));
      await world.clock.advance(50);
      expect(await asking).toMatchObject({ ok: false, fault: { code } });
    }
    await world.venue.stop();
  });

  it('stop for as long as a 429 says, and then go on by themselves', async () => {
    const world = await makeWorld();
    let refusals = 0;
    world.state.hook = (_request, path) => {
      if (path !== 'exchangeInfo' || refusals > 0) return null;
      refusals += 1;
      return {
        status: 429,
        headers: { 'Retry-After': '20' },
        body: '{"code":-1003,"msg":"Too much request weight used."}',
      };
    };
    const begun = world.clock.monotonicMs();
    expect((await world.start()).ok).toBe(true);
    expect(world.clock.monotonicMs() - begun).toBeGreaterThanOrEqual(20_000);
    // Three times the clock, and the instruments twice.
    expect(world.transport.requests).toHaveLength(5);
    await world.venue.stop();
  });

  it('all end at once during a ban, which is told, and resume after it', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(300);
    let banned = true;
    world.state.hook = () =>
      banned ? { status: 418, headers: { 'Retry-After': '180' }, body: '{"code":-1003,"msg":"IP banned."}' } : null;
    const from = world.clock.nowUs();
    const first = world.venue.tradesFrom(BTC, 1, 10);
    await world.clock.advance(50);
    expect(await first).toMatchObject({
      ok: false,
      fault: { code: 'venue_limited', retry: 'retryable', retryAfterMs: 180_000 },
    });
    const sent = world.transport.requests.length;
    const history = world.venue.history(BTC, '1h', from, world.clock.nowUs());
    await world.clock.advance(1);
    expect(await history).toMatchObject({
      ok: false,
      fault: { code: 'venue_limited', message: expect.stringContaining('banned') as string },
    });
    await world.clock.advance(100_000);
    expect(world.transport.requests.length).toBe(sent);
    banned = false;
    await world.clock.advance(80_000);
    const again = world.venue.tradesFrom(BTC, 1, 10);
    await world.clock.advance(50);
    expect(await again).toMatchObject({ ok: true });
    await world.venue.stop();
  });

  it('wait for the next minute when the venue’s count says that the weight is used up', async () => {
    const world = await makeWorld();
    await world.start();
    world.state.hook = (_request, path) =>
      path === 'historicalTrades' ? { status: 200, body: '[]', headers: { 'x-mbx-used-weight-1m': '4790' } } : null;
    const first = world.venue.tradesFrom(BTC, 1, 10);
    await world.clock.advance(50);
    await first;
    const sent = world.asked('historicalTrades').length;
    void world.venue.tradesFrom(BTC, 1, 10);
    // A second after the minute: the venue's clock and ours are never quite the same.
    const leftMs = 61_000 - (msFromUs(world.venue.nowUs()) % 60_000);
    await world.clock.advance(leftMs - 100);
    expect(world.asked('historicalTrades')).toHaveLength(sent);
    await world.clock.advance(200);
    expect(world.asked('historicalTrades')).toHaveLength(sent + 1);
    await world.venue.stop();
  });

  it('page through klines and leave out the bar that is not closed', async () => {
    const world = await makeWorld();
    await world.start();
    const nowMs = msFromUs(world.venue.nowUs());
    const endMs = nowMs - (nowMs % 60_000) + 60_000;
    world.state.hook = (request, path) => {
      if (path !== 'klines') return null;
      const query = new URL(request.url).searchParams;
      const rows: unknown[] = [];
      const fromMs = Math.ceil(Number(query.get('startTime')) / 60_000) * 60_000;
      for (
        let openMs = fromMs;
        openMs <= Number(query.get('endTime')) && openMs < endMs && rows.length < 1_000;
        openMs += 60_000
      ) {
        rows.push([
          openMs,
          '60000.01',
          '60002.00',
          '59999.99',
          '60001.00',
          '1.50000000',
          openMs + 59_999,
          '90001.50000000',
          12,
          '0.50000000',
          '30000.50000000',
          '0',
        ]);
      }
      return { status: 200, body: JSON.stringify(rows) };
    };
    const fromUs = world.venue.nowUs();
    const from = (fromUs - (fromUs % 60_000_000) - 2_300 * 60_000_000) as typeof fromUs;
    const asking = world.venue.history(BTC, '1m', from, (fromUs - (fromUs % 60_000_000) + 60_000_000) as typeof fromUs);
    await world.clock.advance(1_000);
    const bars = await asking;
    if (!bars.ok) throw new Error(bars.fault.message);
    expect(bars.value).toHaveLength(2_300);
    expect(world.asked('klines')).toHaveLength(3);
    expect(bars.value[0]).toMatchObject({
      openTimeUs: from,
      open: 6_000_001,
      volume: 150_000_000n,
      quoteVolume: 9_000_150_000_000n,
      trades: 12,
      closed: true,
    });
    expect(new Set(bars.value.map(({ openTimeUs }) => openTimeUs)).size).toBe(2_300);
    await world.venue.stop();
  });
});
