import { addAmounts, subtractAmounts } from '@monsta/core';
import type { Amount, AssetId, Instrument } from '@monsta/core';
import type { Markets } from './markets.ts';
import type { Portfolio } from './portfolio.ts';
import type { Position } from './position.ts';

const NOTHING = 0n as Amount;

/** Coins of a position that the account no longer has. */
export interface Shortfall {
  readonly position: Position;
  readonly instrument: Instrument;
  readonly missing: Amount;
}

const NONE: readonly Shortfall[] = [];

/** True where the account has at least what each position says, and no two are of one asset: as it mostly is, and asked after each report of the venue. */
function allCovered(portfolio: Portfolio, markets: Markets): boolean {
  let held: AssetId | null = null;
  for (const { instrument: id, quantity } of portfolio.positions()) {
    if (quantity <= 0n) continue;
    const instrument = markets.instrument(id);
    if (instrument === null || held !== null) return false;
    held = instrument.base;
    if (quantity > (portfolio.money.of(held) ?? NOTHING)) return false;
  }
  return true;
}

/** By how much the positions say more than the account holds: somebody sold or moved coins of a strategy. The position that was opened last gives way first. Pure. */
export function shortfalls(portfolio: Portfolio, markets: Markets): readonly Shortfall[] {
  if (allCovered(portfolio, markets)) return NONE;
  const byBase = new Map<AssetId, { readonly position: Position; readonly instrument: Instrument }[]>();
  for (const position of portfolio.positions()) {
    const instrument = markets.instrument(position.instrument);
    if (instrument === null || position.quantity === 0n) continue;
    byBase.set(instrument.base, [...(byBase.get(instrument.base) ?? []), { position, instrument }]);
  }
  return [...byBase].flatMap(([base, holders]) => {
    const told = holders.reduce((sum, { position }) => addAmounts(sum, position.quantity), NOTHING);
    let missing = subtractAmounts(told, portfolio.money.of(base) ?? NOTHING);
    if (missing <= 0n) return [];
    // What one strategy owes another may hold: the account has the difference.
    const long = holders.filter(({ position }) => position.quantity > 0n);
    const newestFirst = long.toSorted((a, b) => (b.position.openedUs ?? 0) - (a.position.openedUs ?? 0));
    const found: Shortfall[] = [];
    for (const { position, instrument } of newestFirst) {
      if (missing <= 0n) break;
      const part = missing < position.quantity ? missing : position.quantity;
      missing = subtractAmounts(missing, part);
      found.push({ position, instrument, missing: part });
    }
    return found;
  });
}
