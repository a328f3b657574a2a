import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { RULE_NAMES } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { toSnake } from '../../../apps/monsta/src/config/case.ts';
import { ROOT } from '../../support/program.test-support.ts';

const page = readFileSync(join(ROOT, 'docs/risk.md'), 'utf8');
const rows = page
  .slice(page.indexOf('## Rules'), page.indexOf('While a price is missing'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/risk.md', () => {
  it('has one row for each rule that risk refuses by, and no other', () => {
    const named = rows.map(([, rule = '']) => rule.replaceAll('`', ''));
    expect([...named].sort()).toEqual([...RULE_NAMES].sort());
  });

  it('tells the settings that exist, with the defaults that the program starts with', () => {
    const { risk } = aiTradingConfigSchema.parse({});
    const defaults = new Map(Object.entries(risk).map(([key, value]) => [toSnake(key), value] as const));
    let checked = 0;
    for (const [, rule = '', settings = '', shown = ''] of rows) {
      const names = [...settings.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name);
      const values = shown.split(', ');
      for (const [index, name] of names.entries()) {
        if (name === 'sizing') continue;
        const value = defaults.get(name);
        const words =
          value === null || (Array.isArray(value) && value.length === 0)
            ? 'none'
            : JSON.stringify(value).replaceAll('"', '');
        expect([rule, name, values[index]]).toEqual([rule, name, words]);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(15);
  });
});
