import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, fromJsonValue, toJsonValue } from './json.ts';

test('plain data with bigints survives JSON text unchanged', () => {
  const plain = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.bigInt(),
      fc.integer(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('node'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).node;
  fc.assert(
    fc.property(plain, (value) => {
      expect(fromJsonValue(JSON.parse(JSON.stringify(toJsonValue(value))))).toEqual(value);
    }),
  );
});

test('canonical text does not depend on the order of keys, and tells different values apart', () => {
  const [one, other] = [
    { b: [{ y: 1, x: null }], a: 'text' },
    { a: 'text', b: [{ x: null, y: 1 }] },
  ];
  expect(canonicalJson(one)).toBe('{"a":"text","b":[{"x":null,"y":1}]}');
  expect(canonicalJson(other)).toBe(canonicalJson(one));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});
