import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatentMarket } from './latent-market.ts';
import { TRADE_GAP_MS, MINUTE_MS, MINUTES_PER_HOUR, PriceProcess } from './price-process.ts';
import { EPOCH_MS, SIMULATED_PROFILES } from './profiles.ts';
import { SUM, SUM_LENGTH } from './trade-sums.ts';

const processes = fc
  .tuple(fc.nat(0xffff_ffff), fc.constantFrom(...SIMULATED_PROFILES))
  .map(([seed, profile]) => new PriceProcess(new LatentMarket(seed, 0.05), profile));
const hours = fc.nat(2_000);

describe('the price process', () => {
  it('has as many trades in every hour, with consecutive ids, each to be found by its id', () => {
    fc.assert(
      fc.property(processes, hours, (process, hour) => {
        const { tradesPerHour } = process.profile;
        let nextId = hour * tradesPerHour + 1;
        for (let minute = hour * MINUTES_PER_HOUR; minute < (hour + 1) * MINUTES_PER_HOUR; minute += 1) {
          const { firstTradeId, count } = process.minute(minute);
          expect(firstTradeId).toBe(nextId);
          expect(process.locate(nextId)).toEqual({ minuteIndex: minute, place: 0 });
          expect(process.locate(nextId + count - 1)).toEqual({ minuteIndex: minute, place: count - 1 });
          nextId += count;
          expect(process.lastTradeIdOf(minute)).toBe(nextId - 1);
        }
        expect(nextId).toBe((hour + 1) * tradesPerHour + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the book a moment between two trades, and goes on from minute to minute at the same price', () => {
    fc.assert(
      fc.property(processes, hours, (process, hour) => {
        let lastMs = Number.NEGATIVE_INFINITY;
        let lastBid: number | undefined;
        let shortestMs = Number.POSITIVE_INFINITY;
        // One minute more than an hour, so that the end of an hour is among them.
        for (let index = hour * MINUTES_PER_HOUR; index <= (hour + 1) * MINUTES_PER_HOUR; index += 1) {
          const minute = process.minute(index);
          if (lastBid !== undefined) expect(minute.bids[0]).toBe(lastBid);
          for (const timeMs of minute.timesMs) {
            shortestMs = Math.min(shortestMs, timeMs - lastMs);
            lastMs = timeMs;
          }
          expect(minute.timesMs[0]).toBeGreaterThanOrEqual(EPOCH_MS + index * MINUTE_MS);
          expect(lastMs).toBeLessThan(EPOCH_MS + (index + 1) * MINUTE_MS);
          lastBid = minute.lastBid;
        }
        expect(shortestMs).toBeGreaterThanOrEqual(TRADE_GAP_MS);
      }),
      { numRuns: 40 },
    );
  });

  it('sums an hour exactly, within what a plain number holds', () => {
    fc.assert(
      fc.property(processes, hours, (process, hour) => {
        const sums = new Float64Array(SUM_LENGTH);
        process.addHour(hour, sums);
        let value = 0n;
        let lots = 0n;
        for (let index = hour * MINUTES_PER_HOUR; index < (hour + 1) * MINUTES_PER_HOUR; index += 1) {
          const minute = process.minute(index);
          minute.lots.forEach((size, trade) => {
            lots += BigInt(size);
            value += BigInt(size) * BigInt((minute.bids[trade] ?? 0) + 1 - (minute.buyerIsMaker[trade] ?? 0));
          });
        }
        expect(BigInt(sums[SUM.value] ?? 0)).toBe(value);
        expect(BigInt(sums[SUM.lots] ?? 0)).toBe(lots);
        expect(value).toBeLessThan(BigInt(Number.MAX_SAFE_INTEGER));
        expect(sums[SUM.trades]).toBe(process.profile.tradesPerHour);
      }),
      { numRuns: 20 },
    );
  });
});
