import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromJsonValue, toJsonValue } from './json.ts';

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
