import { expect, test } from 'vitest';
import { bucketsOf, countOf, quantileOf, since, sumOf } from './exposition.ts';

const TEXT = `# HELP m_seconds x
m_seconds_bucket{input="a",le="0.1"} 50
m_seconds_bucket{input="a",le="0.2"} 90
m_seconds_bucket{input="a",le="+Inf"} 100
m_seconds_bucket{input="b",le="0.1"} 50
m_seconds_bucket{input="b",le="0.2"} 110
m_seconds_bucket{input="b",le="+Inf"} 110
n_total{input="a"} 3
n_total{input="b"} 4
`;

test('quantiles of a histogram are read as Prometheus reads them', () => {
  const buckets = bucketsOf(TEXT, 'm_seconds');
  expect(countOf(buckets)).toBe(210);
  expect(quantileOf(buckets, 0.5)).toBeCloseTo(0.105);
  expect(quantileOf(buckets, 0.99)).toBe(0.2);
  expect(quantileOf(bucketsOf(TEXT, 'absent'), 0.5)).toBeNull();
  const earlier = bucketsOf(TEXT.replaceAll(/ \d+$/gm, ' 50'), 'm_seconds');
  expect(since(buckets, earlier)).toEqual(
    new Map([
      [0.1, 0],
      [0.2, 100],
      [Number.POSITIVE_INFINITY, 110],
    ]),
  );
  expect(sumOf(TEXT, 'n_total')).toBe(7);
});
