import { fromJsonValue, toJsonValue } from '@monsta/core';
import type { KernelInput } from './kernel-types.ts';

/** An input as a JSON value for the journal. Trades and quotes, which are most of them, hold no bigint and go as they are. */
export function encodeInput(input: KernelInput): unknown {
  if (input.kind === 'tick') return input;
  if (input.kind === 'market' && input.event.kind !== 'bar') return input;
  return toJsonValue(input);
}

const KINDS: ReadonlySet<unknown> = new Set<KernelInput['kind']>([
  'instruments',
  'recover',
  'reconcile',
  'warm-up',
  'strategy-failed',
  'market',
  'prediction',
  'venue',
  'account',
  'tick',
  'sizing',
  'condition',
  'command',
]);

const isInput = (value: unknown): value is KernelInput =>
  typeof value === 'object' && value !== null && 'kind' in value && KINDS.has(value.kind) && 'tsUs' in value;

/** The inverse of `encodeInput`; null for what is no input. Journals check their records, so that a record of ours is whole. */
export function decodeInput(value: unknown): KernelInput | null {
  const input = fromJsonValue(value);
  return isInput(input) ? input : null;
}
