/**
 * How a caller may react to a failure.
 * - `retryable`: the same call may succeed later (see `retryAfterMs`).
 * - `permanent`: the same call fails again; the caller must change something.
 * - `fatal`: the component can't go on; the process should stop and recover at start.
 * - `unknown_outcome`: the call may or may not have taken effect; reconcile, never retry blindly.
 */
export type RetryClass = 'retryable' | 'permanent' | 'fatal' | 'unknown_outcome';

/** An expected failure as a value. `code` is stable and machine-readable; `message` says what, where and how to mend it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly retry: RetryClass;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Err {
  readonly ok: false;
  readonly fault: Fault;
}

/** The outcome of an operation that is expected to fail at times. */
export type Result<T> = Ok<T> | Err;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Builds a failed `Result`. `retry` defaults to `permanent`. */
export function err(code: string, message: string, options: Partial<Omit<Fault, 'code' | 'message'>> = {}): Err {
  return { ok: false, fault: fault(code, message, options) };
}

export function fault(code: string, message: string, options: Partial<Omit<Fault, 'code' | 'message'>> = {}): Fault {
  return { code, message, retry: 'permanent', ...options };
}

/** A broken invariant: the process must stop and recover at start. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws `InvariantError` when `condition` is false. For states that correct code can't reach. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The value of a `Result` that can't have failed at this point; throws `InvariantError` with the fault otherwise. */
export function expectOk<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new InvariantError(`${result.fault.code}: ${result.fault.message}`, { cause: result.fault.cause });
}
