import { accountId, clientOrderId, expectOk, instrumentId, strategyId, timestampUs, type Result } from '@monsta/core';
import type { Ledger, LedgerBatch, Page, StoredEquitySample } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRig } from './ledger-conformance.ts';
import {
  anyAlert,
  anyEquitySample,
  anyRoundTrip,
  anyStrategy,
  sampleAccount as account,
  sampleAlert,
  sampleEquity,
  sampleFill,
  sampleInstrument,
  sampleRoundTrip,
  sampleState,
  sampleStoredStrategy,
  sampleTimeUs,
} from './ledger-samples.ts';

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);
const later = (us: number) => timestampUs(sampleTimeUs + us);

async function collect<T>(items: AsyncIterable<Result<T>>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(expectOk(item));
  return found;
}

async function allPages<T>(read: (cursor: string | null) => Promise<Result<Page<T>>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = expectOk(await read(cursor));
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** What every `Ledger` must keep of strategies, round trips, equity and alerts. */
export function ledgerBooksConformance(name: string, make: () => Promise<LedgerRig>): void {
  describe(`${name} keeps the books`, () => {
    let rig: LedgerRig;
    let ledger: Ledger;
    beforeEach(async () => {
      rig = await make();
      ledger = rig.ledger;
      expectOk(await ledger.putInstruments([sampleInstrument()]));
    });
    afterEach(() => rig.dispose());

    const commit = async (batch: Omit<LedgerBatch, 'accountId'>) =>
      expectOk(await ledger.commit({ accountId: account, ...batch }));
    const refused = async (batch: Omit<LedgerBatch, 'accountId'>) =>
      codeOf(await ledger.commit({ accountId: account, ...batch }));
    const samples = async (max: number, span: { fromUs?: number; toUs?: number } = {}) =>
      expectOk(
        await ledger.equitySamples(account, {
          max,
          ...(span.fromUs === undefined ? {} : { fromUs: timestampUs(span.fromUs) }),
          ...(span.toUs === undefined ? {} : { toUs: timestampUs(span.toUs) }),
        }),
      );

    it('gives back exactly what was stored, over closing and opening', async () => {
      const record = fc.record({ strategy: anyStrategy, trip: anyRoundTrip, sample: anyEquitySample, alert: anyAlert });
      const different = fc.uniqueArray(record, { minLength: 25, maxLength: 25, selector: ({ sample }) => sample.tsUs });
      const stored = fc.sample(different, { numRuns: 1, seed: 5 }).flat();
      for (const { strategy, trip, sample, alert } of stored) {
        await commit({ strategies: [strategy], roundTrips: [trip], equitySamples: [sample] });
        expect(expectOk(await ledger.putAlerts(account, [alert]))).toBe(1);
      }
      ledger = await rig.reopen();
      const strategies = expectOk(await ledger.strategies(account));
      const trips = await allPages((cursor) => ledger.roundTrips(account, { limit: 7, cursor }));
      const alerts = await allPages((cursor) => ledger.alerts(account, { limit: 7, cursor }));
      const equity = await samples(1_000);
      for (const { strategy, trip, sample, alert } of stored) {
        expect(strategies).toContainEqual(JSON.parse(JSON.stringify(strategy)));
        expect(trips).toContainEqual(trip);
        expect(alerts).toContainEqual(JSON.parse(JSON.stringify(alert)));
        expect(equity).toContainEqual({ ...sample, byStrategy: { ...sample.byStrategy } });
      }
    });

    it('names the accounts that a state was recorded of', async () => {
      expect(expectOk(await ledger.accounts())).toEqual([]);
      const other = accountId('live:other');
      await commit({ account: sampleState() });
      expectOk(await ledger.commit({ accountId: other, account: sampleState({ accountId: other }) }));
      expect(expectOk(await ledger.accounts())).toEqual([other, account]);
    });

    it('says nothing of what it does not hold', async () => {
      const stranger = accountId('nobody');
      await commit({ strategies: [sampleStoredStrategy()], roundTrips: [sampleRoundTrip('a')] });
      expect(expectOk(await ledger.strategies(stranger))).toEqual([]);
      expect(expectOk(await ledger.equitySamples(stranger, { max: 10 }))).toEqual([]);
      expect(await collect(ledger.allRoundTrips(stranger))).toEqual([]);
      const page = { limit: 10, cursor: null };
      expect(expectOk(await ledger.roundTrips(stranger, page))).toEqual({ items: [], nextCursor: null });
      expect(expectOk(await ledger.alerts(stranger, page))).toEqual({ items: [], nextCursor: null });
    });

    it('replaces a strategy by its id and a sample by its time, and lists strategies by id', async () => {
      const other = sampleStoredStrategy({ strategyId: strategyId('a'), status: 'failed', reason: 'threw' });
      await commit({ strategies: [sampleStoredStrategy(), other], equitySamples: [sampleEquity(5)] });
      const paused = sampleStoredStrategy({ status: 'paused', reason: 'by hand', updatedUs: later(9) });
      const sample = sampleEquity(5, { equity: '9999.5', growth: '0.99995' });
      await commit({ strategies: [paused], equitySamples: [sample] });
      expect(expectOk(await ledger.strategies(account))).toEqual([other, paused]);
      expect(await samples(10)).toEqual([sample]);
    });

    it('keeps what became of an alert, and tells which of them it has', async () => {
      expectOk(await ledger.putAlerts(account, [sampleAlert('a'), sampleAlert('b')]));
      const sent = { channel: 'phone', status: 'sent' as const, tsUs: timestampUs(5), reason: null };
      const changes = ['a', 'nobody'].map((id) => ({ id, deliveries: [sent] }));
      expect(expectOk(await ledger.putAlertDeliveries(account, changes))).toBe(1);
      expect(expectOk(await ledger.putAlertDeliveries(accountId('paper:other'), changes))).toBe(0);
      const { items } = expectOk(await ledger.alerts(account, { limit: 5, cursor: null }));
      expect(new Map(items.map(({ id, deliveries }) => [id, deliveries]))).toEqual(
        new Map([
          ['a', [sent]],
          ['b', []],
        ]),
      );
    });

    it('takes a round trip and an alert once, however often they are told', async () => {
      const [trip, alert] = [sampleRoundTrip('a'), sampleAlert('a')];
      await commit({ roundTrips: [trip, { ...trip, exitTag: 'again' }] });
      await commit({ roundTrips: [{ ...trip, exitTag: 'once more' }] });
      expect(expectOk(await ledger.roundTrips(account, { limit: 5, cursor: null })).items).toEqual([trip]);
      expect(expectOk(await ledger.putAlerts(account, [alert, { ...alert, title: 'again' }]))).toBe(1);
      expect(expectOk(await ledger.putAlerts(account, [alert]))).toBe(0);
      expect(expectOk(await ledger.alerts(account, { limit: 5, cursor: null })).items).toEqual([alert]);
    });

    it('refuses what is of another account, no decimal or no JSON, and stores nothing of it', async () => {
      const accountOfOther = accountId('other');
      const sound = { roundTrips: [sampleRoundTrip('sound')] };
      expect(await refused({ strategies: [sampleStoredStrategy({ accountId: accountOfOther })] })).toBe(
        'account_mismatch',
      );
      expect(await refused({ roundTrips: [sampleRoundTrip('x', { accountId: accountOfOther })] })).toBe(
        'account_mismatch',
      );
      expect(await refused({ equitySamples: [sampleEquity(1, { accountId: accountOfOther })] })).toBe(
        'account_mismatch',
      );
      expect(await refused({ ...sound, equitySamples: [sampleEquity(1, { growth: '1e3' })] })).toBe(
        'decimal_malformed',
      );
      expect(await refused({ ...sound, strategies: [sampleStoredStrategy({ state: 1n })] })).toBe('payload_invalid');
      expect(await refused({ roundTrips: [...sound.roundTrips, sampleRoundTrip('x', { profit: '' })] })).toBe(
        'decimal_malformed',
      );
      const fees = { byAsset: { BNB: 'much' }, otherValue: '0', unvalued: {} };
      expect(await refused({ roundTrips: [...sound.roundTrips, sampleRoundTrip('x', { fees })] })).toBe(
        'decimal_malformed',
      );
      expect(codeOf(await ledger.putAlerts(account, [sampleAlert('a', { details: 1n })]))).toBe('payload_invalid');
      expect(expectOk(await ledger.roundTrips(account, { limit: 5, cursor: null })).items).toEqual([]);
      expect(await samples(5)).toEqual([]);
    });

    it('pages round trips newest first, of all, of a strategy or of an instrument', async () => {
      const eth = instrumentId('ETHUSDT');
      const grid = strategyId('grid');
      const trips = Array.from({ length: 23 }, (_, index) =>
        sampleRoundTrip(`t${index}`, {
          closedUs: later((index * 7) % 5),
          ...(index % 2 === 0 ? { strategyId: grid } : {}),
          ...(index % 3 === 0 ? { instrument: eth } : {}),
        }),
      );
      await commit({ roundTrips: trips });
      const newestFirst = trips
        .map((trip, index) => ({ trip, index }))
        .sort((a, b) => b.trip.closedUs - a.trip.closedUs || b.index - a.index)
        .map(({ trip }) => trip);
      const pages = (filter: object) =>
        allPages((cursor) => ledger.roundTrips(account, { limit: 4, cursor, ...filter }));
      expect(await pages({})).toEqual(newestFirst);
      expect(await pages({ strategyId: grid })).toEqual(newestFirst.filter((trip) => trip.strategyId === grid));
      expect(await pages({ instrument: eth })).toEqual(newestFirst.filter((trip) => trip.instrument === eth));
      expect(await pages({ strategyId: grid, instrument: eth })).toEqual(
        newestFirst.filter((trip) => trip.instrument === eth && trip.strategyId === grid),
      );
      const ofTrips = expectOk(await ledger.roundTrips(account, { limit: 1, cursor: null })).nextCursor;
      expect(codeOf(await ledger.alerts(account, { limit: 1, cursor: ofTrips }))).toBe('cursor_invalid');
    });

    it('gives fills, round trips and samples of a span in time order, both ends included, over many reads', async () => {
      const count = 2_300;
      const us = (index: number): number => (index * 7_919) % count;
      await commit({
        fills: Array.from({ length: count }, (_, index) => sampleFill(`f${index}`, { tsEventUs: later(us(index)) })),
        roundTrips: Array.from({ length: count }, (_, index) =>
          sampleRoundTrip(`t${index}`, { closedUs: later(us(index)) }),
        ),
        equitySamples: Array.from({ length: count }, (_, index) => sampleEquity(later(us(index)))),
      });
      const times = async (span: object) => [
        (await collect(ledger.allFills(account, span))).map(({ value }) => value.tsEventUs - sampleTimeUs),
        (await collect(ledger.allRoundTrips(account, span))).map(({ closedUs }) => closedUs - sampleTimeUs),
        (await collect(ledger.allEquitySamples(account, span))).map(({ tsUs }) => tsUs - sampleTimeUs),
      ];
      const whole = Array.from({ length: count }, (_, index) => index);
      expect(await times({})).toEqual([whole, whole, whole]);
      const part = whole.slice(3, count - 4);
      expect(await times({ fromUs: later(3), toUs: later(count - 5) })).toEqual([part, part, part]);
      expect(await times({ fromUs: later(count) })).toEqual([[], [], []]);
    });

    it('gives the fills of one order in time order, and none of another account', async () => {
      const one = accountId('fills-of-one');
      const at = (id: string, order: string, us: number) =>
        sampleFill(id, { clientOrderId: clientOrderId(order), tsEventUs: timestampUs(sampleTimeUs + us) });
      const fills = [at('3', 'mine', 3), at('1', 'mine', 1), at('2', 'other', 2)];
      expectOk(await ledger.commit({ accountId: one, fills }));
      expectOk(await ledger.commit({ accountId: accountId('fills-of-two'), fills: [at('9', 'mine', 2)] }));
      const found = expectOk(await ledger.fillsOf(one, clientOrderId('mine')));
      expect(found.map(({ value }) => value.fillId)).toEqual(['1', '3']);
      expect(found[0]?.instrument).toEqual(expectOk(await ledger.instruments())[0]);
      expect(expectOk(await ledger.fillsOf(one, clientOrderId('nobody')))).toEqual([]);
    });

    it('thins equity out: real samples only, the first and the last among them, spread evenly over the time', async () => {
      const gaps = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 60 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(gaps, fc.integer({ min: 2, max: 70 }), async (steps, max) => {
          round += 1;
          const own = accountId(`thinned-${round}`);
          let us = 0;
          const stored: StoredEquitySample[] = steps.map((step, index) => {
            us += step;
            return sampleEquity(us, { accountId: own, equity: String(index) });
          });
          expectOk(await ledger.commit({ accountId: own, equitySamples: stored }));
          const seen = expectOk(await ledger.equitySamples(own, { max }));
          if (stored.length <= max) {
            expect(seen).toEqual(stored);
            return;
          }
          expect(seen.length).toBeLessThanOrEqual(max);
          expect([seen[0], seen.at(-1)]).toEqual([stored[0], stored.at(-1)]);
          for (const [index, sample] of seen.entries()) {
            expect(stored).toContainEqual(sample);
            expect(sample.tsUs).toBeGreaterThan(seen[index - 1]?.tsUs ?? 0);
          }
          // Of every part of the span that has samples, one was taken: no gap is wider than two parts and what the samples themselves leave empty.
          const part = (us - (stored[0]?.tsUs ?? 0)) / (max - 1);
          for (const [index, sample] of seen.entries()) {
            const before = seen[index - 1];
            if (before !== undefined) expect(sample.tsUs - before.tsUs).toBeLessThanOrEqual(2 * part + 50);
          }
        }),
        { numRuns: 30 },
      );
      for (const max of [1, 0, 2.5, 1e6]) {
        expect(codeOf(await ledger.equitySamples(account, { max }))).toBe('parameter_invalid');
      }
    });
  });
}
