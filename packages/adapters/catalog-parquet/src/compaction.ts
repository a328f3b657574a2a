import type { StoredFile } from './stored-files.ts';

/** So many files of about one size that lie side by side are made into one. */
export const FAN_IN = 16;

/** Which power of `FAN_IN` a file's rows come to. */
function sizeClass({ rows }: Pick<StoredFile, 'rows'>): number {
  let size = 0;
  for (let left = rows; left >= FAN_IN; left = Math.floor(left / FAN_IN)) size += 1;
  return size;
}

/** Files of one partition, by their first key, in groups of such as lie within each other; those of one file alone are left out. */
export function overlappingGroups(files: readonly StoredFile[]): readonly (readonly StoredFile[])[] {
  const groups: StoredFile[][] = [];
  let last = -Infinity;
  for (const file of files) {
    if (file.first <= last) groups.at(-1)?.push(file);
    else groups.push([file]);
    last = Math.max(last, file.last);
  }
  return groups.filter((group) => group.length > 1);
}

/**
 * Neighbours to be made into one, by their first key: sixteen of one size, with smaller ones between them. So a row is written anew about once for each time that a partition's rows can be divided by sixteen, however
 * little is appended at a time, and a partition has few files of each size. Null where there are none.
 */
export function neighboursToMerge(files: readonly StoredFile[]): readonly StoredFile[] | null {
  const sizes = files.map(sizeClass);
  for (let size = 0; size <= Math.max(...sizes); size += 1) {
    let [from, equal] = [0, 0];
    for (let at = 0; at <= files.length; at += 1) {
      const here = sizes[at] ?? Infinity;
      if (here === size) equal += 1;
      if (here <= size) continue;
      if (equal >= FAN_IN) return files.slice(from, at);
      [from, equal] = [at + 1, 0];
    }
  }
  return null;
}
