import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogFields } from '@monsta/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REDACTED } from '@monsta/contracts';
import { createTelemetry, type TelemetryOptions } from './telemetry.ts';

function build(options: Partial<TelemetryOptions> = {}) {
  const lines: string[] = [];
  const telemetry = createTelemetry({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void lines.push(line) },
    processMetrics: false,
    ...options,
  });
  const last = (): Record<string, unknown> => {
    const parsed: unknown = JSON.parse(lines.at(-1) ?? '{}');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  };
  const logged = (fields: LogFields): Record<string, unknown> => {
    telemetry.logger.info('line', fields);
    return last();
  };
  return { ...telemetry, lines, last, logged };
}

describe('the log', () => {
  it('is one JSON object a line with time, level, service, message and fields', () => {
    const { logger, lines, last } = build();
    logger.child({ role: 'collector' }).warn('feed is late', { lagMs: 12 });
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(last()).toMatchObject({
      level: 'warn',
      service: 'test',
      role: 'collector',
      message: 'feed is late',
      lagMs: 12,
      pid: process.pid,
    });
    expect(Number.isNaN(Date.parse(String(last()['time'])))).toBe(false);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = build({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.error('c');
    expect(lines).toHaveLength(1);
  });

  it('goes to stderr and leaves stdout alone', () => {
    const source = fileURLToPath(new URL('index.ts', import.meta.url));
    const script = `import { createTelemetry } from ${JSON.stringify(source)};
      createTelemetry({ level: 'info', service: 'child' }).logger.info('hello'); process.exit(0);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(child.stdout).toBe('');
    expect(JSON.parse(child.stderr)).toMatchObject({ service: 'child', message: 'hello' });
  });

  it('writes numbers that JSON lacks, bigints, times, errors and bytes so that they can be read', () => {
    const { logged } = build();
    const cause = new Error('inner');
    const error = Object.assign(new Error('outer', { cause }), { code: 'E_OUTER' });
    const line = logged({
      error,
      units: 12n,
      at: new Date(0),
      never: Number.NaN,
      bytes: new Uint8Array(3),
      seen: new Map([['a', 1]]),
      list: new Set([1]),
    });
    expect(line).toMatchObject({
      units: '12',
      at: '1970-01-01T00:00:00.000Z',
      never: 'NaN',
      bytes: '[Uint8Array, 3 bytes]',
      seen: { a: 1 },
      list: [1],
      error: { name: 'Error', message: 'outer', code: 'E_OUTER', cause: { message: 'inner' } },
    });
  });

  it('survives fields that are circular, endless or throw', () => {
    const { logged } = build();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(logged({ circular })['circular']).toEqual({ self: '[circular]' });
    const wide = Array.from({ length: 100_000 }, (_, index) => index);
    expect(logged({ wide })['wide']).toHaveLength(1_000);
    const throwing = {
      get broken(): never {
        throw new Error('no');
      },
    };
    expect(logged({ throwing })['fieldsUnreadable']).toBe('no');
  });
});

describe('secrets in the log', () => {
  const secretKeys = fc.constantFrom(
    'token',
    'adminToken',
    'access_token',
    'secret',
    'apiSecret',
    'password',
    'apiKey',
    'api-key',
    'X-MBX-APIKEY',
    'Authorization',
    'signature',
    'set-cookie',
    'privateKey',
  );

  it('are redacted under any key that names one, at any depth, in whatever holds them', () => {
    const secret = 'hunter2-hunter2';
    const { logged, lines } = build();
    const holders = fc.array(fc.constantFrom('object', 'array', 'map', 'error', 'cause'), { maxLength: 12 });
    fc.assert(
      fc.property(secretKeys, holders, (key, wrappers) => {
        let held: unknown = { [key]: { value: secret } };
        for (const wrapper of wrappers) {
          if (wrapper === 'object') held = { inner: held };
          else if (wrapper === 'array') held = [held];
          else if (wrapper === 'map') held = new Map([['inner', held]]);
          else if (wrapper === 'error') held = Object.assign(new Error('outer'), { details: held });
          else held = new Error('outer', { cause: held });
        }
        logged({ held });
        expect(lines.at(-1)).not.toContain(secret);
      }),
    );
  });

  it('are redacted in the fields of a child, and in URLs and headers within texts', () => {
    const { logger, lines, last } = build();
    logger.child({ apiKey: 'abc123' }).info('GET /api?symbol=BTCUSDT&signature=deadbeef failed', {
      url: 'wss://host/ws?listenKey=abc123&x=1',
      header: 'Bearer abc123.def',
      cause: new Error('POST /order?apiKey=abc123'),
    });
    expect(lines[0]).not.toMatch(/abc123|deadbeef/);
    expect(last()['message']).toBe(`GET /api?symbol=BTCUSDT&signature=${REDACTED} failed`);
    expect(last()['url']).toBe(`wss://host/ws?listenKey=${REDACTED}&x=1`);
  });
});

describe('metrics', () => {
  it('hold the process’s own, with the event loop’s lag, where asked', async () => {
    const { body } = await build({ processMetrics: true }).metrics.expose();
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(body).toContain('process_resident_memory_bytes');
    expect((await build().metrics.expose()).body).not.toContain('nodejs_');
  });
});
