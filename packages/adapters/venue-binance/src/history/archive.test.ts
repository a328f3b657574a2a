import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { archiveFile } from './archive-files.ts';
import { makeHistoryWorld, MemoryTarget, XRP, type HistoryWorldOptions } from './history-world.test-support.ts';

const DAY_FILE = archiveFile({ kind: 'bars', instrument: XRP, interval: '1h' }, 'daily', Date.UTC(2025, 1, 27, 8));
const never = new AbortController().signal;
const at = (path: string): object => ({ channel: 'rest', path });

async function fetching(options: HistoryWorldOptions, { file = DAY_FILE, roomBytes = Infinity } = {}) {
  const world = await makeHistoryWorld(options);
  const target = new MemoryTarget(roomBytes);
  const begunMs = world.clock.monotonicMs();
  const result = await world.during(world.files.fetch(file, target, never));
  return { ...world, target, result, tookMs: world.clock.monotonicMs() - begunMs };
}

describe('the names of the archive', () => {
  it('are those of the exchange', () => {
    expect(DAY_FILE).toMatchObject({
      path: 'data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-02-27.zip',
      fromMs: Date.UTC(2025, 1, 27),
      toMs: Date.UTC(2025, 1, 28),
    });
    expect(archiveFile({ kind: 'trades', instrument: XRP }, 'monthly', Date.UTC(2024, 11, 31, 23, 59))).toMatchObject({
      path: 'data/spot/monthly/trades/XRPUSDT/XRPUSDT-trades-2024-12.zip',
      fromMs: Date.UTC(2024, 11),
      toMs: Date.UTC(2025, 0),
    });
  });
});

describe('a file of the bulk archive', () => {
  it('is fetched whole, and is what its checksum says', async () => {
    const { target, result } = await fetching({});
    const sha256 = createHash('sha256').update(target.bytes).digest('hex');
    expect(result).toEqual({ ok: true, value: { bytes: target.bytes.length, sha256, attempts: 1 } });
    expect(Buffer.from(target.bytes.subarray(0, 2)).toString()).toBe('PK');
  });

  it('is null where there is none: of a month that is not over', async () => {
    const file = archiveFile({ kind: 'bars', instrument: XRP, interval: '1h' }, 'monthly', Date.UTC(2025, 2, 1));
    const { target, result, tookMs } = await fetching({}, { file });
    expect(result).toEqual({ ok: true, value: null });
    expect(target.begun).toBe(0);
    expect(tookMs).toBeLessThan(1_000);
  });

  it.each([
    ['its bytes are altered', { fault: 'damage', how: 'alter', where: at('/data/*.zip') }],
    ['it comes torn', { fault: 'damage', how: 'truncate', where: at('/data/*.zip') }],
    ['its checksum is wrong', { fault: 'damage', how: 'alter', where: at('/data/*.CHECKSUM') }],
    ['its checksum is none', { fault: 'damage', how: 'truncate', where: at('/data/*.CHECKSUM') }],
    ['the archive is busy', { fault: 'refuse', status: 503, body: 'html', where: at('/data/*.zip') }],
    ['the connection is cut', { fault: 'cut', where: at('/data/*.zip') }],
  ])('is fetched again where %s', async (_what, fault) => {
    const { result, target } = await fetching({ faults: [fault] });
    expect(result).toMatchObject({ ok: true, value: { attempts: 2 } });
    expect(result.ok && result.value?.sha256).toBe(createHash('sha256').update(target.bytes).digest('hex'));
  });

  it('that is never what its checksum says is told by its name, after as many attempts as are allowed', async () => {
    const { result, target } = await fetching({
      faults: [{ fault: 'damage', how: 'alter', times: 'always', where: at('/data/*.zip') }],
      archive: { attemptsMax: 3 },
    });
    expect(target.begun).toBe(3);
    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'archive_checksum', details: { file: 'XRPUSDT-1h-2025-02-27.zip' } },
    });
    expect(result.ok ? '' : result.fault.message).toMatch(/XRPUSDT-1h-2025-02-27\.zip .*tried 3 times$/);
  });

  it('waits through a storm of 429 as long as it is told to, and no failure is counted', async () => {
    const { result, tookMs, waits, telemetry } = await fetching({
      faults: [{ fault: 'refuse', status: 429, code: -1003, times: 12, retryAfterS: 4, where: at('/data/*') }],
    });
    expect(result).toMatchObject({ ok: true, value: { attempts: 1 } });
    expect(waits).toHaveLength(12);
    expect(tookMs).toBeGreaterThan(48_000);
    expect(tookMs).toBeLessThan(60_000);
    expect(telemetry.value('monsta_binance_budget_blocks_total')).toBe(12);
  });

  it('gives up a storm that goes on beyond what may be waited', async () => {
    const { result, tookMs } = await fetching({
      faults: [{ fault: 'refuse', status: 429, code: -1003, times: 'always', retryAfterS: 4, where: at('/data/*') }],
      archive: { limitedWaitMaxMs: 30_000 },
    });
    expect(result).toMatchObject({ ok: false, fault: { code: 'venue_limited', retry: 'retryable' } });
    expect(tookMs).toBeLessThan(31_000);
  });

  it('does not wait for a ban of days', async () => {
    const { result, tookMs } = await fetching({
      faults: [{ fault: 'refuse', status: 418, code: -1003, retryAfterS: 259_200, where: at('/data/*') }],
    });
    expect(result).toMatchObject({ ok: false, fault: { code: 'venue_limited', retryAfterMs: 259_200_000 } });
    expect(tookMs).toBeLessThan(1_000);
  });

  it('stops asking an archive that only fails, and goes on when it has come back', async () => {
    const { result, waits } = await fetching({
      faults: [{ fault: 'refuse', status: 500, times: 3, where: at('/data/*') }],
      settings: { breakerFailuresMax: 3, breakerOpenMs: 20_000, breakerProbes: 1 },
    });
    expect(result).toMatchObject({ ok: true, value: { attempts: 4 } });
    expect(waits.some((ms) => ms > 10_000)).toBe(true);
  });

  it('that is larger than is taken is not', async () => {
    const { result } = await fetching({ archive: { zipBytesMax: 1_000 } });
    expect(result).toMatchObject({ ok: false, fault: { code: 'archive_too_large', retry: 'permanent' } });
  });

  it('that the disk has no room for is told so at once', async () => {
    const { result, target } = await fetching({}, { roomBytes: 500 });
    expect(result).toMatchObject({ ok: false, fault: { code: 'archive_unwritable' } });
    expect(target.begun).toBe(1);
  });

  it('is given up when it is told to', async () => {
    const world = await makeHistoryWorld({ faults: [{ fault: 'silence', where: at('/data/*.zip') }] });
    const stop = new AbortController();
    world.clock.setTimer(3_000, () => stop.abort());
    const result = await world.during(world.files.fetch(DAY_FILE, new MemoryTarget(), stop.signal));
    expect(result).toMatchObject({ ok: false, fault: { code: 'history_stopped' } });
  });
});
