import { performanceSchema, roundTripListSchema } from '@monsta/contracts';
import { expectOk, timestampUs } from '@monsta/core';
import { sampleAccount, sampleEquity, sampleFill, sampleRoundTrip, sampleTimeUs } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { startWorld, type World } from './world.test-support.ts';

const MINUTE_US = 60_000_000;
const at = (minutes: number): number => sampleTimeUs + minutes * MINUTE_US;
const ms = (minutes: number): number => at(minutes) / 1_000;

async function get(world: World, path: string) {
  const response = await fetch(`${world.url}${path}`);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as unknown) : null,
  };
}

/** Six minutes: the money grows by a tenth, doubles by a deposit, falls by a fifth and comes back half-way. */
async function filled(world: World): Promise<void> {
  const curve = [
    ['1000', '0', '1'],
    ['1100', '0', '1.1'],
    ['2200', '1100', '1.1'],
    ['1760', '1100', '0.88'],
    ['1980', '1100', '0.99'],
  ] as const;
  expectOk(
    await world.ledger.commit({
      accountId: sampleAccount,
      equitySamples: curve.map(([equity, deposits, growth], index) =>
        sampleEquity(at(index), {
          equity,
          deposits,
          growth,
          cash: String(Number(equity) / 2),
          exposure: String(Number(equity) / 2),
          byStrategy: { a: { realized: String(index), unrealized: index === 3 ? '-5' : '0.5' } },
        }),
      ),
      roundTrips: [
        sampleRoundTrip('a', { closedUs: timestampUs(at(1)), profit: '10', exitTag: '=1+1' }),
        sampleRoundTrip('b', { closedUs: timestampUs(at(2)), profit: '-4' }),
        sampleRoundTrip('c', {
          closedUs: timestampUs(at(3)),
          profit: null,
          fees: { byAsset: { BNB: '0.1' }, otherValue: '0', unvalued: { BNB: '0.1' } },
        }),
      ],
      fills: [sampleFill('1', { tsEventUs: timestampUs(at(1)) }), sampleFill('2', { tsEventUs: timestampUs(at(2)) })],
    }),
  );
}

describe('performance', () => {
  it('is told as unknown, with the reason, while nothing was sampled', async () => {
    const world = await startWorld();
    const { body } = await get(world, '/api/v1/performance');
    expect(performanceSchema.parse(body)).toMatchObject({
      curve: null,
      summary: null,
      absence: { code: 'equity_unknown' },
      trips: { trips: 0, winRate: null },
    });
  });

  it('of the account is a curve and figures in which a deposit is no profit', async () => {
    const world = await startWorld();
    await filled(world);
    const reply = performanceSchema.parse((await get(world, '/api/v1/performance')).body);
    expect(reply.curve?.map((point) => ('drawdown' in point ? point.drawdown : null))).toEqual([0, 0, 0, 0.2, 0.1]);
    expect(reply.summary).toEqual({
      fromMs: ms(0),
      toMs: ms(4),
      samples: 5,
      return: -0.01,
      profit: '-120',
      maxDrawdown: { share: 0.2, amount: null, peakMs: ms(2), troughMs: ms(3) },
      longestDrawdownMs: 120_000,
      currentDrawdown: 0.1,
      averageExposure: 0.5,
    });
    expect(reply.trips).toMatchObject({
      trips: 2,
      unknownTrips: 1,
      won: 1,
      lost: 1,
      winRate: 0.5,
      profit: '6',
      profitFactor: 2.5,
      expectancy: '3',
      fees: { unvalued: { BNB: '0.1' } },
    });
  });

  it('of few points has the figures of all samples, of a span those of the span', async () => {
    const world = await startWorld();
    await filled(world);
    const few = performanceSchema.parse((await get(world, '/api/v1/performance?points=2')).body);
    expect(few.curve?.map(({ timeMs }) => timeMs)).toEqual([ms(0), ms(4)]);
    expect(few.summary?.maxDrawdown?.share).toBe(0.2);
    const part = performanceSchema.parse((await get(world, `/api/v1/performance?fromMs=${ms(3)}&toMs=${ms(4)}`)).body);
    expect(part.summary).toMatchObject({ samples: 2, return: 0.125, maxDrawdown: null });
    expect(part.trips).toMatchObject({ trips: 0, unknownTrips: 1 });
  });

  it('of a strategy is its profit, since it has no equity of its own', async () => {
    const world = await startWorld();
    await filled(world);
    const reply = performanceSchema.parse((await get(world, '/api/v1/performance?strategy=a')).body);
    expect(reply.curve?.map((point) => ('profit' in point ? point.profit : null))).toEqual([
      '0.5',
      '1.5',
      '2.5',
      '-2',
      '4.5',
    ]);
    expect(reply.summary).toMatchObject({ return: null, profit: '4', maxDrawdown: { share: null, amount: '4.5' } });
  });

  it('refuses what it can not read', async () => {
    const world = await startWorld();
    for (const query of ['points=1', 'fromMs=x', 'nonsense=1']) {
      expect((await get(world, `/api/v1/performance?${query}`)).status).toBe(400);
    }
  });
});

describe('round trips', () => {
  it('come newest first, page by page, of one strategy or all', async () => {
    const world = await startWorld();
    await filled(world);
    const first = roundTripListSchema.parse((await get(world, '/api/v1/round-trips?limit=2')).body);
    expect(first.items.map(({ id }) => id)).toEqual(['c', 'b']);
    expect(first.items[0]).toMatchObject({
      profit: null,
      profitAbsence: 'no price was known for fees of 0.1 BNB when they were paid',
      holdingMs: 180_000,
      excursions: { adverseShare: 0.005669 },
    });
    const second = roundTripListSchema.parse(
      (await get(world, `/api/v1/round-trips?limit=2&cursor=${first.nextCursor ?? ''}`)).body,
    );
    expect(second).toMatchObject({ items: [{ id: 'a' }], nextCursor: null });
    expect((await get(world, '/api/v1/round-trips?strategy=other')).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('the books as CSV', () => {
  it('are files of lines in time order, within a span, without formulas', async () => {
    const world = await startWorld();
    await filled(world);
    const fills = await get(world, `/api/v1/export/fills.csv?fromMs=${ms(2)}`);
    expect(fills.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(fills.headers.get('content-disposition')).toBe('attachment; filename="fills.csv"');
    const lines = fills.text.split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(
      'BTCUSDT,BTC,USDT,buy,61737.63,0.01000,617.3763,0.6173763,USDT,taker,ema-cross,2,order-1,77',
    );
    const trips = (await get(world, `/api/v1/export/round-trips.csv?toMs=${ms(1)}`)).text.split('\r\n');
    expect(trips).toHaveLength(3);
    expect(trips[1]).toContain(",'=1+1,");
  });
});
