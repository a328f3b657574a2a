import { expect, it } from 'vitest';
import { batchesOf, failureOf } from './cases.ts';
import { cellOf } from './cells.ts';
import { runTradingCase } from './trading-case.ts';

const batches = batchesOf('user-stream', 'order-entry', 'account');

// One case takes a fifth of a second; the time allowed is for a machine that is shared.
it.each(batches)(
  'orders, reports and account survive every fault of the matrix: none lost, none doubled, ledger equals venue (from seed %i)',
  { timeout: 180_000 },
  async (_first, batch) => {
    const failures: string[] = [];
    for (const seed of batch) {
      const failure = await failureOf(seed);
      if (failure !== null) failures.push(failure);
    }
    expect(failures.join('\n\n')).toBe('');
  },
);

it('the same seed gives the same run', { timeout: 60_000 }, async () => {
  const heard: string[] = [];
  for (const seed of batches[0]?.[1].slice(0, 6) ?? []) {
    const [one, other] = [await runTradingCase(seed, cellOf(seed)), await runTradingCase(seed, cellOf(seed))];
    expect(one.compared).toBeGreaterThan(0);
    expect(other.transcript).toEqual(one.transcript);
    expect(other.faultLog).toEqual(one.faultLog);
    heard.push(...one.transcript);
  }
  // In some of these, stops rest at the exchange, are replaced, and sell.
  for (const kind of ['accepted', 'canceled', 'triggered', 'filled'])
    expect(heard).toContainEqual(expect.stringMatching(new RegExp(String.raw`^order-${kind} m\S+-p `)));
});
