import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { loadConfig, printableConfig, type ConfigFault, type ConfigSources } from './load.ts';

const schema = z.strictObject({
  http: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65535).default(8080) })
    .prefault({}),
  venue: z
    .strictObject({
      name: z.enum(['simulated', 'replay']).default('simulated'),
      timeoutMs: z.number().positive().default(5000),
      apiSecret: z.string().default(''),
    })
    .prefault({}),
});

const sources = (over: Partial<ConfigSources>): ConfigSources => ({
  file: null,
  environment: {},
  overrides: [],
  ...over,
});
function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'config.json');
  writeFileSync(path, text);
  return path;
}
function faultsOf(over: Partial<ConfigSources>): readonly ConfigFault[] {
  const loaded = loadConfig(schema, sources(over));
  expect(loaded.ok).toBe(false);
  return loaded.ok ? [] : (loaded.fault.details?.['faults'] as readonly ConfigFault[]);
}

describe('configuration', () => {
  it('has defaults for everything', () => {
    expect(loadConfig(schema, sources({}))).toEqual({
      ok: true,
      value: { http: { host: '127.0.0.1', port: 8080 }, venue: { name: 'simulated', timeoutMs: 5000, apiSecret: '' } },
    });
  });

  it('takes a flag over the environment over the file', () => {
    const path = file('{"http":{"host":"::1","port":1},"venue":{"timeout_ms":7}}');
    const loaded = loadConfig(
      schema,
      sources({
        file: path,
        environment: { MONSTA_HTTP__PORT: '2', MONSTA_VENUE__NAME: 'replay', MONSTA_CI: '1', HOME: '/x' },
        overrides: [{ flag: '--port', path: ['http', 'port'], value: 3 }],
      }),
    );
    expect(loaded).toMatchObject({
      ok: true,
      value: { http: { host: '::1', port: 3 }, venue: { name: 'replay', timeoutMs: 7 } },
    });
  });

  it('reports all faults of all sources together, each with its place', () => {
    const path = file('{"http":{"prot":1},"venue":{"timeout_ms":"soon"}}');
    const faults = faultsOf({
      file: path,
      environment: { MONSTA_VENUE__NAME: 'mars', MONSTA_COLOUR: 'red' },
      overrides: [{ flag: '--port', path: ['http', 'port'], value: 99999 }],
    });
    expect(faults.map((fault) => fault.where).sort()).toEqual(
      [
        'env:MONSTA_COLOUR',
        'env:MONSTA_VENUE__NAME',
        'flag:--port',
        `file:${path} http.prot`,
        `file:${path} venue.timeout_ms`,
      ].sort(),
    );
    // What a place in a file names is not said again; a variable or a flag has another name than the key.
    const said = (where: string): string | undefined => faults.find((fault) => fault.where.endsWith(where))?.message;
    expect(said('http.prot')).toBe('unknown key');
    expect(said('venue.timeout_ms')).toMatch(/^Invalid input/);
    expect(said('MONSTA_COLOUR')).toBe('colour: unknown key');
    expect(said('MONSTA_VENUE__NAME')).toMatch(/^venue\.name: Invalid option/);
    expect(said('--port')).toMatch(/^http\.port: Too big/);
  });

  it('names the line of a JSON mistake, a missing file, and a key given twice', () => {
    expect(faultsOf({ file: file('{\n "http": {,}\n}') })[0]?.message).toContain('line 2');
    expect(faultsOf({ file: '/nonexistent/monsta.json' })[0]?.message).toContain('can’t be read');
    expect(faultsOf({ file: file('[1]') })[0]?.message).toContain('one JSON object');
    expect(faultsOf({ file: file('{"venue":{"timeout_ms":1,"timeoutMs":2}}') })[0]?.message).toContain('twice');
  });

  it('leaves a user’s own names as they are, and renames the keys of objects in the environment', () => {
    const free = z.strictObject({
      trading: z.strictObject({
        strategies: z.array(
          z.strictObject({ allocationPpm: z.number(), parameters: z.record(z.string(), z.number()) }),
        ),
      }),
      http: z.strictObject({ bodyBytesMax: z.number() }),
    });
    const path = file('{"trading":{"strategies":[{"allocation_ppm":1,"parameters":{"stop_loss":5,"takeProfit":7}}]}}');
    expect(loadConfig(free, sources({ file: path, environment: { MONSTA_HTTP: '{"body_bytes_max":7}' } }))).toEqual({
      ok: true,
      value: {
        trading: { strategies: [{ allocationPpm: 1, parameters: { stop_loss: 5, takeProfit: 7 } }] },
        http: { bodyBytesMax: 7 },
      },
    });
    expect(printableConfig({ trading: { strategies: [{ allocationPpm: 1, parameters: { takeProfit: 7 } }] } })).toEqual(
      {
        trading: { strategies: [{ allocation_ppm: 1, parameters: { takeProfit: 7 } }] },
      },
    );
    expect(printableConfig({ paper: { startingBalances: { USDT: '1' } } })).toEqual({
      paper: { starting_balances: { USDT: '1' } },
    });
  });

  it('prints in snake case with secrets redacted', () => {
    expect(printableConfig({ venue: { timeoutMs: 5, apiSecret: 'hush' } })).toEqual({
      venue: { timeout_ms: 5, api_secret: '[redacted]' },
    });
    const addresses = { proxyUrl: 'http://trader:hush@proxy.test:3128/', restUrl: 'https://api.test/a@b' };
    expect(printableConfig(addresses)).toEqual({
      proxy_url: 'http://[redacted]@proxy.test:3128/',
      rest_url: 'https://api.test/a@b',
    });
    const hook = (url: string) => printableConfig({ alerts: { channels: [{ name: 'hook', url }] } });
    expect(JSON.stringify(hook('https://me:hush@hooks.test/services/T0/B0/hush?key=hush'))).not.toContain('hush');
    expect(hook('https://hooks.test/services/T0/B0/hush')).toEqual({
      alerts: { channels: [{ name: 'hook', url: 'https://hooks.test/[redacted]' }] },
    });
    expect(hook('https://hooks.test')).toEqual({ alerts: { channels: [{ name: 'hook', url: 'https://hooks.test' }] } });
  });
});
