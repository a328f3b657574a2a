import {
  accountId,
  amount,
  assetId,
  clientOrderId,
  expectOk,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Fill,
  type Result,
} from '@monsta/core';
import type { Ledger, LedgerBatch, Page } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NO_STORED_FEES,
  anyBalances,
  anyDecision,
  anyFill,
  anyOrder,
  anyPosition,
  anyState,
  anyTransfer,
  sampleAccount as account,
  sampleDecision,
  sampleFill,
  sampleInstrument,
  sampleOrder,
  sampleState,
  sampleStrategy,
  sampleTimeUs,
  sampleTransfer,
} from './ledger-samples.ts';

export interface LedgerRig {
  /** An empty ledger. */
  readonly ledger: Ledger;
  /** Closes it and opens the same store again. */
  reopen(): Promise<Ledger>;
  /** A second ledger over the same store, which may be read-only. */
  reader(): Promise<Ledger>;
  dispose(): Promise<void>;
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);
const later = (us: number) => timestampUs(sampleTimeUs + us);

/** Every page from the newest on, `limit` items at a time. */
async function allPages<T>(
  read: (page: { limit: number; cursor: string | null }) => Promise<Result<Page<T>>>,
  limit: number,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = expectOk(await read({ limit, cursor }));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

async function collectFills(ledger: Ledger): Promise<Fill[]> {
  const fills: Fill[] = [];
  for await (const fill of ledger.allFills(account)) fills.push(expectOk(fill).value);
  return fills;
}

/** What every `Ledger` must keep. */
export function ledgerConformance(name: string, make: () => Promise<LedgerRig>): void {
  describe(`${name} keeps the promises of a ledger`, () => {
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

    it('says null and nothing of what it does not hold', async () => {
      const stranger = accountId('nobody');
      expect(expectOk(await ledger.account(stranger))).toBeNull();
      expect(expectOk(await ledger.order(stranger, clientOrderId('x')))).toBeNull();
      expect(expectOk(await ledger.getSetting('x'))).toBeNull();
      expect(expectOk(await ledger.lastDecisionUs(stranger, sampleStrategy, instrumentId('BTCUSDT')))).toBeNull();
      expect(expectOk(await ledger.balances(stranger))).toEqual([]);
      expect(expectOk(await ledger.positions(stranger))).toEqual([]);
      expect(expectOk(await ledger.openOrders(stranger))).toEqual([]);
      const page = { limit: 10, cursor: null };
      for (const list of [
        ledger.orders(stranger, page),
        ledger.fills(stranger, page),
        ledger.decisions(stranger, page),
        ledger.divergences(stranger, page),
        ledger.transfers(stranger, page),
      ]) {
        expect(expectOk<Page<unknown>>(await list)).toEqual({ items: [], nextCursor: null });
      }
    });

    it('gives back exactly what was stored, whatever the numbers', async () => {
      const record = fc.record({
        order: anyOrder,
        fill: anyFill,
        decision: anyDecision,
        transfer: anyTransfer,
        position: anyPosition,
        state: anyState,
        balances: anyBalances,
      });
      await fc.assert(
        fc.asyncProperty(record, async ({ order, fill, decision, transfer, position, state, balances }) => {
          const orders = [order];
          await commit({
            orders,
            fills: [fill],
            decisions: [decision],
            transfers: [transfer],
            positions: [position],
            balances,
            account: state,
          });
          expect(expectOk(await ledger.order(account, order.clientOrderId))?.value).toEqual(order);
          expect((await collectFills(ledger)).find(({ fillId }) => fillId === fill.fillId)).toEqual(fill);
          const decisions = await allPages((page) => ledger.decisions(account, page), 100);
          expect(decisions.find(({ id }) => id === decision.id)).toEqual(JSON.parse(JSON.stringify(decision)));
          expect(await allPages((page) => ledger.transfers(account, page), 100)).toContainEqual(transfer);
          expect(expectOk(await ledger.positions(account))).toContainEqual(position);
          const stored = expectOk(await ledger.balances(account));
          for (const balance of balances) expect(stored).toContainEqual(balance);
          expect(expectOk(await ledger.account(account))).toEqual(JSON.parse(JSON.stringify(state)));
        }),
        { numRuns: 40 },
      );
    });

    it('keeps everything over closing and opening', async () => {
      await commit({
        orders: [sampleOrder('order-1')],
        fills: [sampleFill('1')],
        decisions: [sampleDecision('d1')],
        balances: [{ asset: assetId('USDT'), free: amount(1n), locked: amount(2n) }],
        transfers: [sampleTransfer('w', { cause: 'withdrawal', amount: amount(-1n) })],
        divergences: [{ id: 'x', accountId: account, tsUs: later(0), code: 'fill_missing', message: 'a fill' }],
        account: sampleState({ tradingState: 'HALTED', tradingStateBy: 'user', kernelState: { counter: 7 } }),
      });
      expectOk(await ledger.putSetting('token', 'hash'));
      ledger = await rig.reopen();
      expect(expectOk(await ledger.order(account, clientOrderId('order-1')))?.value).toEqual(sampleOrder('order-1'));
      expect(await collectFills(ledger)).toEqual([sampleFill('1')]);
      expect(expectOk(await ledger.decisions(account, { limit: 5, cursor: null })).items).toEqual([
        sampleDecision('d1'),
      ]);
      expect(expectOk(await ledger.balances(account))).toEqual([
        { asset: assetId('USDT'), free: amount(1n), locked: amount(2n) },
      ]);
      expect(expectOk(await ledger.divergences(account, { limit: 5, cursor: null })).items).toEqual([
        { id: 'x', accountId: account, tsUs: later(0), code: 'fill_missing', message: 'a fill' },
      ]);
      expect(expectOk(await ledger.transfers(account, { limit: 5, cursor: null })).items).toEqual([
        sampleTransfer('w', { cause: 'withdrawal', amount: amount(-1n) }),
      ]);
      expect(expectOk(await ledger.account(account))?.kernelState).toEqual({ counter: 7 });
      expect(expectOk(await ledger.getSetting('token'))).toBe('hash');
      expect(expectOk(await ledger.instruments())).toEqual([sampleInstrument()]);
    });

    it('keeps accounts apart', async () => {
      const other = accountId('paper:other');
      await commit({ orders: [sampleOrder('order-1')], fills: [sampleFill('1')] });
      expectOk(
        await ledger.commit({
          accountId: other,
          orders: [sampleOrder('order-1', { side: 'sell' })],
          fills: [sampleFill('1')],
        }),
      );
      expect(expectOk(await ledger.order(account, clientOrderId('order-1')))?.value.side).toBe('buy');
      expect(expectOk(await ledger.order(other, clientOrderId('order-1')))?.value.side).toBe('sell');
      expect(await collectFills(ledger)).toHaveLength(1);
      expect(await refused({ decisions: [sampleDecision('d', { accountId: other })] })).toBe('account_mismatch');
    });

    it('stores a version of an instrument only where the venue changed something', async () => {
      const changed = sampleInstrument({ tick: { units: 5, scale: 3 }, validFromUs: later(9) });
      expectOk(await ledger.putInstruments([sampleInstrument({ version: 4, validFromUs: later(5) })]));
      expect(expectOk(await ledger.instruments())).toEqual([sampleInstrument()]);
      expectOk(await ledger.putInstruments([changed]));
      expect(expectOk(await ledger.instruments())).toEqual([{ ...changed, version: 2 }]);
      expectOk(await ledger.putInstruments([sampleInstrument({ id: instrumentId('AUSDT') })]));
      expect(expectOk(await ledger.instruments()).map(({ id }) => id)).toEqual(['AUSDT', 'BTCUSDT']);
    });

    it('reads old orders and fills with the ticks and lots they were stored with', async () => {
      await commit({ orders: [sampleOrder('old')], fills: [sampleFill('1')] });
      expectOk(await ledger.putInstruments([sampleInstrument({ tick: { units: 1, scale: 3 } })]));
      await commit({
        orders: [sampleOrder('new'), sampleOrder('old', { status: 'accepted' })],
        fills: [sampleFill('2'), sampleFill('3', { clientOrderId: clientOrderId('old') })],
      });
      const scaleOf = async (id: string) =>
        expectOk(await ledger.order(account, clientOrderId(id)))?.instrument.tick.scale;
      expect([await scaleOf('old'), await scaleOf('new')]).toEqual([2, 3]);
      const fills = expectOk(await ledger.fills(account, { limit: 5, cursor: null })).items;
      expect(fills.map(({ value, instrument }) => [value.fillId, instrument.tick.scale])).toEqual([
        // Of an order of before: its ticks are the order's.
        ['3', 2],
        ['2', 3],
        ['1', 2],
      ]);
    });

    it('stores nothing of a batch it refuses', async () => {
      const stranger = instrumentId('DOGEUSDT');
      const batches: readonly (readonly [code: string, batch: Omit<LedgerBatch, 'accountId'>])[] = [
        ['instrument_unknown', { fills: [sampleFill('9', { instrument: stranger })] }],
        ['instrument_unknown', { orders: [sampleOrder('order-9', { instrument: stranger })] }],
        ['payload_invalid', { decisions: [sampleDecision('d9', { wanted: 1n })] }],
        ['payload_invalid', { account: sampleState({ kernelState: undefined }) }],
        ['decimal_malformed', { account: sampleState({ peakEquity: '1e9' }) }],
        ['out_of_range', { balances: [{ asset: assetId('X'), free: amount(10n ** 70n), locked: amount(0n) }] }],
      ];
      for (const [code, batch] of batches) {
        const sound = { orders: [sampleOrder('order-1')], decisions: [sampleDecision('d1')] };
        const mixed: Omit<LedgerBatch, 'accountId'> = {
          ...batch,
          orders: [...sound.orders, ...(batch.orders ?? [])],
          decisions: [...sound.decisions, ...(batch.decisions ?? [])],
        };
        expect(await refused(mixed)).toBe(code);
        expect(expectOk(await ledger.order(account, clientOrderId('order-1')))).toBeNull();
        expect(expectOk(await ledger.decisions(account, { limit: 5, cursor: null })).items).toEqual([]);
      }
    });

    it('updates an order by its client order id and never moves a final one back', async () => {
      await commit({ orders: [sampleOrder('order-1')] });
      const filled = sampleOrder('order-1', { status: 'filled', filledQuantity: quantity(2_000), updatedUs: later(5) });
      await commit({ orders: [sampleOrder('order-1', { status: 'accepted' }), filled] });
      expect(expectOk(await ledger.order(account, clientOrderId('order-1')))?.value).toEqual(filled);
      for (const status of ['pending_submit', 'accepted', 'partially_filled', 'pending_cancel'] as const) {
        const back = sampleOrder('order-1', { status, filledQuantity: quantity(2_000) });
        expect(await refused({ orders: [back], decisions: [sampleDecision('d1')] })).toBe('order_final');
      }
      expect(await refused({ orders: [{ ...filled, filledQuantity: quantity(1) }] })).toBe('order_final');
      expect(expectOk(await ledger.order(account, clientOrderId('order-1')))?.value).toEqual(filled);
      expect(expectOk(await ledger.decisions(account, { limit: 5, cursor: null })).items).toEqual([]);
    });

    it('refuses another order under an id that was used', async () => {
      await commit({ orders: [sampleOrder('order-1')] });
      for (const changes of [
        { side: 'sell' },
        { quantity: quantity(1) },
        { limitPrice: price(1) },
        { limitPrice: null },
      ] as const) {
        expect(await refused({ orders: [sampleOrder('order-1', changes)] })).toBe('order_conflict');
      }
    });

    it('lists open orders only, oldest first', async () => {
      await commit({
        orders: [
          sampleOrder('late', { createdUs: later(2) }),
          sampleOrder('done', { status: 'canceled' }),
          sampleOrder('early', { status: 'partially_filled' }),
        ],
      });
      const open = async () => expectOk(await ledger.openOrders(account)).map(({ value }) => value.clientOrderId);
      expect(await open()).toEqual(['early', 'late']);
      await commit({ orders: [sampleOrder('early', { status: 'expired' })] });
      expect(await open()).toEqual(['late']);
    });

    it('counts fills and decisions that are new and ignores those it has', async () => {
      const batch = { fills: [sampleFill('1'), sampleFill('2'), sampleFill('1')], decisions: [sampleDecision('d1')] };
      expect(await commit(batch)).toEqual({ newFills: 2, newDecisions: 1 });
      expect(await commit({ ...batch, fills: [...batch.fills, sampleFill('3')] })).toEqual({
        newFills: 1,
        newDecisions: 0,
      });
      await commit({ decisions: [sampleDecision('d1', { action: 'enter' })] });
      expect(expectOk(await ledger.decisions(account, { limit: 5, cursor: null })).items).toEqual([
        sampleDecision('d1'),
      ]);
      expect(await collectFills(ledger)).toHaveLength(3);
    });

    it('knows fills by instrument and id: another instrument may use the same id', async () => {
      expectOk(await ledger.putInstruments([sampleInstrument({ id: instrumentId('ETHUSDT') })]));
      const eth = sampleFill('1', { instrument: instrumentId('ETHUSDT') });
      expect(await commit({ fills: [sampleFill('1'), eth] })).toMatchObject({ newFills: 2 });
      const page = { limit: 5, cursor: null, instrument: instrumentId('ETHUSDT') };
      expect(expectOk(await ledger.fills(account, page)).items.map(({ value }) => value)).toEqual([eth]);
    });

    it('keeps what an account has of very many assets, the newest of each', async () => {
      const has = (change: bigint) =>
        Array.from({ length: 230 }, (_, index) => ({
          asset: assetId(`A${String(index).padStart(3, '0')}`),
          free: amount(BigInt(index) + change),
          locked: amount(change),
        }));
      await commit({ balances: has(1n) });
      await commit({ balances: [...has(2n)].reverse() });
      expect(expectOk(await ledger.balances(account))).toEqual(has(2n));
    });

    it('replaces positions, balances and the account state by their keys', async () => {
      const position = {
        accountId: account,
        strategyId: sampleStrategy,
        instrument: instrumentId('BTCUSDT'),
        quantity: '1.50000',
        costBasis: '92606.445',
        realizedProfit: '-3.1',
        feesPaid: '0.000000000000000001',
        fees: NO_STORED_FEES,
        trip: null,
        openedUs: later(0),
        updatedUs: later(0),
      };
      const usdt = { asset: assetId('USDT'), free: amount(3n), locked: amount(4n) };
      const btc = { asset: assetId('BTC'), free: amount(1n), locked: amount(0n) };
      await commit({ positions: [position], balances: [usdt, btc], account: sampleState() });
      const closed = { ...position, quantity: '0', openedUs: null };
      const halted = sampleState({ tradingState: 'HALTED', tradingStateReason: 'drawdown', tradingStateBy: 'risk' });
      await commit({ positions: [closed], balances: [{ ...usdt, free: amount(9n) }], account: halted });
      expect(expectOk(await ledger.positions(account))).toEqual([closed]);
      expect(expectOk(await ledger.balances(account))).toEqual([btc, { ...usdt, free: amount(9n) }]);
      expect(expectOk(await ledger.account(account))).toEqual(halted);
    });

    it('reports a divergence once', async () => {
      const divergence = { id: 'x', accountId: account, tsUs: later(0), code: 'a', message: 'first' };
      await commit({ divergences: [divergence, { ...divergence, message: 'again' }] });
      await commit({ divergences: [divergence, { ...divergence, id: 'y', tsUs: later(1) }] });
      const items = await allPages((page) => ledger.divergences(account, page), 1);
      expect(items.map(({ id, message }) => [id, message])).toEqual([
        ['y', 'first'],
        ['x', 'first'],
      ]);
    });

    it('takes a transfer once, however often it is told, and gives the newest first', async () => {
      const first = sampleTransfer('one');
      await commit({ transfers: [first, sampleTransfer('two', { tsUs: later(5) })] });
      await commit({ transfers: [sampleTransfer('one', { amount: amount(9n), tsUs: later(9) })] });
      const pages = await allPages((page) => ledger.transfers(account, page), 1);
      expect(pages).toEqual([sampleTransfer('two', { tsUs: later(5) }), first]);
      expect(await refused({ transfers: [sampleTransfer('three', { accountId: accountId('other') })] })).toBe(
        'account_mismatch',
      );
    });

    it('pages newest first, each item once, whatever the limit and the times', async () => {
      const times = fc.array(fc.nat({ max: 5 }), { maxLength: 25 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(times, fc.integer({ min: 1, max: 7 }), async (offsets, limit) => {
          round += 1;
          const own = accountId(`paged-${round}`);
          const orders = offsets.map((us, index) => sampleOrder(`o${index}`, { createdUs: later(us) }));
          const fills = offsets.map((us, index) => sampleFill(`f${index}`, { tsEventUs: later(us) }));
          const decisions = offsets.map((us, index) =>
            sampleDecision(`d${index}`, { accountId: own, tsEventUs: later(us) }),
          );
          expectOk(await ledger.commit({ accountId: own, orders, fills, decisions }));
          const newestFirst = offsets
            .map((us, index) => ({ us, index }))
            .sort((left, right) => right.us - left.us || right.index - left.index)
            .map(({ index }) => index);
          const seenOrders = await allPages((page) => ledger.orders(own, page), limit);
          expect(seenOrders.map(({ value }) => value.clientOrderId)).toEqual(newestFirst.map((index) => `o${index}`));
          const seenFills = await allPages((page) => ledger.fills(own, page), limit);
          expect(seenFills.map(({ value }) => value.fillId)).toEqual(newestFirst.map((index) => `f${index}`));
          const seenDecisions = await allPages((page) => ledger.decisions(own, page), limit);
          expect(seenDecisions.map(({ id }) => id)).toEqual(newestFirst.map((index) => `d${index}`));
        }),
        { numRuns: 20 },
      );
    });

    it('neither repeats nor skips an item when newer ones come between two pages', async () => {
      await commit({
        fills: Array.from({ length: 6 }, (_, index) => sampleFill(`f${index}`, { tsEventUs: later(index) })),
      });
      const first = expectOk(await ledger.fills(account, { limit: 3, cursor: null }));
      await commit({ fills: [sampleFill('newer', { tsEventUs: later(100) })] });
      const second = expectOk(await ledger.fills(account, { limit: 3, cursor: first.nextCursor }));
      expect(second.items.map(({ value }) => value.fillId)).toEqual(['f2', 'f1', 'f0']);
      expect(second.nextCursor).toBeNull();
    });

    it('refuses cursors that are none of the list, and limits that are none', async () => {
      await commit({ fills: [sampleFill('1'), sampleFill('2')] });
      const ofFills = expectOk(await ledger.fills(account, { limit: 1, cursor: null })).nextCursor;
      expect(ofFills).not.toBeNull();
      expect(codeOf(await ledger.orders(account, { limit: 1, cursor: ofFills }))).toBe('cursor_invalid');
      for (const cursor of ['', 'x', '%%%', 'Zm9v', `${ofFills ?? ''}AAAA`]) {
        expect(codeOf(await ledger.fills(account, { limit: 1, cursor }))).toBe('cursor_invalid');
      }
      for (const limit of [0, -1, 1.5, Number.NaN, 1e9]) {
        expect(codeOf(await ledger.fills(account, { limit, cursor: null }))).toBe('parameter_invalid');
      }
    });

    it('gives all fills in the order of their times, over many reads', async () => {
      const fills = Array.from({ length: 2_345 }, (_, index) =>
        sampleFill(`f${index}`, { tsEventUs: later((index * 7_919) % 500) }),
      );
      await commit({ fills });
      const seen = await collectFills(ledger);
      expect(new Set(seen.map(({ fillId }) => fillId)).size).toBe(2_345);
      for (const [index, fill] of seen.entries()) {
        expect(fill.tsEventUs).toBeGreaterThanOrEqual(seen[index - 1]?.tsEventUs ?? 0);
      }
    });

    it('knows when a strategy last decided on an instrument', async () => {
      const other = strategyId('other');
      await commit({
        decisions: [
          sampleDecision('a', { tsEventUs: later(5) }),
          sampleDecision('b', { tsEventUs: later(3) }),
          sampleDecision('c', { tsEventUs: later(9), strategyId: other }),
        ],
      });
      expect(expectOk(await ledger.lastDecisionUs(account, sampleStrategy, instrumentId('BTCUSDT')))).toBe(later(5));
    });

    it('keeps settings by key', async () => {
      expectOk(await ledger.putSetting('key', 'one'));
      expectOk(await ledger.putSetting('key', 'two'));
      expect(expectOk(await ledger.getSetting('key'))).toBe('two');
    });

    it('takes commits at once from many callers; one that is refused leaves the others alone', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          ledger.commit({
            accountId: account,
            fills: [sampleFill(`f${index}`, index % 10 === 3 ? { instrument: instrumentId('NONE') } : {})],
          }),
        ),
      );
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(90);
      expect(outcomes.map(codeOf).filter((code) => code !== null)).toEqual(Array(10).fill('instrument_unknown'));
      expect(await collectFills(ledger)).toHaveLength(90);
    });

    it('applies commits in the order they were made', async () => {
      const states = ['a', 'b', 'c'].map((reason) => sampleState({ tradingStateReason: reason }));
      await Promise.all(states.map((state) => commit({ account: state })));
      expect(expectOk(await ledger.account(account))?.tradingStateReason).toBe('c');
    });

    it('shows a reader beside it what is committed, while it writes', async () => {
      const reader = await rig.reader();
      for (let round = 0; round < 20; round += 1) {
        const writing = commit({ orders: [sampleOrder(`o${round}`)], fills: [sampleFill(`f${round}`)] });
        const between = await collectFills(reader);
        expect([round, round + 1]).toContain(between.length);
        await writing;
        expect(await collectFills(reader)).toHaveLength(round + 1);
      }
      await reader.close();
    });

    it('answers ledger_unavailable once it is closed, and closes twice', async () => {
      await ledger.close();
      await ledger.close();
      expect(await refused({ account: sampleState() })).toBe('ledger_unavailable');
      expect(codeOf(await ledger.account(account))).toBe('ledger_unavailable');
      expect(codeOf(await ledger.putSetting('a', 'b'))).toBe('ledger_unavailable');
    });

    it('stores what was committed before closing, even where nobody waited', async () => {
      const waiting = commit({ account: sampleState({ tradingStateReason: 'last words' }) });
      ledger = await rig.reopen();
      await waiting;
      expect(expectOk(await ledger.account(account))?.tradingStateReason).toBe('last words');
    });
  });
}
