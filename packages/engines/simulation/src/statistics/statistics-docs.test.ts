import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STATISTICS } from './statistics.ts';

describe('docs/statistics.md', () => {
  it('defines every statistic, with its unit, in the order in which they are', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../../docs/statistics.md'), 'utf8');
    // Tables of statistics have four columns; those of honesty have two.
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (\w+) +\| .+ \| .+ \|$/gm)].map(([, name, unit]) => [name, unit]);
    expect(rows).toEqual(Object.entries(STATISTICS).map(([name, { unit }]) => [name, unit]));
  });
});
