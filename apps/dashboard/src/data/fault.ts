import { MonstaError } from '@monsta/client';
import type { Denial } from '@monsta/contracts';

export interface DescribedFault {
  /** The server's stable code; null when nothing answered or it is no fault of MONSTA's. */
  readonly code: string | null;
  /** The server's own words; null when it did not answer. */
  readonly message: string | null;
  /** True when a change may or may not have taken effect. */
  readonly outcomeUnknown: boolean;
  /** The rule of risk that refused, what it allows and what was asked; null for any other fault. */
  readonly denial: Denial | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** What the server said beside the sentence; null when it said nothing. */
function detailsOf(thrown: MonstaError): Readonly<Record<string, unknown>> | null {
  const { details } = thrown.fault;
  return isRecord(details) && isRecord(details['details']) ? details['details'] : null;
}

function denialOf(thrown: MonstaError): Denial | null {
  const details = thrown.code === 'order_denied' ? detailsOf(thrown) : null;
  if (details === null) return null;
  const { rule, limit, actual } = details;
  return typeof rule === 'string' && typeof limit === 'string' && typeof actual === 'string'
    ? { rule, limit, actual }
    : null;
}

export interface TermFault {
  readonly where: string;
  readonly message: string;
}

/** What is wrong with the terms of an order, each with its place; empty for any other fault. */
export function termFaults(thrown: unknown): readonly TermFault[] {
  const faults = thrown instanceof MonstaError ? detailsOf(thrown)?.['faults'] : null;
  if (!Array.isArray(faults)) return [];
  return faults.filter(
    (each: unknown): each is TermFault =>
      isRecord(each) && typeof each['where'] === 'string' && typeof each['message'] === 'string',
  );
}

/** What can be shown of anything that was thrown. */
export function describeFault(thrown: unknown): DescribedFault {
  if (thrown instanceof MonstaError) {
    const { code, message, retry } = thrown.fault;
    const silent = code === 'network_failed';
    return {
      code,
      message: silent ? null : message,
      outcomeUnknown: retry === 'unknown_outcome',
      denial: denialOf(thrown),
    };
  }
  return {
    code: null,
    message: thrown instanceof Error ? thrown.message : String(thrown),
    outcomeUnknown: false,
    denial: null,
  };
}

/** True when asking again may help. */
export function isRetryable(thrown: unknown): boolean {
  return thrown instanceof MonstaError && thrown.fault.retry === 'retryable';
}
