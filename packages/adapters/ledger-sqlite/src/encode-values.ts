import { formatAmount, parseDecimal, type AccountId, type Amount } from '@monsta/core';

/** Thrown while a change is encoded, and becomes its fault. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What the decimals of core can read back: 60 digits. */
const AMOUNT_LIMIT = 10n ** 59n;

export function amountText(value: Amount, what: string): string {
  if (value >= AMOUNT_LIMIT || value <= -AMOUNT_LIMIT) throw new Refusal('out_of_range', `${what} has over 59 digits`);
  return formatAmount(value);
}

export function decimalText(text: string, what: string): string {
  if (!parseDecimal(text).ok)
    throw new Refusal('decimal_malformed', `${what}: '${text.slice(0, 80)}' is no plain decimal number`);
  return text;
}

export function jsonText(value: unknown, what: string): string {
  let text: string | undefined;
  let cause = '';
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error instanceof Error ? `: ${error.message.split('\n', 1)[0] ?? ''}` : '';
  }
  if (text === undefined) throw new Refusal('payload_invalid', `${what} is no JSON value${cause}`);
  return text;
}

/** Everything in a batch belongs to the batch's account. */
export function checkAccount(expected: AccountId, found: AccountId, what: string): void {
  if (found !== expected)
    throw new Refusal('account_mismatch', `${what} belongs to account '${found}', the batch to '${expected}'`);
}
