/** The element at an index that is known to be there. */
export const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;
