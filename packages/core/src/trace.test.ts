import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import { childTraceparent, newTraceparent, traceIdOf } from './trace.ts';

describe('trace context', () => {
  it('has the form that W3C gives it, and a child keeps the trace in a span of its own', () => {
    const random = seededRandom(1);
    const parent = newTraceparent(random);
    expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const child = childTraceparent(parent, random);
    expect(traceIdOf(child)).toBe(traceIdOf(parent));
    expect(child).not.toBe(parent);
  });

  it.each([
    null,
    '',
    'nonsense',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
  ])('begins a new trace in the place of %j', (given) => {
    expect(traceIdOf(given)).toBeNull();
    expect(traceIdOf(childTraceparent(given, seededRandom(2)))).toMatch(/^[0-9a-f]{32}$/);
  });
});
