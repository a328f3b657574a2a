import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** A heading as it is linked to: small letters, no punctuation, dashes for blanks. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1] ?? ''));

describe('the pages for users', () => {
  it.each(PAGES)('%s links only to what is there', (page) => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    for (const link of local) {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? join(ROOT, page) : resolve(dirname(join(ROOT, page)), path);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (heading !== undefined) expect(anchorsOf(target.slice(ROOT.length + 1))).toContain(heading);
    }
  });

  it('the README says the same in both languages, as far as code, links and tables can tell', () => {
    const [english, korean] = [read('README.md'), read('README.ko.md')];
    const codeOf = (text: string): readonly string[] =>
      [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap((match) =>
        (match[1] ?? '').split('\n').map((line) => line.split('#')[0]?.trim() ?? ''),
      );
    const linksOf = (text: string): readonly string[] =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !link.startsWith('README'))
        .toSorted();
    const shapeOf = (text: string) => ({
      headings: [...text.matchAll(/^#+ /gm)].length,
      rows: [...text.matchAll(/^\|/gm)].length,
    });
    expect(codeOf(korean)).toEqual(codeOf(english));
    expect(linksOf(korean)).toEqual(linksOf(english));
    expect(shapeOf(korean)).toEqual(shapeOf(english));
  });

  it('operations.md lists the metrics that there are, and no others', () => {
    const sources = globSync(['{apps,packages}/*/src/**/*.ts', 'packages/*/*/src/**/*.ts'], { cwd: ROOT }).filter(
      (file) => !/\.test(-support)?\.ts$|testkit/.test(file),
    );
    const names = new Set<string>();
    for (const file of sources) {
      const text = read(file);
      for (const match of text.matchAll(/name: '(monsta_[a-z0-9_]+)'/g)) names.add(match[1] ?? '');
      // The market-data client's counters share a prefix: `counter('feed_gaps', …)`.
      if (text.includes('`monsta_binance_${name}_total`'))
        for (const match of text.matchAll(/counter\(\s*'([a-z_]+)'/g))
          names.add(`monsta_binance_${match[1] ?? ''}_total`);
    }
    expect(names.size).toBeGreaterThan(25);
    const listed = [...read('docs/operations.md').matchAll(/`(monsta_[a-z0-9_]+)`/g)].map((match) => match[1] ?? '');
    expect([...new Set(listed)].toSorted()).toEqual([...names].toSorted());
  });
});
