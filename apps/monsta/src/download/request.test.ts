import { describe, expect, it } from 'vitest';
import type { FlagValues } from '../cli/arguments.ts';
import { requestFrom } from './request.ts';

const NOW = Date.parse('2025-03-02T12:00:00Z');
const SOUND: FlagValues = { instrument: ['BTCUSDT'], interval: ['1h'], from: '2025-01-01' };

describe('what a download is asked for', () => {
  it('is lists, each name once, up to now unless told otherwise', () => {
    const flags = { ...SOUND, instrument: ['btcusdt, ETHUSDT', 'BTCUSDT'], interval: ['1m,1h', '1m'], trades: true };
    expect(requestFrom(flags, NOW)).toEqual({
      ok: true,
      value: {
        instruments: ['BTCUSDT', 'ETHUSDT'],
        intervals: ['1m', '1h'],
        trades: true,
        fromMs: Date.UTC(2025, 0, 1),
        toMs: NOW,
        parallel: 4,
      },
    });
  });

  it('includes a day that it ends with, and ends now where that is today', () => {
    const endOf = (to: string): unknown => {
      const request = requestFrom({ ...SOUND, to }, NOW);
      return request.ok ? request.value.toMs : request.fault.message;
    };
    expect(endOf('2025-01-31')).toBe(Date.UTC(2025, 1, 1));
    expect(endOf('2025-01-31T06:30')).toBe(Date.UTC(2025, 0, 31, 6, 30));
    expect(endOf('2025-03-02')).toBe(NOW);
  });

  it.each<[FlagValues, string]>([
    [{}, '--instrument is missing'],
    [{ instrument: [' , '] }, '--instrument is missing'],
    [{ ...SOUND, instrument: ['../x'] }, 'is no symbol'],
    [{ ...SOUND, instrument: ['BTC/USDT'] }, 'is no symbol'],
    [{ ...SOUND, instrument: [Array.from({ length: 201 }, (_, index) => `A${index}`).join()] }, 'at most 200'],
    [{ ...SOUND, interval: [] }, 'neither --interval nor --trades'],
    [{ ...SOUND, interval: ['7m'] }, "interval '7m' is unknown"],
    [{ ...SOUND, from: undefined }, '--from is missing'],
    [{ ...SOUND, from: '2025-02-30' }, 'no time in UTC'],
    [{ ...SOUND, from: '2999-01-01' }, 'yet to come'],
    [{ ...SOUND, to: 'soon' }, 'no time in UTC'],
    [{ ...SOUND, to: '2025-03-09' }, 'yet to come'],
    [{ ...SOUND, from: '2025-02-03', to: '2025-02-01' }, '--from 2025-02-03 is not before --to 2025-02-01'],
    [{ ...SOUND, parallel: '0' }, 'from 1 to 16'],
    [{ ...SOUND, parallel: '17' }, 'from 1 to 16'],
    [{ ...SOUND, parallel: 'two' }, 'from 1 to 16'],
    [{ ...SOUND, venue: 'replay' }, '--venue is simulated or binance'],
    [{ ...SOUND, venue: 'binance-testnet' }, '--venue is simulated or binance'],
  ])('is refused as %j', (flags, message) => {
    const request = requestFrom(flags, NOW);
    expect(request).toMatchObject({ ok: false, fault: { code: 'flag_invalid' } });
    expect(request.ok ? '' : request.fault.message).toContain(message);
  });
});
