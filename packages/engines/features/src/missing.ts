/**
 * What is done with rows that lack values (NaN): `drop` uses complete rows only; `keep` uses rows of which at least half is known, for models that take missing values.
 */
export type MissingPolicy = 'drop' | 'keep';

/** Whether a row with so many known values of `width` is used. */
export const enoughKnown = (known: number, width: number, policy: MissingPolicy): boolean =>
  policy === 'drop' ? known === width : 2 * known >= width;
