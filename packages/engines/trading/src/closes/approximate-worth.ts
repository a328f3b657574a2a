import { AMOUNT_SCALE, pow10, type Amount, type AssetId, type Instrument, type Price } from '@monsta/core';
import type { Markets } from '../markets.ts';
import type { Portfolio } from '../portfolio.ts';

/** Looked up at each close. */
const TENS = Array.from({ length: 19 }, (_, scale) => 10 ** scale);

/** Eight digits behind the point: what money and coins are mostly counted in. */
const USUAL = pow10(AMOUNT_SCALE - 8);
const ONE = pow10(AMOUNT_SCALE);

/** The two that were asked for last, cash and coins mostly: they move with fills alone, and are looked at after each order. */
const last = { newest: 0n, newestValue: 0, older: 0n, olderValue: 0 };

/** An amount as a binary number: the nearest of one that has at most eight digits behind the point, of others whole part and fraction each the nearest. For statistics, and for what is decided exactly where it is close. */
export function binaryOf(amount: Amount): number {
  if (amount === last.newest) return last.newestValue;
  if (amount === last.older) return last.olderValue;
  last.older = last.newest;
  last.olderValue = last.newestValue;
  last.newest = amount;
  last.newestValue = nearestOf(amount);
  return last.newestValue;
}

function nearestOf(amount: Amount): number {
  const units = amount / USUAL;
  const near = Number(units);
  if (units * USUAL === amount && Math.abs(near) <= Number.MAX_SAFE_INTEGER) return near / 1e8;
  return Number(amount / ONE) + Number(amount % ONE) / 1e18;
}

/** `binaryOf` of an amount that is mostly the same as when it was asked for last. */
export class LastBinary {
  #amount: Amount | null = null;
  #value = 0;

  of(amount: Amount): number {
    if (amount !== this.#amount) {
      this.#amount = amount;
      this.#value = binaryOf(amount);
    }
    return this.#value;
  }
}

/** What `coins` are worth at a price in ticks: always by these operations in this order, so that whoever reckons it comes to the same number. */
export const binaryValue = (coins: number, at: number, { tick }: Pick<Instrument, 'tick'>): number =>
  coins * ((at * tick.units) / (TENS[tick.scale] ?? 10 ** tick.scale));

/** What there is, in binary numbers: all positions at their marks, a short one below 0, and the cash with them. Null while something of it is unknown. */
interface ApproximateWorth {
  readonly equity: number;
  readonly exposure: number;
}

/** As of now; null while the cash or a price is unknown. Positions count in the order of `instruments`. */
export function approximateWorth(
  instruments: readonly Instrument[],
  quote: AssetId,
  portfolio: Portfolio,
  markets: Markets,
): ApproximateWorth | null {
  const cash = portfolio.money.of(quote);
  if (cash === null) return null;
  let exposure = 0;
  for (const instrument of instruments) {
    const coins = binaryOf(portfolio.coinsIn(instrument.id));
    const mark: Price | null = markets.state(instrument.id).mark;
    if (coins === 0) continue;
    if (mark === null) return null;
    exposure += binaryValue(coins, mark, instrument);
  }
  return { equity: binaryOf(cash) + exposure, exposure };
}
