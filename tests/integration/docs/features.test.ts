import { readFileSync } from 'node:fs';
import { FEATURE_SETS } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import { FEATURES_PAGE, withTable } from '../../../scripts/feature-docs.ts';

describe('docs/features.md', () => {
  const page = readFileSync(FEATURES_PAGE, 'utf8');

  it('has the table of all features as they are defined (node scripts/feature-docs.ts)', () => {
    expect(withTable(page)).toBe(page);
  });

  it('says of each set how many columns it has and how long it warms up', () => {
    for (const { id, features, warmUpBars } of FEATURE_SETS.values())
      expect(page).toContain(`| \`${id}\` | ${features.length} | ${warmUpBars} |`);
  });
});
