import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAN_IN, neighboursToMerge, overlappingGroups } from './compaction.ts';
import type { StoredFile } from './stored-files.ts';

const file = (first: number, rows: number): StoredFile => ({
  path: '',
  partition: '',
  first,
  last: first + rows - 1,
  rows,
});

/** Appends a month row by row or a few at a time: how often a row is written, and how many files there were at most. */
function append(total: number, atATime: number): { readonly written: number; readonly most: number } {
  let files: readonly StoredFile[] = [];
  let [written, most] = [0, 0];
  for (let first = 0; first < total; first += atATime) {
    const added = file(first, Math.min(atATime, total - first));
    files = [...files, added];
    written += added.rows;
    for (let group = neighboursToMerge(files); group !== null; group = neighboursToMerge(files)) {
      const [oldest] = group;
      const merged = file(
        oldest?.first ?? 0,
        group.reduce((sum, { rows }) => sum + rows, 0),
      );
      written += merged.rows;
      const at = files.indexOf(oldest ?? merged);
      files = [...files.slice(0, at), merged, ...files.slice(at + group.length)];
    }
    most = Math.max(most, files.length);
  }
  return { written: written / total, most };
}

describe('files that are made into one', () => {
  it('a month of minutes that comes five at a time is written less than five times, and never lies in more than sixty files', () => {
    const { written, most } = append(44_640, 5);
    expect(written).toBeLessThan(5);
    expect(most).toBeLessThan(60);
  });

  it('hold each row once for every time that what was appended can be sixteenfold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 500 }), (total, atATime) => {
        const classes = 1 + Math.ceil(Math.log(Math.max(1, total / atATime)) / Math.log(FAN_IN));
        const { written, most } = append(total, atATime);
        expect(written).toBeLessThanOrEqual(1 + classes);
        expect(most).toBeLessThanOrEqual(FAN_IN * (1 + classes));
      }),
      { numRuns: 30 },
    );
  });

  it('are those that lie within each other, in groups', () => {
    const files = [file(0, 10), file(10, 10), file(15, 2), file(16, 30), file(50, 5)];
    expect(overlappingGroups(files)).toEqual([[files[1], files[2], files[3]]]);
    expect(overlappingGroups([file(0, 5), file(5, 5)])).toEqual([]);
  });
});
