/** Amounts of eight digits, counted in the eighth: exact, as the exchange prints them. */
const SCALE = 100_000_000n;

function eighths(text: unknown): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(String(text));
  if (match === null) throw new Error(`${String(text)} is no plain decimal of at most eight digits`);
  const [, sign = '', whole = '', fraction = ''] = match;
  const value = BigInt(whole) * SCALE + BigInt(fraction.padEnd(8, '0'));
  return sign === '-' ? -value : value;
}

/** What an account has, free and locked together, by asset. */
export type Holdings = Readonly<Record<string, bigint>>;

type Row = Readonly<Record<string, unknown>>;

export function holdingsOf(balances: readonly Row[]): Holdings {
  return Object.fromEntries(
    balances.map(({ asset, free, locked }) => [String(asset), eighths(free) + eighths(locked)] as const),
  );
}

/** Holdings after trades as `myTrades` lists them: what was bought and sold, less each commission in its asset. */
export function afterTrades(before: Holdings, trades: readonly Row[], base: string, quote: string): Holdings {
  const after: Record<string, bigint> = { ...before };
  const add = (asset: string, amount: bigint): void => {
    after[asset] = (after[asset] ?? 0n) + amount;
  };
  for (const { qty, quoteQty, isBuyer, commission, commissionAsset } of trades) {
    add(base, isBuyer === true ? eighths(qty) : -eighths(qty));
    add(quote, isBuyer === true ? -eighths(quoteQty) : eighths(quoteQty));
    add(String(commissionAsset), -eighths(commission));
  }
  return after;
}
