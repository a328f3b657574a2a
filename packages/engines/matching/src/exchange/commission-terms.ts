import { AMOUNT_SCALE, invariant, pow10, type Amount } from '@monsta/core';
import { FEE_SCALE } from './symbol-rules.ts';

/** What an order costs beside the rates of its fills, in the quote asset, as brokers of shares and futures charge: `commissionOf`. */
export interface CommissionTerms {
  /** Once an order, at the first of its fills that costs a fee. */
  readonly perOrder: Amount;
  /** For each whole unit of the base asset. */
  readonly perUnit: Amount;
  /** The least that all fees of an order come to, those by rate included. */
  readonly minimum: Amount;
}

/** What an order that pays a commission has paid so far, in units of the quote asset. Never changed, only replaced. */
export interface OrderCommission {
  /** Lots of the fills that cost a fee. */
  readonly lots: number;
  /** The fees of these fills by rate. */
  readonly rates: bigint;
  /** All that was charged. */
  readonly paid: bigint;
  /** Set aside for what may still come, beside what its lots lock. */
  readonly locked: bigint;
}

/** Throws `InvariantError` for terms that can't be charged exactly. */
export function checkCommission({ perOrder, perUnit, minimum }: CommissionTerms): void {
  const step = pow10(AMOUNT_SCALE - FEE_SCALE);
  invariant(perOrder >= 0n && perUnit >= 0n && minimum >= 0n, 'a commission is not below zero');
  invariant(perOrder % step === 0n && minimum % step === 0n, `a commission has at most ${FEE_SCALE} digits`);
}
