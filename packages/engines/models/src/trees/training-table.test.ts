import { describe, expect, it } from 'vitest';
import { checkTreeTable, type TreeTable } from './training-table.ts';

const good: TreeTable = {
  rows: 4,
  columns: ['a', 'b'],
  values: Float64Array.of(1, 2, 3, Number.NaN, 5, 6, 7, 8),
  labels: Float64Array.of(0, 1, 1, 0),
  weights: null,
  categorical: [],
};

const code = (change: Partial<TreeTable>, kind: 'binary' | 'regression' = 'binary'): string | null => {
  const checked = checkTreeTable({ ...good, ...change }, { kind });
  return checked.ok ? null : checked.fault.code;
};

describe('training tables', () => {
  it('may have missing values, constant columns and columns that are wholly missing', () => {
    expect(code({})).toBeNull();
    expect(code({ values: new Float64Array(8).fill(1) })).toBeNull();
    expect(code({ values: new Float64Array(8).fill(Number.NaN) })).toBeNull();
    expect(code({ labels: Float64Array.of(1, 1, 1, 1) }, 'regression')).toBeNull();
  });

  it('are refused with what is wrong and where', () => {
    expect(code({ labels: Float64Array.of(0, Number.NaN, 1, 0) })).toBe('label_not_finite');
    expect(code({ labels: Float64Array.of(0, Number.POSITIVE_INFINITY, 1, 0) }, 'regression')).toBe('label_not_finite');
    expect(code({ labels: Float64Array.of(0, 2, 1, 0) })).toBe('label_not_a_class');
    expect(code({ labels: Float64Array.of(0, 0.5, 1, 0) })).toBe('label_not_a_class');
    expect(code({ labels: Float64Array.of(1, 1, 1, 1) })).toBe('one_class');
    expect(code({ weights: Float64Array.of(1, 1, -1, 1) })).toBe('weight_invalid');
    expect(code({ weights: Float64Array.of(0, 0, 0, 0) })).toBe('weight_invalid');
    expect(code({ values: Float64Array.of(1, 2, 3, Number.NEGATIVE_INFINITY, 5, 6, 7, 8) })).toBe('value_infinite');
    expect(code({ values: Float64Array.of(1, 2, 3, 1e300, 5, 6, 7, 8) })).toBe('value_infinite');
    expect(code({ values: Float64Array.of(1, 2.5, 3, 4, 5, 6, 7, 8), categorical: [1] })).toBe('category_invalid');
    expect(code({ categorical: [2] })).toBe('column_unknown');
    expect(code({ columns: ['a', 'a'] })).toBe('column_named_twice');
    expect(code({ columns: [], values: new Float64Array(0) })).toBe('table_without_columns');
    expect(code({ values: new Float64Array(7) })).toBe('table_shape');
    expect(code({ rows: 1, values: new Float64Array(2), labels: new Float64Array(1) })).toBe('rows_too_few');
  });

  it('name the row and the column', () => {
    const values = Float64Array.of(1, 2, 3, Number.POSITIVE_INFINITY, 5, 6, 7, 8);
    const checked = checkTreeTable({ ...good, values }, { kind: 'binary' });
    expect(checked.ok ? '' : checked.fault.message).toContain('row 1: b is Infinity');
  });
});
