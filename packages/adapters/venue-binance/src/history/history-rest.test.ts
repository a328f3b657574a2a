import { instrumentId, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { makeHistoryWorld, NOW_MS, XRP } from './history-world.test-support.ts';

const never = new AbortController().signal;
const TODAY_MS = Date.UTC(2025, 2, 2);
const LISTED_MS = Date.UTC(2025, 0, 1);

class Rows {
  readonly rows: (readonly string[])[] = [];
  readonly take = (rows: readonly string[]): Promise<void> => {
    this.rows.push(...rows.map((row) => row.split(',')));
    return Promise.resolve();
  };
}

describe('what the archive does not have yet', () => {
  it('is asked of REST: closed bars alone, in rows of twelve cells', async () => {
    const { rest, during } = await makeHistoryWorld();
    const taken = new Rows();
    const span = { fromMs: TODAY_MS - MS_PER_DAY, toMs: NOW_MS + MS_PER_HOUR };
    const bars = await during(rest.bars(XRP, '1m', span, taken.take, never));
    // The last one that has closed for good by now: the one of 11:59 ended this very moment.
    const count = (NOW_MS - span.fromMs) / MS_PER_MINUTE - 1;
    expect(bars).toEqual({ ok: true, value: { rows: count, untilMs: NOW_MS - MS_PER_MINUTE } });
    expect(taken.rows.map(([open]) => Number(open))).toEqual(
      Array.from({ length: count }, (_, index) => span.fromMs + index * MS_PER_MINUTE),
    );
    expect(taken.rows.every((row) => row.length === 12)).toBe(true);
  });

  it('of a span in which nothing opened is nothing, and known for good when the span is long over', async () => {
    const { rest, during } = await makeHistoryWorld();
    const before = { fromMs: LISTED_MS - 2 * MS_PER_DAY, toMs: LISTED_MS - MS_PER_DAY };
    const none = await during(rest.bars(XRP, '1h', before, new Rows().take, never));
    expect(none).toEqual({ ok: true, value: { rows: 0, untilMs: before.toMs } });
  });

  it('are the trades of a span too, by id and without a hole', async () => {
    const { rest, during } = await makeHistoryWorld();
    const taken = new Rows();
    const span = { fromMs: TODAY_MS + 7 * MS_PER_MINUTE, toMs: TODAY_MS + 3 * MS_PER_HOUR };
    const trades = await during(rest.trades(XRP, span, taken.take, never));
    const ids = taken.rows.map(([id]) => Number(id));
    expect(trades).toEqual({ ok: true, value: { rows: ids.length, untilMs: span.toMs } });
    expect(ids.length).toBeGreaterThan(2_000);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => (ids[0] ?? 0) + index));
    // Microseconds, as the archive has them of such a day.
    const times = taken.rows.map((row) => Number(row[4]) / 1_000);
    expect(times.every((ms) => ms >= span.fromMs && ms < span.toMs)).toBe(true);
    expect(taken.rows[0]).toHaveLength(7);
  });

  it('begins when an instrument was listed', async () => {
    const { rest, during } = await makeHistoryWorld();
    expect(rest.origin).toBeNull();
    expect(await during(rest.firstOpenMs(XRP, '1m', never))).toEqual({ ok: true, value: LISTED_MS });
    // What the server says of itself, so that nobody takes its prices for the exchange's.
    expect(rest.origin).toBe('simulated');
    expect(await during(rest.firstOpenMs(instrumentId('NOPEUSDT'), '1m', never))).toMatchObject({
      ok: false,
      fault: { code: 'instrument_unknown' },
    });
  });

  it('is waited for through a storm of 429, at the weight of backfill', async () => {
    const { rest, during, waits, telemetry } = await makeHistoryWorld({
      faults: [
        {
          fault: 'refuse',
          status: 429,
          code: -1003,
          times: 10,
          retryAfterS: 3,
          where: { channel: 'rest', path: '/api/v3/klines' },
        },
      ],
    });
    const taken = new Rows();
    const span = { fromMs: TODAY_MS, toMs: TODAY_MS + MS_PER_HOUR };
    expect(await during(rest.bars(XRP, '1m', span, taken.take, never))).toMatchObject({
      ok: true,
      value: { rows: 60 },
    });
    expect(waits.length).toBeGreaterThan(1);
    expect(telemetry.value('monsta_binance_budget_weight_total', { priority: 'backfill' })).toBe(22);
  });
});
