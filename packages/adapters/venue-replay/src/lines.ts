import { ok, type Result } from '@monsta/core';

/** Calls `each` with every line (start and end in bytes, without the line break, from 1); stops at the first fault. */
export function eachLine(
  bytes: Buffer,
  each: (start: number, end: number, number: number) => Result<null>,
): Result<null> {
  let start = 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const found = bytes.indexOf(10, start);
    const next = found === -1 ? bytes.length : found;
    const end = next > start && bytes[next - 1] === 13 ? next - 1 : next;
    if (end > start) {
      const result = each(start, end, number);
      if (!result.ok) return result;
    }
    start = next + 1;
  }
  return ok(null);
}
