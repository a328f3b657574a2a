import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configurationFlags } from '../../../apps/monsta/src/commands/configuration-flags.ts';
import { loadConfig, printableConfig } from '../../../apps/monsta/src/config/load.ts';
import { monstaConfigSchema } from '../../../apps/monsta/src/config/schema.ts';
import { CONFIGURATION_PAGE, configurationKeys, withTables } from '../../../scripts/configuration-docs.ts';
import { ROOT } from '../../support/program.test-support.ts';

const page = readFileSync(CONFIGURATION_PAGE, 'utf8');

/** What an object of some kind is not complete without. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  fixed: { amount: '7' },
  volatility: { targetPpm: 7 },
  kelly: { fallbackPpm: 7 },
};

/** The object of a kind that a path goes through, as it is written into a configuration. */
function overridesOf(path: string): readonly { flag: string; path: readonly string[]; value: unknown }[] {
  const kind = /\[([a-z_]+)\]/.exec(path)?.[1];
  const object = kind === undefined ? null : { kind, ...NEEDED[kind] };
  const list = { flag: '--strategy', path: ['trading', 'strategies'] };
  if (path.includes('[].sizing[')) return [{ ...list, value: [{ strategy: 'needed', sizing: object }] }];
  const hook = { name: 'needed', kind: 'webhook', url: 'https://alerts.test' };
  const bot = { name: 'needed', kind: 'telegram', chatId: '1' };
  // Each kind of channel needs keys that have no default for the others.
  const channels = { flag: 'none', path: ['alerts', 'channels'], value: [path.endsWith('.url') ? bot : hook] };
  if (path.includes('[]')) return [{ ...list, value: [{ strategy: 'needed' }] }, channels];
  if (object === null) return [];
  const role = ['trading', 'role'];
  return path.includes('.protections[')
    ? [{ flag: '--x', path: [...role, 'risk', 'protections'], value: [object] }]
    : [{ flag: '--x', path: [...role, 'sizing'], value: object }];
}

/** The default of a dotted key in snake case, from the configuration of a program that is told nothing. */
function defaultOf(path: string): unknown {
  const options = { file: null, environment: {}, overrides: overridesOf(path) };
  let value: unknown = expectOk(loadConfig(monstaConfigSchema, options));
  const dotted = path.replaceAll('[]', '.0').replace(/protections\[[a-z_]+\]/, 'protections.0');
  for (const part of dotted.replace(/\[[a-z_]+\]/, '').split('.')) {
    const name = part.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  const needed = Object.values(NEEDED).some((each) => Object.values(each).includes(value));
  return needed && path.includes('sizing[') ? 'needed' : value;
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
      const isNeeded = value === 'needed' || ['alerts.channels[].kind', 'models.executors[].name'].includes(path);
      const printed = JSON.stringify(printableConfig(value, path.split('.')));
      expect([path, shown]).toEqual([path, isNeeded ? 'needed' : printed]);
    }
  });

  it('names every flag', () => {
    const rows = page.slice(page.indexOf('## Flags'), page.indexOf('## Good to know'));
    const named = [...rows.matchAll(/`--([a-z-]+)`/g)].map((match) => match[1]);
    for (const flag of Object.keys(configurationFlags)) expect(named).toContain(flag);
  });

  it('has an example file that the program takes', () => {
    const [, json = ''] = /^```json\n([\s\S]*?)^```/m.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'monsta-docs-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'config.json');
    writeFileSync(file, json);
    const config = expectOk(loadConfig(monstaConfigSchema, { file, environment: {}, overrides: [] }));
    expect(config.dataDir).toBe('my-monsta');
    expect(config.venue.instruments).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(config.trading.role.risk.dailyLossPpmMax).toBe(20_000);
    expect(config.paper.startingBalances).toEqual({ USDT: '5000' });
  });
});
