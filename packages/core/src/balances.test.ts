import { describe, expect, it } from 'vitest';
import { Balances } from './balances.ts';
import { assetId } from './ids.ts';
import { affordableQuantity, baseAmount, lotsWithin, notional, price, quantity } from './instrument.ts';
import { amount, applyRate, formatAmount, parseAmount, ZERO_AMOUNT, type Amount } from './money.ts';
import { expectOk } from './result.ts';
import { seededRandom } from './random.ts';

const USDT = assetId('USDT');
const BTC = assetId('BTC');
const instrument = { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } };

describe('balances', () => {
  it(
    'are conserved over a million random fills between two accounts and a fee account, to the last digit',
    { timeout: 60_000 },
    () => {
      const random = seededRandom(20_240_808);
      const fees = new Balances();
      const makers = Balances.from([
        { asset: USDT, free: expectOk(parseAmount('5000000.123456789012345678')), locked: ZERO_AMOUNT },
      ]);
      const takers = Balances.from([
        { asset: BTC, free: expectOk(parseAmount('100.000000000000000001')), locked: ZERO_AMOUNT },
      ]);
      makers.credit(BTC, expectOk(parseAmount('50')));
      takers.credit(USDT, expectOk(parseAmount('2500000.00000001')));
      const sum = (asset: typeof USDT): bigint =>
        [fees, makers, takers].reduce((total, each) => total + each.total(asset), 0n);
      const before = { usdt: sum(USDT), btc: sum(BTC) };
      let done = 0;
      for (let index = 0; index < 1_000_000; index += 1) {
        const [buyer, seller] = random.next() < 0.5 ? [makers, takers] : [takers, makers];
        const at = price(1 + random.integer(12_000_000));
        const most = Math.min(
          affordableQuantity(buyer.free(USDT), at, instrument),
          lotsWithin(seller.free(BTC), instrument),
          5_000,
        );
        if (most === 0) continue;
        const size = quantity(1 + random.integer(most));
        const cost = notional(at, size, instrument);
        const sold = baseAmount(size, instrument);
        expectOk(buyer.lock(USDT, cost));
        expectOk(seller.debit(BTC, sold));
        buyer.spendLocked(USDT, cost);
        const buyerFee = applyRate(sold, 1000, 'ceil');
        const sellerFee = applyRate(cost, 750, 'ceil');
        const fee = { base: buyerFee > sold ? sold : buyerFee, quote: sellerFee > cost ? cost : sellerFee };
        buyer.credit(BTC, amount(sold - fee.base));
        seller.credit(USDT, amount(cost - fee.quote));
        fees.credit(BTC, fee.base);
        fees.credit(USDT, fee.quote);
        done += 1;
      }
      expect(done).toBeGreaterThan(900_000);
      expect({ usdt: sum(USDT), btc: sum(BTC) }).toEqual(before);
      for (const { free, locked } of [...makers.list(), ...takers.list()])
        expect(free >= 0n && locked === 0n).toBe(true);
    },
  );

  it('refuse to lock or debit more than is free, and change nothing then', () => {
    const balances = Balances.from([{ asset: USDT, free: amount(10n), locked: amount(0n) }]);
    for (const refused of [
      balances.debit(USDT, amount(11n)),
      balances.lock(USDT, amount(11n)),
      balances.debit(BTC, amount(1n)),
    ]) {
      expect(refused).toMatchObject({ ok: false, fault: { code: 'insufficient_balance' } });
    }
    expect(balances.free(USDT)).toBe(10n);
    expect(balances.locked(USDT)).toBe(0n);
  });

  it('treat unlocking more than is locked, and negative amounts, as broken invariants', () => {
    const balances = Balances.from([{ asset: USDT, free: amount(10n), locked: amount(5n) }]);
    expect(() => balances.unlock(USDT, amount(6n))).toThrow(RangeError);
    expect(() => balances.credit(USDT, amount(-1n))).toThrow(RangeError);
    expect(() => balances.debit(USDT, amount(-1n))).toThrow(RangeError);
    balances.unlock(USDT, amount(5n));
    expect(balances.list()).toEqual([{ asset: USDT, free: 15n, locked: 0n }]);
  });
});

describe('rates', () => {
  it('round a fee up and a limit down at the asset’s digits', () => {
    const value: Amount = expectOk(parseAmount('1234.56789'));
    expect(formatAmount(applyRate(value, 1000, 'ceil'))).toBe('1.23456789');
    expect(formatAmount(applyRate(value, 333, 'ceil'))).toBe('0.41111111');
    expect(formatAmount(applyRate(value, 333, 'floor'))).toBe('0.4111111');
  });
});
