import { expectOk, instrumentId, timestampUs, type Instrument } from '@monsta/core';
import type { Ledger, Listing } from '@monsta/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRig } from './ledger-conformance.ts';
import { sampleInstrument, sampleTimeUs } from './ledger-samples.ts';

const MARKET = 'binance';
const HOUR_US = 3_600_000_000;
const at = (hours: number) => timestampUs(sampleTimeUs + hours * HOUR_US);
const listed = (id: string, changes: Partial<Instrument> = {}) =>
  sampleInstrument({ id: instrumentId(id), ...changes });
const finer = { tick: { units: 1, scale: 3 } };

/** What every `Ledger` must keep of the lists of instruments that it is given. */
export function ledgerListingConformance(name: string, make: () => Promise<LedgerRig>): void {
  describe(`${name} keeps what a market listed when`, () => {
    let rig: LedgerRig;
    let ledger: Ledger;
    beforeEach(async () => {
      rig = await make();
      ledger = rig.ledger;
    });
    afterEach(() => rig.dispose());

    const put = (hours: number, instruments: readonly Instrument[], changes: Partial<Listing> = {}) =>
      ledger.putListing({ market: MARKET, observedUs: at(hours), instruments, unreadable: [], ...changes });
    const ask = async (hours: number, market = MARKET) => expectOk(await ledger.instrumentsAt(market, at(hours)));
    /** `name version status scale` of what was listed; the reading it is known from. */
    const seen = async (hours: number, market = MARKET) => {
      const answer = await ask(hours, market);
      if (answer.observedUs === null) return answer.firstObservedUs;
      return [
        answer.observedUs,
        ...answer.instruments.map(({ id, version, status, tick }) => `${id} ${version} ${status} ${tick.scale}`),
      ];
    };

    it('and knows nothing of the time before it was read first', async () => {
      expect(await ask(5)).toEqual({ observedUs: null, firstObservedUs: null });
      expect(expectOk(await put(1, [listed('BTCUSDT')]))).toBe(1);
      expect(await ask(0.999)).toEqual({ observedUs: null, firstObservedUs: at(1) });
      expect(await seen(1)).toEqual([at(1), 'BTCUSDT 1 trading 2']);
      expect(await seen(1_000)).toEqual([at(1), 'BTCUSDT 1 trading 2']);
    });

    it('with every version of its terms, from when it was seen', async () => {
      expectOk(await put(1, [listed('BTCUSDT'), listed('ETHUSDT')]));
      expect(expectOk(await put(2, [listed('BTCUSDT'), listed('ETHUSDT')]))).toBe(0);
      expect(expectOk(await put(3, [listed('ETHUSDT'), listed('BTCUSDT', finer)]))).toBe(1);
      expect(expectOk(await put(4, [listed('BTCUSDT', finer), listed('ETHUSDT', { status: 'halted' })]))).toBe(1);
      expect(await seen(2.5)).toEqual([at(2), 'BTCUSDT 1 trading 2', 'ETHUSDT 1 trading 2']);
      expect(await seen(3)).toEqual([at(3), 'BTCUSDT 2 trading 3', 'ETHUSDT 1 trading 2']);
      expect(await seen(9)).toEqual([at(4), 'BTCUSDT 2 trading 3', 'ETHUSDT 2 halted 2']);
      const answer = await ask(9);
      expect(answer.observedUs === null ? null : answer.instruments[0]).toEqual(
        listed('BTCUSDT', { ...finer, version: 2, validFromUs: at(3) }),
      );
    });

    it('without those that are gone, with those that came, and with one that came back', async () => {
      expectOk(await put(1, [listed('LUNAUSDT'), listed('BTCUSDT')]));
      expect(expectOk(await put(2, [listed('BTCUSDT'), listed('NEWUSDT')]))).toBe(2);
      expectOk(await put(3, [listed('BTCUSDT'), listed('NEWUSDT')]));
      expectOk(await put(4, [listed('BTCUSDT'), listed('LUNAUSDT', finer), listed('NEWUSDT')]));
      expect(await seen(1)).toEqual([at(1), 'BTCUSDT 1 trading 2', 'LUNAUSDT 1 trading 2']);
      expect(await seen(3)).toEqual([at(3), 'BTCUSDT 1 trading 2', 'NEWUSDT 1 trading 2']);
      expect(await seen(4)).toEqual([at(4), 'BTCUSDT 1 trading 2', 'LUNAUSDT 3 trading 3', 'NEWUSDT 1 trading 2']);
    });

    it('with what was known before of one that could not be read', async () => {
      expectOk(await put(1, [listed('BTCUSDT'), listed('ODDUSDT')]));
      expect(expectOk(await put(2, [listed('BTCUSDT')], { unreadable: [instrumentId('ODDUSDT')] }))).toBe(0);
      expect(await seen(2)).toEqual([at(2), 'BTCUSDT 1 trading 2', 'ODDUSDT 1 trading 2']);
    });

    it('apart from other markets, and from what is traded', async () => {
      expectOk(await put(1, [listed('BTCUSDT')]));
      expectOk(await put(2, [listed('BTCUSDT', finer)], { market: 'simulated:1' }));
      expect(await seen(3)).toEqual([at(1), 'BTCUSDT 1 trading 2']);
      expect(await seen(3, 'simulated:1')).toEqual([at(2), 'BTCUSDT 1 trading 3']);
      expect(await seen(1, 'simulated:1')).toBe(at(2));
      expect(expectOk(await ledger.instruments())).toEqual([]);
    });

    it('in the order in which it was read', async () => {
      expectOk(await put(2, [listed('BTCUSDT')]));
      for (const hours of [2, 1]) {
        expect(await put(hours, [])).toMatchObject({ ok: false, fault: { code: 'listing_out_of_order' } });
      }
      expect(await seen(3)).toEqual([at(2), 'BTCUSDT 1 trading 2']);
    });

    it('whole, thousands of instruments long, while other changes have their turn, over closing and opening', async () => {
      const many = Array.from({ length: 3_000 }, (_, index) => listed(`A${String(index).padStart(4, '0')}USDT`));
      let others = 0;
      const writing = put(1, many);
      let done = false;
      void writing.then(() => (done = true));
      expect(await put(1, many)).toMatchObject({ ok: false, fault: { code: 'state_conflict' } });
      while (!done) {
        expectOk(await ledger.putSetting('count', String(others)));
        if (!done) others += 1;
        // Not one of the many before all of them count.
        const half = await ask(1);
        if (half.observedUs !== null) expect(half.instruments).toHaveLength(many.length);
      }
      expect(expectOk(await writing)).toBe(3_000);
      expect(others).toBeGreaterThan(5);
      ledger = await rig.reopen();
      const answer = await ask(1);
      expect(answer.observedUs === null ? [] : answer.instruments.map(({ id }) => id)).toEqual(
        many.map(({ id }) => id),
      );
      expect(expectOk(await put(2, many))).toBe(0);
    });
  });
}
