import type { Fault, Result } from '@monsta/core';

/** A fault thrown by `unwrap`, for code that works with exceptions (query libraries). */
export class MonstaError extends Error {
  override readonly name = 'MonstaError';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }

  get code(): string {
    return this.fault.code;
  }
}

/** The value of a `Result`; throws `MonstaError` for a fault. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new MonstaError(result.fault);
}
