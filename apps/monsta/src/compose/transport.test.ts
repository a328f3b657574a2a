import { expectOk } from '@monsta/core';
import { recordingTelemetry } from '@monsta/testkit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monstaConfigSchema, type MonstaConfig } from '../config/schema.ts';
import { openTransport, proxyFrom, type Environment } from './transport.ts';

const configured = (transport: object): MonstaConfig['transport'] => monstaConfigSchema.parse({ transport }).transport;
const proxy = (transport: object, environment: Environment) => expectOk(proxyFrom(configured(transport), environment));

describe('the proxy', () => {
  it('is none unless one is named', () => {
    expect(proxy({}, {})).toBeNull();
    expect(proxy({}, { HTTPS_PROXY: '' })).toBeNull();
    expect(proxy({}, { NO_PROXY: 'example.com' })).toBeNull();
  });

  it('is that of the environment, in either spelling and with or without http://', () => {
    const environment = { HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: 'a.test, b.test  c.test' };
    expect(proxy({}, environment)).toEqual({
      url: 'http://proxy.test:3128',
      bypass: ['a.test', 'b.test', 'c.test'],
    });
    expect(proxy({}, { https_proxy: 'proxy.test:3128' })).toEqual({ url: 'http://proxy.test:3128', bypass: [] });
  });

  it('of the configuration wins over the environment, the list of exceptions by itself', () => {
    const environment = { HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: 'a.test' };
    expect(proxy({ proxyUrl: 'https://own.test' }, environment)).toEqual({
      url: 'https://own.test',
      bypass: ['a.test'],
    });
    expect(proxy({ noProxy: ['*'] }, environment)).toEqual({ url: 'http://proxy.test:3128', bypass: ['*'] });
  });

  it('of another kind is refused, without telling the password', () => {
    const refused = proxyFrom(configured({}), { HTTPS_PROXY: 'socks5://trader:hush@proxy.test' });
    expect(refused).toMatchObject({ fault: { code: 'proxy_invalid' } });
    expect(JSON.stringify(refused)).not.toContain('hush');
    expect(monstaConfigSchema.safeParse({ transport: { proxyUrl: 'socks5://proxy.test' } }).success).toBe(false);
  });
});

describe('a file of certificate authorities', () => {
  let directory = '';
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'monsta-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const open = (caFile: string) => openTransport(configured({ caFile }), {}, recordingTelemetry().logger);

  it('that is not there, holds none or holds a broken one is refused by its name', () => {
    const path = join(directory, 'ca.pem');
    const begin = '-----BEGIN CERTIFICATE-----';
    for (const text of [null, 'nothing', `${begin}\nMIIB\n${begin.replace('BEGIN', 'END')}`]) {
      if (text !== null) writeFileSync(path, text);
      const refused = open(path);
      expect(refused).toMatchObject({ fault: { code: 'ca_file_invalid', retry: 'permanent' } });
      expect(refused.ok ? '' : refused.fault.message).toContain(path);
    }
  });
});

it('tells in the log which proxy it goes through, and not how it signs in', async () => {
  const { logger, records } = recordingTelemetry();
  const transport = expectOk(
    openTransport(configured({}), { HTTPS_PROXY: 'http://trader:hush@proxy.test:3128' }, logger),
  );
  await transport.close();
  expect(records[0]).toMatchObject({ level: 'info', fields: { host: 'proxy.test:3128' } });
  expect(JSON.stringify(records)).not.toContain('hush');
});
