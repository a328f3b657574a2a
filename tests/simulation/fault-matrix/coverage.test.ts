import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { coverage } from './cases.ts';
import { CELLS, CLIENTS, FAULTS, MOMENTS, TABLE } from './cells.ts';

// A case whose fault never strikes fails by itself, so that a cell with a seed is a cell that was tried.
it('every cell of the table is played by at least one of the seeds', () => {
  const empty = [...coverage()].filter(([, seeds]) => seeds.length === 0).map(([cell]) => cell);
  expect(empty).toEqual([]);
});

it('every fault and every moment has cells, and every cell is there once', () => {
  const names = CELLS.map(({ client, fault, moment }) => `${client} ${fault} ${moment}`);
  expect(new Set(names).size).toBe(names.length);
  expect(FAULTS.filter((fault) => !CELLS.some((cell) => cell.fault === fault))).toEqual([]);
  for (const moment of MOMENTS) expect([moment, CELLS.some((cell) => cell.moment === moment)]).toEqual([moment, true]);
  for (const client of CLIENTS)
    expect(FAULTS.filter((fault) => TABLE[fault][client].length > 0).length).toBeGreaterThan(5);
});

it('the page shows the table as it is played', () => {
  const rows = FAULTS.map(
    (fault) => `| \`${fault}\` | ${CLIENTS.map((client) => TABLE[fault][client].join(', ') || '—').join(' | ')} |`,
  );
  const heads = [`| fault | ${CLIENTS.join(' | ')} |`, `| --- |${' --- |'.repeat(CLIENTS.length)}`];
  const page = readFileSync(join(import.meta.dirname, '../../../docs/fault-matrix.md'), 'utf8');
  const shown = /<!-- table -->\n([^]*?)\n<!-- \/table -->/.exec(page)?.[1];
  expect(shown).toBe([...heads, ...rows].join('\n'));
});
