/** What the columns of a file are called. */
export interface ColumnNames {
  /** `header`: by the names in the first row; `columns`: by how many there are. */
  readonly by: 'header' | 'columns';
  /** What is read, and the name of its column, or its number from 1. */
  readonly read: Readonly<Record<string, string>>;
  /** Columns that are left alone. */
  readonly ignored: readonly string[];
}

/** Names of columns that were found by a header. */
export function namedColumns(names: readonly string[], found: Readonly<Record<string, number>>): ColumnNames {
  const used = Object.values(found);
  return {
    by: 'header',
    read: Object.fromEntries(Object.entries(found).map(([what, index]) => [what, names[index] ?? ''])),
    ignored: names.filter((_, index) => !used.includes(index)),
  };
}

/** Numbers, from 1, of columns that stand where they always do. */
export function placedColumns(found: Readonly<Record<string, number>>, ignored: readonly string[]): ColumnNames {
  const read = Object.fromEntries(Object.entries(found).map(([what, index]) => [what, String(index + 1)]));
  return { by: 'columns', read, ignored };
}
