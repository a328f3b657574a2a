import { price, quantity, type Amount, type AssetId, type Price, type Quantity } from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { expect } from 'vitest';
import type { ExecutionWitness } from './execution-witness.ts';

/** What the cases of an execution venue work with; each test has a new one behind it. */
export interface ExecutionBench {
  readonly venue: ExecutionVenue;
  readonly witness: ExecutionWitness;
  readonly market: (bid: Price, ask: Price, lots?: Quantity) => void;
  /** Waits for all outcomes, and checks the whole account. */
  readonly settle: () => Promise<void>;
  readonly balance: (asset: AssetId) => Promise<{ readonly free: Amount; readonly locked: Amount }>;
}

export const MID_TICKS = 6_000_000;
export const BID = price(MID_TICKS - 100);
export const ASK = price(MID_TICKS + 100);
export const PLENTY = quantity(100_000);
export const REASON = expect.stringMatching(/\w/) as string;

/** Bid and ask around a middle, as far apart as at the beginning. */
export const around = (middle: number): readonly [bid: Price, ask: Price] => [price(middle - 100), price(middle + 100)];
