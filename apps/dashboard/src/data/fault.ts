import { MonstaError } from '@monsta/client';

export interface DescribedFault {
  /** The server's stable code; null when nothing answered or it is no fault of MONSTA's. */
  readonly code: string | null;
  /** The server's own words; null when it did not answer. */
  readonly message: string | null;
  /** True when a change may or may not have taken effect. */
  readonly outcomeUnknown: boolean;
}

/** What can be shown of anything that was thrown. */
export function describeFault(thrown: unknown): DescribedFault {
  if (thrown instanceof MonstaError) {
    const { code, message, retry } = thrown.fault;
    const silent = code === 'network_failed';
    return { code, message: silent ? null : message, outcomeUnknown: retry === 'unknown_outcome' };
  }
  return { code: null, message: thrown instanceof Error ? thrown.message : String(thrown), outcomeUnknown: false };
}

/** True when asking again may help. */
export function isRetryable(thrown: unknown): boolean {
  return thrown instanceof MonstaError && thrown.fault.retry === 'retryable';
}
