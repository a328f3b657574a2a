/** A probability of a test, to four digits: smaller ones only as being so. */
export const probability = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

/** One that a table only bounds. */
export const boundedProbability = (p: number, is: 'at_most' | 'at_least' | 'interpolated'): string =>
  is === 'interpolated' ? probability(p) : `${is === 'at_most' ? '≤' : '≥'} ${p}`;
