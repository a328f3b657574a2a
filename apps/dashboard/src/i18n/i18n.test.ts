import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { createTranslations, LOCALES } from './index.ts';
import { ko } from './ko.ts';

const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').toSorted();
const entries = Object.entries(en);

/** Every component's source, by file name. */
const components = readdirSync(join(import.meta.dirname, '../components'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => [name, readFileSync(join(import.meta.dirname, '../components', name), 'utf8')] as const);

describe('the two languages', () => {
  it('have the same keys, in the same order', () => {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
  });

  it('have the same figures to fill in', () => {
    for (const [key, text] of entries)
      expect([key, placeholders(ko[key as keyof typeof ko])]).toEqual([key, placeholders(text)]);
  });

  it('leave nothing empty', () => {
    for (const [key, text] of [...entries, ...Object.entries(ko)]) expect([key, text.trim()]).not.toEqual([key, '']);
  });

  it('are two: Korean is written in Korean, but for names', () => {
    const same = entries.filter(([key, text]) => ko[key as keyof typeof ko] === text).map(([key]) => key);
    expect(same).toEqual(['settings.times.utc', 'footer.api']);
  });

  it('fill in their figures', () => {
    for (const locale of LOCALES) {
      const { t } = createTranslations(locale);
      expect(t('footer.version', { version: '1.2.3' })).toContain('1.2.3');
      expect(t('prediction.interval', { level: '95%', low: '<1', high: '2>' })).toContain('<1');
    }
  });

  it('switch while the page stands', async () => {
    const translations = createTranslations('en');
    expect(translations.t('trading.halt')).toBe(en['trading.halt']);
    await translations.changeLanguage('ko');
    expect(translations.t('trading.halt')).toBe(ko['trading.halt']);
  });
});

describe('the components', () => {
  it('say nothing of their own: their words come from the two files', () => {
    expect(components.length).toBeGreaterThan(20);
    // Text between tags, and the attributes that are read out.
    const spoken = /(?<!=)>\s*([A-Za-z가-힣][^<>{}=;()]*?)\s*<\/|\b(?:aria-label|title|placeholder|alt)="([^"]*)"/g;
    const found = components.flatMap(([name, source]) =>
      [...source.matchAll(spoken)].map(([, text, attribute]) => `${name}: ${text ?? attribute ?? ''}`),
    );
    expect(found).toEqual(['frame/header.tsx: MONSTA']);
  });

  it('use every text there is', () => {
    const sources = components.map(([, source]) => source).join('\n');
    // A key is used whole, or by a template that names its first parts.
    const templates = [...sources.matchAll(/`([a-zA-Z.]+\.)\$\{[^}]+\}(\.[a-z]+)?`/g)].map(
      ([, start = '', end = '']) => [start, end] as const,
    );
    const unused = Object.keys(en).filter(
      (key) =>
        !sources.includes(`'${key}'`) && !templates.some(([start, end]) => key.startsWith(start) && key.endsWith(end)),
    );
    expect(unused).toEqual([]);
  });
});
