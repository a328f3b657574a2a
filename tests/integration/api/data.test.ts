import { MonstaClient, unwrap } from '@monsta/client';
import {
  emptyBarSeries,
  expectOk,
  inferInstrument,
  instrumentId,
  intervalMs,
  seededRandom,
  type BarSeries,
  type InstrumentId,
  type Interval,
} from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { openCatalog } from '../../../apps/monsta/src/compose/catalog.ts';
import { call, expectDocumented, get, startWorld, type World } from './world.test-support.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const PATH = '/api/v1/data';
const OF_BTC = 'instrument=BTCUSDT&interval=1h';
const TIMEOUT = { timeout: 60_000 };

/** A walk of bars; three are missing before the hundredth. */
function bars(id: InstrumentId, interval: Interval, count: number): BarSeries {
  const instrument = inferInstrument({ id, tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 8 }, quote: null });
  const series = emptyBarSeries(instrument, interval, count);
  const random = seededRandom(3);
  let close = 4_000_000;
  for (let index = 0; index < count; index += 1) {
    const open = close;
    close += random.integer(20_001) - 10_000;
    series.openTimeMs[index] = START + (index + (index >= 100 ? 3 : 0)) * intervalMs(interval);
    series.open[index] = open;
    series.high[index] = Math.max(open, close);
    series.low[index] = Math.min(open, close);
    series.close[index] = close;
    series.volume[index] = 1 + random.integer(100);
  }
  return series;
}

async function store(world: World, market: string, count: number): Promise<void> {
  const catalog = openCatalog(world.folder, market, { memoryMaxMb: 128, threads: 1 });
  expectOk(await catalog.appendBars(bars(instrumentId('BTCUSDT'), '1h', count)));
  await catalog.close();
}

describe('stored data over REST', TIMEOUT, () => {
  it('is listed by market, and described as the command line describes it', async () => {
    const world = await startWorld();
    const client = new MonstaClient({ baseUrl: world.url });
    expect((await get(world, PATH)).body).toEqual({ items: [], nextCursor: null });
    await store(world, 'binance', 500);
    await store(world, 'simulated:1:0.05', 200);

    const list = await get(world, PATH);
    await expectDocumented(world, PATH, list);
    expect(list.body).toMatchObject({
      items: [
        { market: 'binance', kind: 'bars', instrument: 'BTCUSDT', interval: '1h', rows: 500, first: START },
        { market: 'simulated_1_0.05', kind: 'bars', instrument: 'BTCUSDT', interval: '1h', rows: 200 },
      ],
    });
    const described = await call(world, `${PATH}/description?${OF_BTC}&lags=6`);
    await expectDocumented(world, `${PATH}/description`, described);
    const description = unwrap(await client.dataDescription({ instrument: 'BTCUSDT', interval: '1h', lags: 6 }));
    expect(described.body).toEqual(description);
    expect(description).toMatchObject({
      source: { kind: 'catalogue', market: 'binance', file: null },
      simulated: false,
      bars: 500,
      returns: { count: 498, overGaps: 1 },
      missing: { expected: 503, missing: 3, gaps: 1 },
    });
    expect(description.autocorrelation.returns?.values).toHaveLength(6);
    const simulated = await call(world, `${PATH}/description?${OF_BTC}&market=simulated_1_0.05`);
    expect(simulated.body).toMatchObject({ simulated: true, bars: 200 });
    const part = await call(world, `${PATH}/description?${OF_BTC}&fromMs=${START}&toMs=${START + 48 * HOUR}`);
    expect(part.body).toMatchObject({ bars: 48, toMs: START + 48 * HOUR });

    const report = await call(world, `${PATH}/report?${OF_BTC}&language=ko&market=simulated_1_0.05`);
    await expectDocumented(world, `${PATH}/report`, report);
    expect(report.text).toContain('<html lang="ko">');
    expect(report.text).toContain('모의 데이터');
    expect(report.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('is described anew once there is more of it, and from what is kept until then', async () => {
    const world = await startWorld();
    await store(world, 'binance', 300);
    const ask = async (): Promise<unknown> => (await call(world, `${PATH}/description?${OF_BTC}`)).body;
    const [one, other] = await Promise.all([ask(), ask()]);
    expect(one).toEqual(other);
    const startedMs = performance.now();
    expect(await ask()).toEqual(one);
    const keptMs = performance.now() - startedMs;
    await store(world, 'binance', 400);
    const againMs = performance.now();
    expect(await ask()).toMatchObject({ bars: 400 });
    // A thread is begun for the one and not for the other.
    expect(keptMs).toBeLessThan(performance.now() - againMs);
  });

  it('says what is wrong with what was asked', async () => {
    const world = await startWorld({ description: { barsMax: 1_000 } });
    await store(world, 'binance', 1_200);
    const refused = async (query: string): Promise<{ status: number; code: unknown; message: string }> => {
      const reply = await call(world, `${PATH}/description?${query}`);
      await expectDocumented(world, `${PATH}/description`, reply);
      const { error } = reply.body as { readonly error: { readonly code: string; readonly message: string } };
      return { status: reply.status, ...error };
    };
    expect(await refused('interval=1h')).toMatchObject({ status: 400, code: 'parameter_invalid' });
    expect(await refused(`${OF_BTC}&lags=500`)).toMatchObject({ status: 400, code: 'parameter_invalid' });
    expect(await refused('instrument=BTCUSDT&interval=1M')).toMatchObject({ status: 400, code: 'interval_unknown' });
    expect(await refused('instrument=ETHUSDT&interval=1h')).toMatchObject({ status: 404, code: 'data_none' });
    expect(await refused(`${OF_BTC}&market=elsewhere`)).toMatchObject({ status: 404, code: 'market_unknown' });
    expect(await refused(`${OF_BTC}&toMs=${START}`)).toMatchObject({ status: 404, code: 'data_none' });
    const large = await refused(OF_BTC);
    expect(large).toMatchObject({ status: 422, code: 'description_too_large' });
    expect(large.message).toContain('at most 1000');
    expect((await call(world, `${PATH}/description?${OF_BTC}&fromMs=${START + 300 * HOUR}`)).status).toBe(200);
  });

  it('is given up after its time, and the next one is answered', async () => {
    const world = await startWorld({ description: { timeoutMs: 1_000 } });
    const catalog = openCatalog(world.folder, 'binance', { memoryMaxMb: 128, threads: 1 });
    expectOk(await catalog.appendBars(bars(instrumentId('BTCUSDT'), '1m', 600_000)));
    await catalog.close();
    const late = await call(world, `${PATH}/description?instrument=BTCUSDT&interval=1m`);
    expect(late).toMatchObject({ status: 503, body: { error: { code: 'description_unavailable' } } });
    expect(JSON.stringify(late.body)).toContain('description.timeout_ms');
    // A thread needs a second to begin; the one that was given up reads on meanwhile.
    const second = await call(world, PATH);
    expect(second).toMatchObject({ status: 200, body: { items: [{ rows: 600_000 }] } });
  });
});
