import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { configurationFlags } from '../../../apps/monsta/src/commands/configuration-flags.ts';
import { loadConfig } from '../../../apps/monsta/src/config/load.ts';
import { monstaConfigSchema } from '../../../apps/monsta/src/config/schema.ts';
import { CONFIGURATION_PAGE, configurationKeys, withTables } from '../../../scripts/configuration-docs.ts';
import { ROOT } from '../../support/program.test-support.ts';

const page = readFileSync(CONFIGURATION_PAGE, 'utf8');

/** The default of a dotted key in snake case, from the configuration of a program that is told nothing. */
function defaultOf(path: string): unknown {
  const strategies = [{ strategy: 'needed' }];
  const hook = { name: 'needed', kind: 'webhook', url: 'https://alerts.test' };
  const bot = { name: 'needed', kind: 'telegram', chatId: '1' };
  const lists = [
    { flag: '--strategy', path: ['trading', 'strategies'], value: strategies },
    // Each kind of channel needs keys that have no default for the others.
    { flag: 'none', path: ['alerts', 'channels'], value: [path.endsWith('.url') ? bot : hook] },
  ];
  const overrides = path.includes('[]') ? lists : [];
  let value: unknown = expectOk(loadConfig(monstaConfigSchema, { file: null, environment: {}, overrides }));
  for (const part of path.replaceAll('[]', '.0').split('.')) {
    const name = part.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

describe('docs/configuration.md', () => {
  it('holds the keys that the program knows today', () => {
    const check = spawnSync(process.execPath, ['scripts/configuration-docs.ts', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  it('is found out of date when a row changes', () => {
    const stale = page.replace('| `http.port` |', '| `http.prot` |');
    expect(stale).not.toBe(page);
    expect(withTables(stale)).toBe(page);
  });

  it('tells the defaults that the program really starts with', () => {
    const keys = configurationKeys();
    expect(keys.length).toBeGreaterThan(100);
    for (const { path, default: shown } of keys) {
      const value = defaultOf(path);
      const isNeeded = value === 'needed' || path === 'alerts.channels[].kind';
      expect([path, shown]).toEqual([path, isNeeded ? 'needed' : JSON.stringify(value)]);
    }
  });

  it('names every flag', () => {
    const rows = page.slice(page.indexOf('## Flags'), page.indexOf('## Good to know'));
    const named = [...rows.matchAll(/`--([a-z-]+)`/g)].map((match) => match[1]);
    for (const flag of Object.keys(configurationFlags)) expect(named).toContain(flag);
  });

  it('has an example file that the program takes', () => {
    const [, json = ''] = /^```json\n([\s\S]*?)^```/m.exec(page) ?? [];
    const file = join(mkdtempSync(join(tmpdir(), 'monsta-docs-')), 'config.json');
    writeFileSync(file, json);
    const config = expectOk(loadConfig(monstaConfigSchema, { file, environment: {}, overrides: [] }));
    expect(config.dataDir).toBe('my-monsta');
    expect(config.venue.instruments).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(config.trading.role.risk.dailyLossPpmMax).toBe(20_000);
    expect(config.paper.startingBalances).toEqual({ USDT: '5000' });
  });
});
