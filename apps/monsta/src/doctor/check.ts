import type { Fault } from '@monsta/core';
import { remedyOf } from '../cli/remedies.ts';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was looked at. */
export interface Check {
  /** Stable: `clock`, `user-stream`. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was seen, in words and numbers. */
  readonly seen: string;
  /** What to do; null where nothing is to be done. */
  readonly todo: string | null;
  /** The same for programs; null values are not known. */
  readonly facts: Readonly<Record<string, unknown>>;
}

type Facts = Check['facts'];

export const fine = (name: string, seen: string, facts: Facts = {}): Check => ({
  name,
  status: 'ok',
  seen,
  todo: null,
  facts,
});
export const warning = (name: string, seen: string, todo: string, facts: Facts = {}): Check => ({
  name,
  status: 'warning',
  seen,
  todo,
  facts,
});
export const failure = (name: string, seen: string, todo: string, facts: Facts = {}): Check => ({
  name,
  status: 'failed',
  seen,
  todo,
  facts,
});
export const skipped = (name: string, why: string): Check => ({
  name,
  status: 'skipped',
  seen: why,
  todo: null,
  facts: {},
});

/** A check that ended with a fault. */
export function failedWith(name: string, { code, message, retryAfterMs }: Fault): Check {
  const todo = remedyOf(code) ?? 'read the message; the page docs/doctor.md tells more of each check';
  return failure(name, `${code}: ${message}`, todo, { code, retryAfterMs: retryAfterMs ?? null });
}
