import { readFileSync } from 'node:fs';
import { TRANSITIONS } from '@monsta/trading';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../../docs/orders.md', import.meta.url), 'utf8');

test('docs/orders.md lists every transition of an order, and no other', () => {
  const table = page.split('| from | to |')[1]?.split('\n\n')[0] ?? '';
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, from = '', to = ''] = line.split('|').map((cell) => cell.trim());
      const statuses = [...to.matchAll(/`([a-z_]+)`/g)].map(([, status]) => status);
      return [from.replaceAll('`', ''), statuses] as const;
    });
  expect(Object.fromEntries(rows)).toEqual(TRANSITIONS);
});
