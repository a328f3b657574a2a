import type { Random } from './random.ts';

/** W3C trace context: `00-<trace id, 32 hex>-<span id, 16 hex>-<flags>`; neither id all zeros. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function hex(random: Random, bytes: number): string {
  let text = '';
  while (text.length < bytes * 2) text += random.integer(0x1_0000_0000).toString(16).padStart(8, '0');
  // All zeros would be no id at all.
  return /^0+$/.test(text) ? hex(random, bytes) : text;
}

/** Begins a trace: what follows from one cause (a closed bar, a person's command) carries its trace id. */
export function newTraceparent(random: Random): string {
  return `00-${hex(random, 16)}-${hex(random, 8)}-01`;
}

/** Goes on with a trace in a span of its own; what is no trace context begins a new one. */
export function childTraceparent(parent: string | null, random: Random): string {
  const match = parent === null ? null : TRACEPARENT.exec(parent);
  return match === null ? newTraceparent(random) : `00-${match[1] ?? ''}-${hex(random, 8)}-${match[3] ?? '01'}`;
}

/** The trace id for a log line; null where there is none. */
export function traceIdOf(traceparent: string | null): string | null {
  return traceparent === null ? null : (TRACEPARENT.exec(traceparent)?.[1] ?? null);
}
