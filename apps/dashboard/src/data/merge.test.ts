import type {
  AccountReply,
  AlertRecordMessage,
  BookReply,
  OrderMessage,
  PredictionMessage,
  TradeMessage,
} from '@monsta/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillAt } from '../lib/market.test-support.ts';
import {
  arrivedMeanwhile,
  laterAccount,
  laterBook,
  mergeAlerts,
  mergeFills,
  mergeOrders,
  mergePredictions,
  mergeTrades,
  ROWS_MAX,
  TRADES_SHOWN,
} from './merge.ts';

const order = (id: string, createdMs: number, changes: Partial<OrderMessage> = {}): OrderMessage => ({
  clientOrderId: id,
  venueOrderId: null,
  strategyId: 'ema-cross',
  instrument: 'BTCUSDT',
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  quantity: '1',
  limitPrice: null,
  stopPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  listId: null,
  tag: null,
  decisionPrice: null,
  slippageBps: null,
  reduceOnly: false,
  status: 'pending_submit',
  filledQuantity: '0',
  averagePrice: null,
  reasonCode: null,
  reason: null,
  createdMs,
  updatedMs: createdMs,
  ...changes,
});

const trade = (tradeId: number): TradeMessage => ({
  instrument: 'BTCUSDT',
  tradeId,
  price: '100.00',
  quantity: '1',
  timeMs: tradeId,
  buyerIsMaker: false,
});

const page = <T>(items: readonly T[], nextCursor: string | null = null) => ({ items, nextCursor });

describe('a list kept live', () => {
  it('puts a new order on top and replaces one that changed', () => {
    const held = page([order('b', 2), order('a', 1)]);
    const grown = mergeOrders.onTop(held, order('c', 3));
    expect(grown?.items.map(({ clientOrderId }) => clientOrderId)).toEqual(['c', 'b', 'a']);
    const changed = mergeOrders.onTop(grown, order('b', 2, { status: 'filled', updatedMs: 9 }));
    expect(changed?.items.map(({ status }) => status)).toEqual(['pending_submit', 'filled', 'pending_submit']);
  });

  it('does not go back when an older state comes late', () => {
    const held = page([order('a', 1, { status: 'filled', updatedMs: 9 })]);
    expect(mergeOrders.onTop(held, order('a', 1, { status: 'accepted', updatedMs: 5 }))?.items[0]?.status).toBe(
      'filled',
    );
    expect(mergeOrders.underneath(page([order('a', 1, { updatedMs: 5 })]), held).items[0]?.status).toBe('filled');
  });

  it('waits for its first page: a lone live row would look like all there is', () => {
    expect(mergeOrders.onTop(undefined, order('a', 1))).toBeUndefined();
  });

  it('keeps what came live while a page was fetched, and drops what would hide a hole', () => {
    const held = page([order('d', 40), order('a', 1)], 'old');
    const fetched = mergeOrders.underneath(page([order('c', 30), order('b', 20)], 'new'), held);
    expect(fetched.items.map(({ clientOrderId }) => clientOrderId)).toEqual(['d', 'c', 'b']);
    expect(fetched.nextCursor).toBe('new');
  });

  it('takes older pages below and their cursor, up to its bound', () => {
    const held = page([fillAt(9)], 'c1');
    const below = mergeFills.below(held, page([fillAt(5), fillAt(4)], 'c2'));
    expect(below.items.map(({ timeMs }) => timeMs)).toEqual([9, 5, 4]);
    expect(below.nextCursor).toBe('c2');
    const many = page(
      Array.from({ length: ROWS_MAX + 10 }, (_, k) => fillAt(k)),
      'c3',
    );
    const full = mergeFills.below(page([]), many);
    expect([full.items.length, full.nextCursor]).toEqual([ROWS_MAX, null]);
  });

  it('tells fills of two instruments with one id apart', () => {
    const held = page([fillAt(1, { fillId: '7' })]);
    expect(mergeFills.onTop(held, fillAt(2, { fillId: '7', instrument: 'ETHUSDT' }))?.items.length).toBe(2);
  });
});

describe('the latest trades', () => {
  it('are the newest by id, each once, however they arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 30 })), (batches) => {
        let held: readonly TradeMessage[] = [];
        for (const batch of batches) held = mergeTrades(held, batch.map(trade));
        const expected = [...new Set(batches.flat())].toSorted((a, b) => b - a).slice(0, TRADES_SHOWN);
        expect(held.map(({ tradeId }) => tradeId)).toEqual(expected);
      }),
    );
  });
});

describe('predictions', () => {
  const said = (interval: '5m' | '1h', timeMs: number): PredictionMessage => ({
    instrument: 'BTCUSDT',
    model: 'logistic',
    interval,
    horizonMs: 3_600_000,
    timeMs,
    probabilityUp: 0.5,
    rawProbabilityUp: 0.5,
    calibrated: false,
    score: null,
    hasVote: false,
    trainedAtMs: null,
    absence: null,
  });
  const seen = (rows: readonly PredictionMessage[]) => rows.map(({ interval, timeMs }) => [interval, timeMs]);

  it('are one a model, interval and horizon: the one that came last, whatever bar it is of', () => {
    const merged = mergePredictions([said('5m', 10), said('1h', 10)], [said('5m', 20), said('1h', 5)]);
    expect(seen(merged)).toEqual([
      ['5m', 20],
      ['1h', 5],
    ]);
  });

  it('that came live during a fetch are newer than what was fetched; those held before are not', () => {
    const before = [said('5m', 1), said('1h', 1)];
    const now = mergePredictions(before, [said('5m', 2)]);
    expect(seen(mergePredictions([said('5m', 1), said('1h', 3)], arrivedMeanwhile(before, now)))).toEqual([
      ['5m', 2],
      ['1h', 3],
    ]);
    expect(arrivedMeanwhile(undefined, undefined)).toEqual([]);
  });
});

describe('what was fetched and what came live', () => {
  const book = (lastUpdateId: number): BookReply => ({
    instrument: 'BTCUSDT',
    lastUpdateId,
    bids: [],
    asks: [],
    timeMs: lastUpdateId,
    absence: null,
  });
  const noBook: BookReply = {
    instrument: 'BTCUSDT',
    lastUpdateId: null,
    bids: null,
    asks: null,
    timeMs: null,
    absence: { code: 'out_of_step', reason: 'not in step' },
  };

  it('the later book stands', () => {
    expect(laterBook(book(1), book(2)).lastUpdateId).toBe(2);
    expect(laterBook(book(3), book(2)).lastUpdateId).toBe(3);
    expect(laterBook(book(3), undefined).lastUpdateId).toBe(3);
  });

  it('a stated absence stands: an old book must not look live', () => {
    expect(laterBook(noBook, book(2))).toBe(noBook);
    expect(laterBook(book(1), noBook)).toEqual(book(1));
  });

  it('the later account stands', () => {
    const account = (timeMs: number): AccountReply => ({
      accountId: 'paper',
      kind: 'paper',
      origin: 'simulated',
      quoteAsset: 'USDT',
      balances: [],
      equity: null,
      dayStartMs: null,
      dayStartEquity: null,
      dayProfit: null,
      peakEquity: null,
      drawdown: null,
      slippage: [],
      timeMs,
      absence: null,
    });
    expect(laterAccount(account(1), account(2)).timeMs).toBe(2);
    expect(laterAccount(account(3), account(2)).timeMs).toBe(3);
  });
});

describe('alerts', () => {
  const alert = (timeMs: number, deliveries: AlertRecordMessage['deliveries'] = []): AlertRecordMessage => ({
    id: `halt#${timeMs}`,
    kind: 'halt',
    severity: 'critical',
    timeMs,
    title: 'halted',
    text: 'halted',
    details: null,
    deliveries,
  });
  const delivery = (timeMs: number, status: 'queued' | 'sent') => ({ channel: 'desk', status, timeMs, reason: null });

  it('come live without their deliveries, get them when they are fetched, and do not lose them to a late message', () => {
    const first = { items: [alert(1, [delivery(2, 'sent')])], nextCursor: null };
    const live = mergeAlerts.onTop(first, alert(5));
    expect(live?.items.map(({ timeMs }) => timeMs)).toEqual([5, 1]);
    const queued = mergeAlerts.underneath(
      { ...first, items: [alert(5, [delivery(6, 'queued')]), ...first.items] },
      live,
    );
    const sent = mergeAlerts.underneath({ ...first, items: [alert(5, [delivery(9, 'sent')]), ...first.items] }, queued);
    expect(sent.items.map(({ deliveries }) => deliveries[0]?.status)).toEqual(['sent', 'sent']);
    expect(mergeAlerts.onTop(sent, alert(5))?.items[0]?.deliveries).toHaveLength(1);
  });
});
