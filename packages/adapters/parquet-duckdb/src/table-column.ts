/**
 * A column of a table of results. `decimal`: exact decimal text; `number`: binary, NaN being as good as null. A null is an empty cell in CSV, NULL in Parquet.
 */
export type TableColumn =
  | { readonly name: string; readonly kind: 'text'; readonly values: readonly (string | null)[] }
  | { readonly name: string; readonly kind: 'decimal'; readonly values: readonly (string | null)[] }
  | { readonly name: string; readonly kind: 'integer'; readonly values: ArrayLike<number | null> }
  | { readonly name: string; readonly kind: 'number'; readonly values: ArrayLike<number | null> }
  | { readonly name: string; readonly kind: 'boolean'; readonly values: readonly (boolean | null)[] };
