import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { searchSpace, snapped, valuesAt } from './space.ts';
import { median, planMaps, stabilityScore } from './stability-map.ts';

const integer = { kind: 'integer', default: 10, min: 1, max: 30 } as const;
const SPECS = {
  fast: integer,
  slow: integer,
  band: { kind: 'number', default: 1, min: 0, max: 2 },
  kind: { kind: 'choice', default: 'a', options: ['a', 'b'] },
} as const;

describe('the stability map', () => {
  it('shows the best among its neighbours, for each pair of parameters, without what the strategy refuses', () => {
    const space = expectOk(searchSpace(SPECS, { fast: null, slow: null, band: null, kind: null }));
    const best = snapped(space, [0.1, 0.3, 0.5, 0.9]);
    expect(valuesAt(space, best)).toEqual({ fast: 4, slow: 10, band: 1, kind: 'b' });
    const maps = planMaps(space, best, 2, ({ fast, slow }) => Number(fast) + 5 < Number(slow));
    expect(maps.map(({ rows, columns }) => `${rows.name} ${columns.name}`)).toEqual([
      'fast slow',
      'fast band',
      'fast kind',
      'slow band',
      'slow kind',
      'band kind',
    ]);
    const [first, second, third] = maps;
    expect(first).toMatchObject({
      rows: { values: [2, 3, 4, 5, 6] },
      columns: { values: [8, 9, 10, 11, 12] },
      best: { row: 2, column: 2 },
    });
    expect(first?.cells.map(({ values }) => `${String(values['fast'])}<${String(values['slow'])}`)).not.toContain(
      '6<11',
    );
    expect(first?.cells).toHaveLength(15);
    expect(second?.columns.values).toEqual([0.8, 0.9, 1, 1.1, 1.2]);
    expect(third).toMatchObject({ columns: { values: ['a', 'b'] }, best: { row: 2, column: 1 } });
    expect(
      maps.every(({ cells, best: { row, column } }) =>
        cells.some((cell) => cell.row === row && cell.column === column),
      ),
    ).toBe(true);
  });

  it('ends where the parameters do, and is a line for a single one', () => {
    const space = expectOk(searchSpace(SPECS, { fast: null }));
    const [map, ...others] = planMaps(space, snapped(space, [0]), 2, () => true);
    expect(others).toEqual([]);
    expect(map).toMatchObject({ rows: { values: [1] }, columns: { values: [1, 2, 3] }, best: { row: 0, column: 0 } });
    expect(map?.cells).toHaveLength(3);
  });

  it('scores what neighbours keep of what the best is above the middle of all', () => {
    expect(stabilityScore(10, 0, [10, 10, 10], 'max')).toBe(1);
    expect(stabilityScore(10, 0, [-5, 0, 0], 'max')).toBe(0);
    expect(stabilityScore(10, 0, [5, 12, null], 'max')).toBe(0.75);
    expect(stabilityScore(1, 3, [2], 'min')).toBe(0.5);
    expect(stabilityScore(1, 1, [2], 'min')).toBeNull();
    expect(stabilityScore(1, null, [2], 'min')).toBeNull();
    expect(stabilityScore(1, 0, [null], 'max')).toBeNull();
    expect([median([]), median([3, 1]), median([5, 1, 2])]).toEqual([null, 2, 2]);
  });
});
