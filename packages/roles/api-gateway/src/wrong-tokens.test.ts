import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WrongTokens } from './wrong-tokens.ts';

it('an address may be wrong a few times at once, then at a steady pace, whatever others do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(5_000)), { maxLength: 200 }),
      (burst, perMinute, attempts) => {
        const tokens = new WrongTokens(burst, perMinute);
        const allowed = { a: 0, b: 0 };
        let now = 0;
        for (const [address, waitMs] of attempts) {
          now += waitMs;
          if (tokens.record(address, now) === null) allowed[address] += 1;
        }
        for (const count of Object.values(allowed))
          expect(count).toBeLessThanOrEqual(burst + (now * perMinute) / 60_000);
      },
    ),
  );
});

it('who waits as long as told may go on', () => {
  const tokens = new WrongTokens(1, 10);
  expect(tokens.record('a', 0)).toBeNull();
  const waitMs = tokens.record('a', 100);
  expect(waitMs).toBe(5_900);
  expect(tokens.record('a', 100 + 5_899)).not.toBeNull();
  expect(tokens.record('a', 100 + 5_900)).toBeNull();
});

it('remembers ten thousand addresses, not all of them', () => {
  const tokens = new WrongTokens(1, 1);
  tokens.record('first', 0);
  for (let n = 0; n < 10_000; n += 1) tokens.record(`address-${n}`, 0);
  expect(tokens.record('address-9999', 0)).not.toBeNull();
  expect(tokens.record('first', 0)).toBeNull();
});
