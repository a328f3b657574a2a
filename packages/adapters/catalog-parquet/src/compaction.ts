import type { StoredFile } from './stored-files.ts';

/** So many files of about one size that lie side by side are made into one. */
export const FAN_IN = 16;

/** Which power of `FAN_IN` a file's rows come to. */
const sizeClass = ({ rows }: StoredFile): number => Math.floor(Math.log(Math.max(1, rows)) / Math.log(FAN_IN));

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
 * Neighbours to be made into one, by their first key: the smallest that are sixteen of a size or smaller. A row is written anew about once for each time that a partition's rows can be divided by sixteen, however
 * little is appended at a time; and a partition has at most fifteen files of each size.
 */
export function neighboursToMerge(files: readonly StoredFile[]): readonly StoredFile[] | null {
  const classes = [...new Set(files.map(sizeClass))].toSorted((left, right) => left - right);
  for (const size of classes) {
    let run: StoredFile[] = [];
    for (const file of files) {
      if (sizeClass(file) > size) {
        if (run.length >= FAN_IN) return run;
        run = [];
      } else run.push(file);
    }
    if (run.length >= FAN_IN) return run;
  }
  return null;
}
