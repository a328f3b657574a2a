import { expectOk, instrumentId, parseDecimal } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS, type Setting } from './compared.test-support.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { ExchangeSnapshot } from './exchange-snapshot.ts';
import {
  ANN,
  balanceOf,
  BEN,
  BNB,
  BTC,
  CYD,
  limit,
  market,
  money,
  OPEN_RULES,
  openExchange,
  Recorder,
  SYMBOL,
  ticks,
  USDT,
} from './exchange.test-support.ts';
import { commandOf, draws, execute, MIDDLE } from './random-commands.test-support.ts';
import { GeneratedNames } from './generated-names.ts';

const US = 1_700_000_000_000_000;

function optionsOf({ rules, exchangeRules }: Setting, listener: Recorder): ExchangeOptions {
  return {
    symbols: [{ rules, openingPrice: ticks(MIDDLE) }],
    listener,
    rules: exchangeRules,
    discount: { asset: BNB, payPpm: 750_000 },
  };
}

function opened(setting: Setting, listener: Recorder): Exchange {
  const exchange = new Exchange(optionsOf(setting, listener));
  exchange.setDiscountPrice(USDT, expectOk(parseDecimal('260')));
  for (const account of [ANN, BEN, CYD]) {
    exchange.addAccount(account, {
      balances: [
        { asset: BTC, free: money('0.05') },
        { asset: USDT, free: money('0.6') },
        { asset: BNB, free: money('0.00002') },
      ],
      tradeGroupId: account === CYD ? null : 7,
      paysInDiscountAsset: account === CYD,
    });
  }
  return exchange;
}

/** As a file keeps it. */
const kept = (snapshot: ExchangeSnapshot): ExchangeSnapshot => JSON.parse(JSON.stringify(snapshot)) as ExchangeSnapshot;

/** Everything heard, in words, and the depth since the last look. */
function heardOf(exchange: Exchange, heard: Recorder): unknown {
  const said = {
    reports: heard.reports.map((report) => ({
      ...Object.fromEntries(Object.entries(report)),
      account: report.account,
      orderId: report.orderId,
      orderListId: report.orderListId,
      side: report.side,
      stopPrice: report.stopPrice,
      prevented: report.prevented,
      time: report.timeUs,
      working: report.workingUs,
      trailing: report.trailingUs,
      spent: report.cumulativeQuote,
      fee: report.execution?.commission,
      created: report.createdUs,
      mode: report.selfTradeMode,
    })),
    trades: [...heard.trades],
    bests: [...heard.bests],
    lists: [...heard.lists],
    accounts: [...heard.accounts],
  };
  heard.forget();
  return { ...said, depth: exchange.drainDepth(SYMBOL) };
}

describe('an exchange that is restored from its snapshot', () => {
  it.each(SETTINGS.map((setting, index) => [index, setting] as const))(
    'goes on exactly as the one that it was taken of (setting %i)',
    { timeout: 60_000 },
    (_, setting) => {
      fc.assert(
        fc.property(draws(120), fc.nat(120), (drawn, cut) => {
          const heard = new Recorder();
          const heardAfter = new Recorder();
          const exchange = opened(setting, heard);
          let restored: Exchange | null = null;
          let us = US;
          for (const [at, draw] of drawn.entries()) {
            if (at === cut) {
              restored = Exchange.restore(optionsOf(setting, heardAfter), kept(exchange.snapshot()));
              heard.forget();
            }
            us += draw.waitsMs * 1_000;
            const command = commandOf(draw, exchange);
            execute(exchange, command, us);
            if (restored !== null) {
              execute(restored, command, us);
              expect(heardOf(restored, heardAfter)).toEqual(heardOf(exchange, heard));
            } else if (draw.pick === 0) exchange.drainDepth(SYMBOL);
          }
          if (restored === null) return;
          expect(restored.snapshot()).toEqual(exchange.snapshot());
        }),
        { numRuns: 100 },
      );
    },
  );

  it('keeps opening balances that nobody has heard of, and halts and bars that were set', () => {
    const { exchange } = openExchange();
    exchange.setStatus(SYMBOL, 'HALT');
    exchange.setTrading(BEN, false);
    exchange.setFees(BEN, { makerPpm: 1, takerPpm: 2 });
    exchange.setDiscount(BEN, true);
    const heard = new Recorder();
    const options = { symbols: [{ rules: OPEN_RULES, openingPrice: null }], listener: heard };
    const restored = Exchange.restore(options, kept(exchange.snapshot()));
    expect(restored.rules(SYMBOL)?.status).toBe('HALT');
    expect(restored.accountOptions(BEN)).toEqual({
      fees: { makerPpm: 1, takerPpm: 2 },
      tradeGroupId: null,
      paysInDiscountAsset: true,
      canTrade: false,
      feesFrom: 'received',
      feesOn: 'both',
      margin: null,
      commission: null,
    });
    restored.deposit(ANN, BTC, money('1'), US);
    expect(heard.accounts.map(({ account }) => account)).toEqual([ANN, BEN, CYD]);
  });

  it('may have more symbols than the one that it was taken of', () => {
    const { exchange } = openExchange();
    exchange.place(limit(ANN, 'buy', 1_000, 10), US);
    const finer = { ...OPEN_RULES, symbol: instrumentId('ETHUSDT'), base: BNB, tick: { units: 1, scale: 8 } };
    const symbols = [OPEN_RULES, finer].map((rules) => ({ rules, openingPrice: null }));
    const restored = Exchange.restore({ symbols, listener: new Recorder() }, kept(exchange.snapshot()));
    expect(restored.positions(ANN)).toEqual(exchange.positions(ANN));
    expect(restored.cancelAll(ANN, SYMBOL, US).ok).toBe(true);
    expect(balanceOf(restored, ANN, USDT)).toEqual({ free: money('10000000'), locked: 0n });
  });

  it('is refused for other ticks, other symbols and another version', () => {
    const snapshot = kept(openExchange().exchange.snapshot());
    const restoring = (rules: typeof OPEN_RULES, from: ExchangeSnapshot) => () =>
      Exchange.restore({ symbols: [{ rules, openingPrice: null }], listener: new Recorder() }, from);
    expect(restoring(OPEN_RULES, snapshot)).not.toThrow();
    expect(restoring({ ...OPEN_RULES, tick: { units: 1, scale: 3 } }, snapshot)).toThrow('other ticks or lots');
    expect(() => Exchange.restore({ symbols: [], listener: new Recorder() }, snapshot)).toThrow('BTCUSDT');
    expect(restoring(OPEN_RULES, { ...snapshot, version: 2 as 1 })).toThrow('version 2');
  });
});

describe('numbers that go on', () => {
  it('begin after those that the exchange was opened with', () => {
    const heard = new Recorder();
    const counters = { orderId: 41, tradeId: 7, updateId: 900, preventedMatchId: 3, generatedId: 12 };
    const exchange = new Exchange({
      symbols: [{ rules: OPEN_RULES, openingPrice: null, counters }],
      listener: heard,
      counters: { executionId: 100, orderListId: 5 },
    });
    for (const id of [ANN, BEN]) {
      exchange.addAccount(id, { balances: [BTC, USDT].map((asset) => ({ asset, free: money('1000') })) });
    }
    exchange.place(limit(ANN, 'sell', 1_000, 10), US);
    exchange.place(market(BEN, 'buy', 4), US);
    expect(heard.reports[0]).toMatchObject({
      orderId: 42,
      executionId: 101,
      clientOrderId: new GeneratedNames(SYMBOL).at(13),
    });
    expect(heard.trades[0]).toMatchObject({ tradeId: 8, sellerOrderId: 42, buyerOrderId: 43 });
    expect(exchange.drainDepth(SYMBOL)).toMatchObject({ firstUpdateId: 901, lastUpdateId: 902 });
    expect(exchange.counters(SYMBOL)).toEqual({ ...counters, orderId: 43, tradeId: 8, updateId: 902, generatedId: 14 });
    expect(exchange.sharedCounters()).toEqual({ executionId: 104, orderListId: 5 });
  });
});
