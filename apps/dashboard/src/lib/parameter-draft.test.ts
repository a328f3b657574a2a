import type { ParameterSpecMessage } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import { namedIn, readParameters } from './parameter-draft.ts';

const SPECS: Readonly<Record<string, ParameterSpecMessage>> = {
  fast: { kind: 'integer', default: 9, min: 2, max: 200 },
  share: { kind: 'number', default: 0.5, min: 0, max: 1 },
  interval: { kind: 'choice', default: '1m', options: ['1m', '5m'] },
  long: { kind: 'boolean', default: true },
};
const IN_FORCE = { fast: 9, share: 0.5, interval: '1m', long: true };
const TEXTS = { fast: '9', share: '0.5', interval: '1m', long: 'true' };
const read = (changes: Readonly<Record<string, string>>) => readParameters(SPECS, IN_FORCE, { ...TEXTS, ...changes });

describe('parameters as they are typed', () => {
  it('change only what differs from the values in force', () => {
    expect(read({}).changes).toEqual({});
    expect(read({ fast: ' 12 ', interval: '5m', long: 'false' }).changes).toEqual({
      fast: 12,
      interval: '5m',
      long: false,
    });
    // Another way to write the same number is no change.
    expect(read({ share: '0.50' }).changes).toEqual({});
  });

  it('are held to their kind and range, both ends included', () => {
    expect(read({ fast: '2', share: '1' }).changes).toEqual({ fast: 2, share: 1 });
    expect(read({ fast: '1' })).toEqual({ faults: { fast: { code: 'range', min: 2, max: 200 } }, changes: null });
    expect(read({ fast: '201' }).faults['fast']?.code).toBe('range');
    expect(read({ fast: '2.5' }).faults['fast']?.code).toBe('integer');
    for (const text of ['', 'x', '0x10', 'Infinity', '1,5'])
      expect([text, read({ share: text }).faults['share']?.code]).toEqual([text, 'number']);
    expect(read({ interval: '2m' }).faults['interval']?.code).toBe('choice');
  });

  it('are found in what the server says of them', () => {
    expect(namedIn('fast (50) must be below slow (21)', ['fast', 'slow', 'interval'])).toEqual(['fast', 'slow']);
    expect(namedIn("strategy parameters: 'fast' must be a whole number", ['fast', 'as'])).toEqual(['fast']);
  });
});
