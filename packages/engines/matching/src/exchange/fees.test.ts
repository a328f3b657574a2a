import { accountId, expectOk, parseDecimal } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  ANN,
  BNB,
  BTC,
  OPEN_RULES,
  RICH,
  USDT,
  balanceOf,
  limit,
  market,
  money,
  openExchange,
} from './exchange.test-support.ts';

const FEES = { makerPpm: 1_000, takerPpm: 2_000 };

function opened(bnb: string | null) {
  const { heard, exchange } = openExchange(OPEN_RULES, { discount: { asset: BNB, payPpm: 750_000 } });
  exchange.setDiscountPrice(USDT, expectOk(parseDecimal('260')));
  exchange.setDiscountPrice(BTC, expectOk(parseDecimal('0.013')));
  const maker = accountId('maker');
  const taker = accountId('taker');
  const balances = bnb === null ? RICH : [...RICH, { asset: BNB, free: money(bnb) }];
  for (const id of [maker, taker]) {
    exchange.addAccount(id, { balances, fees: FEES, paysInDiscountAsset: bnb !== null });
  }
  return { heard, exchange, maker, taker };
}

describe('fees', () => {
  it('are taken from what a fill brings, at the maker or the taker rate', () => {
    const { exchange, heard, maker, taker } = opened(null);
    expectOk(exchange.place(limit(maker, 'sell', 10_000, 500), 1));
    expectOk(exchange.place(market(taker, 'buy', 500), 2));
    const [first, second] = heard.reports.filter(({ execution }) => execution !== null);
    expect(first?.execution).toMatchObject({ isMaker: true, commission: money('0.05'), commissionAsset: USDT });
    expect(second?.execution).toMatchObject({ isMaker: false, commission: money('0.001'), commissionAsset: BTC });
    expect(balanceOf(exchange, maker, USDT).free).toBe(money('10000049.95'));
    expect(balanceOf(exchange, taker, BTC).free).toBe(money('1000.499'));
    expect([...exchange.feesCollected()]).toEqual([
      [USDT, money('0.05')],
      [BTC, money('0.001')],
    ]);
  });

  it('are rounded up at the eighth digit', () => {
    const { exchange, heard, maker, taker } = opened(null);
    expectOk(exchange.place(limit(maker, 'sell', 1, 1), 1));
    expectOk(exchange.place(market(taker, 'buy', 1), 2));
    // 0.00001 USDT × 0.1 % = 0.00000001 exactly; the taker's 0.001 BTC × 0.2 % = 0.000002.
    expect(heard.reports.map(({ execution }) => execution?.commission)).toContain(money('0.00000001'));
    expectOk(exchange.place(limit(maker, 'sell', 1, 2), 3));
    expectOk(exchange.place(limit(taker, 'buy', 1, 1), 4));
    expect(exchange.feesCollected().get(USDT)).toBe(money('0.00000002'));
  });

  it('in the discount asset are worth the same, less the discount', () => {
    const { exchange, heard, maker, taker } = opened('1');
    expectOk(exchange.place(limit(maker, 'sell', 10_000, 500), 1));
    expectOk(exchange.place(market(taker, 'buy', 500), 2));
    const told = heard.reports.map(({ execution }) => execution).filter((execution) => execution !== null);
    // 0.05 USDT ÷ 260 × 0.75 and 0.001 BTC ÷ 0.013 × 0.75
    expect(told.map(({ commission, commissionAsset }) => [commission, commissionAsset])).toEqual([
      [money('0.00014424'), BNB],
      [money('0.05769231'), BNB],
    ]);
    expect(balanceOf(exchange, maker, USDT).free).toBe(money('10000050'));
    expect(balanceOf(exchange, taker, BNB).free).toBe(money('0.94230769'));
  });

  it('fall back to the asset received where the discount asset does not suffice', () => {
    const { exchange, heard, maker, taker } = opened('0.001');
    expectOk(exchange.place(limit(maker, 'sell', 10_000, 500), 1));
    expectOk(exchange.place(market(taker, 'buy', 500), 2));
    const told = heard.reports
      .map(({ execution }) => execution?.commissionAsset)
      .filter((asset) => asset !== undefined);
    expect(told).toEqual([BNB, BTC]);
  });

  it('of an account that pays them in the quote asset come on top of what a buy costs, and are locked with it', () => {
    const { exchange, heard } = openExchange();
    const eve = accountId('eve');
    exchange.addAccount(eve, { balances: [{ asset: USDT, free: money('100.2') }], fees: FEES, feesFrom: 'quote' });
    // 1000 lots at 0.1 lock 100, and for each lot its fee at the dearer rate.
    expectOk(exchange.place(limit(eve, 'buy', 10_000, 1_000), 1));
    expect(balanceOf(exchange, eve, USDT)).toEqual({ free: 0n, locked: money('100.2') });
    expectOk(exchange.place(market(ANN, 'sell', 400), 2));
    expect(
      heard.reports.find(({ account, execution }) => account === eve && execution !== null)?.execution,
    ).toMatchObject({ commission: money('0.04'), commissionAsset: USDT });
    expect(balanceOf(exchange, eve, USDT)).toEqual({ free: money('0.04'), locked: money('60.12') });
    expect(balanceOf(exchange, eve, BTC).free).toBe(money('0.4'));
  });

  it('in the quote asset must be there for a market order too, in however many trades it fills', () => {
    const open = (usdt: string) => {
      const { exchange } = openExchange();
      const eve = accountId('eve');
      exchange.addAccount(eve, { balances: [{ asset: USDT, free: money(usdt) }], fees: FEES, feesFrom: 'quote' });
      for (let at = 0; at < 3; at += 1) exchange.place(limit(ANN, 'sell', 1_000 + at, 1), 1);
      return { placed: exchange.place(market(eve, 'buy', 3), 2), left: balanceOf(exchange, eve, USDT).free };
    };
    // 0.01 + 0.01001 + 0.01002 cost 0.03003, their fees 0.00002 + 0.00002002 + 0.00002004.
    expect(open('0.03009006').placed).toMatchObject({ fault: { code: 'insufficient_balance' } });
    expect(open('0.0301').left).toBe(money('0.00000994'));
  });
});
