import { fillId, instrumentId } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillKey } from './reconcile.ts';
import { SeenFills } from './seen-fills.ts';

const BTC = instrumentId('BTCUSDT');
const ETH = instrumentId('ETHUSDT');
const fill = (instrument: typeof BTC, id: string) => ({ instrument, fillId: fillId(id) });

test('a fill is known by its number and its instrument, also after the keys were given back', () => {
  const seen = new SeenFills();
  for (const each of [fill(BTC, '1'), fill(ETH, '2'), fill(BTC, 'a:b')]) seen.add(each);
  const again = new SeenFills();
  again.restore([...seen.keys]);
  for (const each of [seen, again]) {
    expect([...each.keys].sort()).toEqual(['BTCUSDT:1', 'BTCUSDT:a:b', 'ETHUSDT:2']);
    expect(each.has(fill(BTC, '1'))).toBe(true);
    expect(each.has(fill(ETH, '1'))).toBe(false);
    expect(each.has(fill(BTC, 'a:b'))).toBe(true);
  }
  expect(fillKey(fill(BTC, 'a:b'))).toBe('BTCUSDT:a:b');
});

test('whatever its numbers look like and in whatever order they come, a fill is known when, and only when, it was told', () => {
  const ids = fc.constantFrom(
    '0',
    '00',
    '1',
    '01',
    ' 1',
    '1e1',
    '10',
    '-0',
    '-1',
    '9',
    '0x1',
    '9007199254740993',
    'a',
    '',
  );
  fc.assert(
    fc.property(fc.array(ids), (told) => {
      const seen = new SeenFills();
      const known = new Set<string>();
      for (const id of told) {
        expect(seen.has(fill(BTC, id))).toBe(known.has(id));
        seen.add(fill(BTC, id));
        known.add(id);
      }
    }),
  );
});
