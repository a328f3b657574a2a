/** What an entry and the exit after it cost, in basis points of what is traded; null: unknown while there is no quote. */
export interface RoundTripCosts {
  readonly feesBps: number;
  /** The whole of it: half is crossed at the entry, half at the exit. */
  readonly spreadBps: number;
  /** Beyond the spread, both ways. */
  readonly slippageBps: number;
  readonly totalBps: number;
}

/** Fills from which on measured slippage counts. */
const FILLS_MIN = 20;

/**
 * `feeBps`, `slippageBps`: for one side. `measured`: what the strategy's own fills cost against the last price, half the spread included; from 20 fills on it stands in the stead of
 * `slippageBps`, and never makes a side cheaper than half the spread seen now.
 */
export function roundTripCosts(
  { bid, ask }: { readonly bid: number | null; readonly ask: number | null },
  feeBps: number,
  slippageBps: number,
  measured: { readonly fills: number; readonly bps: number | null },
): RoundTripCosts | null {
  if (bid === null || ask === null || !(bid > 0) || !(ask >= bid)) return null;
  const spreadBps = (10_000 * 2 * (ask - bid)) / (ask + bid);
  const beyond =
    measured.fills >= FILLS_MIN && measured.bps !== null ? Math.max(0, measured.bps - spreadBps / 2) : slippageBps;
  const [feesBps, slippage] = [2 * feeBps, 2 * beyond];
  return { feesBps, spreadBps, slippageBps: slippage, totalBps: feesBps + spreadBps + slippage };
}

/**
 * What the price is expected to gain over the horizon, in basis points: `(2p − 1) · E|r|`. Exact where large and small moves are as likely to be called right.
 */
export const expectedGainBps = (probabilityUp: number, absoluteReturn: number): number =>
  10_000 * (2 * probabilityUp - 1) * absoluteReturn;
