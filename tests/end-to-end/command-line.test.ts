import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../apps/monsta/src/main.ts', import.meta.url));
const LOAD_STRATEGIES = fileURLToPath(new URL('../support/load-strategies.test-support.ts', import.meta.url));
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'monsta-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

interface Outcome {
  readonly status: number | null;
  readonly code: unknown;
  readonly message: string;
  readonly stdout: string;
}

/** Runs the program to its end, at most 20 s, and reads the fault it prints with --json. */
function monsta(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Outcome {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const run = spawnSync(process.execPath, [MAIN, ...argv, '--json'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
  });
  const document = JSON.parse(run.stdout.split('\n')[0] ?? '') as { error?: { code: unknown; message: string } };
  return { status: run.status, code: document.error?.code, message: document.error?.message ?? '', stdout: run.stdout };
}

const start = (...flags: readonly string[]): Outcome =>
  monsta(['start', '--data-dir', join(folder(), 'data'), '--port', '0', '--log-level', 'error', ...flags]);

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
}

const TRADE =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":1,"p":"61837.63","q":"0.02","T":1723161255342,"m":true,"M":true}}';

describe('the command line refuses bad input with a stable code', { timeout: 120_000 }, () => {
  it.each([
    ['an unknown command', ['fly'], 2, 'command_unknown', 'start'],
    ['an unknown flag', ['start', '--prot', '1'], 2, 'flag_unknown', '--prot'],
    [
      'parameters of no strategy',
      ['start', '--params', '{}', '--strategy', 'ema-cross'],
      2,
      'flag_invalid',
      '--strategy',
    ],
    ['a flag without its value', ['start', '--port'], 2, 'flag_invalid', '--port'],
    ['a stray argument', ['start', 'now'], 2, 'argument_unexpected', 'now'],
    ['a port that is none', ['start', '--port', '99999'], 2, 'config_invalid', '--port'],
    ['a port that is no number', ['start', '--port', 'http'], 2, 'config_invalid', 'not a number'],
    ['an unknown venue', ['start', '--venue', 'mars'], 2, 'config_invalid', '--venue'],
    ['a replay without a recording', ['start', '--venue', 'replay'], 2, 'config_invalid', '--recording'],
    ['a recording without a replay', ['start', '--recording', 'x.gz'], 2, 'config_invalid', '--venue replay'],
    [
      'parameters that are no JSON',
      ['start', '--strategy', 'ema-cross', '--params', '{fast:1}'],
      2,
      'config_invalid',
      '--params',
    ],
    ['live trading that nobody has confirmed', ['start', '--trading', 'live'], 2, 'config_invalid', 'word of a person'],
    ['a role that lacks another', ['start', '--roles', 'api-gateway'], 2, 'config_invalid', 'price-collector'],
    [
      'an impossible port of the simulated exchange',
      ['venue', 'simulate', '--port', '-1'],
      2,
      'flag_invalid',
      '--port',
    ],
    ['a doctor without an exchange', ['doctor'], 2, 'flag_invalid', '--venue'],
    ['a status address that is none', ['status', '--url', 'nowhere'], 2, 'flag_invalid', '--url'],
    ['a status of nothing', ['status', '--url', 'http://127.0.0.1:9'], 1, 'not_running', 'npm start'],
  ] as const)('%s', (_, argv, status, code, hint) => {
    const outcome = monsta(argv);
    expect(outcome).toMatchObject({ status, code });
    expect(outcome.message).toContain(hint);
  });

  it('an unknown key, a wrong value and broken JSON in the configuration, all together where they can be', () => {
    const bad = file(
      'config.json',
      '{"http":{"prot":1},"paper":{"taker_fee_ppm":-5},"collector":{"history_bars":{"2m":1}}}',
    );
    const outcome = monsta(['config', 'check', '--config', bad], { MONSTA_VENUE__NAME: 'mars' });
    expect(outcome).toMatchObject({ status: 1, code: 'config_invalid' });
    for (const part of [
      'http.prot: unknown key',
      'paper.taker_fee_ppm',
      'collector.history_bars.2m',
      'MONSTA_VENUE__NAME',
    ]) {
      expect(outcome.message).toContain(part);
    }
    expect(monsta(['config', 'check', '--config', file('broken.json', '{"http": {,}}')]).message).toContain('line 1');
    expect(monsta(['config', 'check', '--config', '/nonexistent.json']).message).toContain('can’t be read');
  });

  it('accepts a good configuration and prints what would be used', () => {
    const outcome = monsta([
      'config',
      'check',
      '--config',
      file('config.json', '{"http":{"port":9000},"log":{"level":"debug"}}'),
    ]);
    expect(outcome.status).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      ok: true,
      config: { http: { port: 9000 }, log: { level: 'debug' }, data_dir: '.monsta' },
    });
  });

  it('a missing, truncated, corrupt and empty recording', () => {
    const lines = Array.from(
      { length: 400 },
      (_, index) => `17231612540878965${String(index).padStart(2, '0').slice(-2)} ${TRADE}\n`,
    ).join('');
    const whole = gzipSync(lines);
    const replay = (recording: string): Outcome => start('--venue', 'replay', '--recording', recording);
    expect(replay('/nonexistent.ndjson.gz')).toMatchObject({ status: 1, code: 'recording_missing' });
    expect(replay(file('torn.ndjson.gz', whole.subarray(0, Math.floor(whole.length / 2))))).toMatchObject({
      status: 1,
      code: 'recording_truncated',
    });
    const corrupt = replay(file('corrupt.ndjson', `1723161254087896568 ${TRADE}\n1723161254087896569 {"stream":\n`));
    expect(corrupt).toMatchObject({ status: 1, code: 'recording_corrupt' });
    expect(corrupt.message).toMatch(/line 2/);
    expect(replay(file('empty.ndjson', ''))).toMatchObject({ status: 1, code: 'recording_empty' });
  });

  it('a port in use', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => {
      holder.listen(0, '127.0.0.1', resolve);
    });
    const { port } = holder.address() as AddressInfo;
    const outcome = monsta([
      'start',
      '--data-dir',
      join(folder(), 'data'),
      '--port',
      String(port),
      '--log-level',
      'error',
    ]);
    holder.close();
    expect(outcome).toMatchObject({ status: 1, code: 'port_in_use' });
    expect(outcome.message).toContain(String(port));
  });

  it('an unknown, missing, uncompilable, throwing and incomplete strategy, with file and line where there is one', () => {
    const broken = file(
      'broken.ts',
      "import { defineStrategy } from 'monsta';\n\nexport default defineStrategy({ name: ;\n",
    );
    const throwing = file(
      'throwing.ts',
      'const nothing: string[] = [];\nconst first = nothing[0]!.length;\nexport default first;\n',
    );
    const incomplete = file('incomplete.ts', "export default { name: 'Incomplete!' };\n");
    // One start of the program shows that it says what loading says; the others need no market.
    const started = start('--strategy', broken);
    expect(started).toMatchObject({ status: 1, code: 'strategy_not_loadable' });
    expect(started.message).toMatch(/broken\.ts.*line 3/s);
    const names = ['moon', './nowhere.ts', broken, throwing, incomplete, 'ema-cross'];
    const { stdout } = spawnSync(process.execPath, [LOAD_STRATEGIES, ...names], { encoding: 'utf8', timeout: 20_000 });
    expect(JSON.parse(stdout)).toMatchObject([
      { code: 'strategy_unknown' },
      { code: 'strategy_missing' },
      { code: 'strategy_not_loadable', message: expect.stringMatching(/broken\.ts.*line 3/s) as string },
      { code: 'strategy_not_loadable', message: expect.stringMatching(/throwing\.ts.*line 2/s) as string },
      { code: 'strategy_invalid', message: expect.stringContaining('onBar') as string },
      null,
    ]);
    const parameters = (text: string): Outcome => start('--strategy', 'ema-cross', '--params', text);
    expect(parameters('{"fast":1000000}')).toMatchObject({ status: 1, code: 'parameters_invalid' });
  });

  it('several strategies: all that is wrong with any of them is found by one check', () => {
    const broken = file(
      'broken.ts',
      "import { defineStrategy } from 'monsta';\n\nexport default defineStrategy({ name: ;\n",
    );
    const check = (...flags: readonly string[]): Outcome => monsta(['config', 'check', ...flags]);
    const ema = ['--strategy', 'ema-cross'];
    const outcome = check(
      ...['--strategy', broken, ...ema, '--params', '{"velocity":1}', ...ema, '--params', '{"fast":5}', ...ema],
    );
    expect(outcome).toMatchObject({ status: 1, code: 'config_invalid' });
    expect(outcome.message).toMatch(/has 3 faults/);
    expect(outcome.message).toMatch(/strategies\.0 \(.*broken\.ts\): strategy_not_loadable.*line 3/);
    expect(outcome.message).toMatch(/strategies\.1 \(ema-cross\): parameters_invalid.*velocity/);
    expect(outcome.message).toMatch(/strategies\.3 \(ema-cross\): strategy_id_taken.*'ema-cross'/);
    expect(check('--instruments', 'BTCUSDT', ...ema, '--instruments', 'BTCUSDT,ETHUSDT').message).toMatch(
      /strategies\.0\.instruments: not collected: ETHUSDT/,
    );
    const file2 = file(
      'two.json',
      '{"trading":{"strategies":[{"id":"a","strategy":"ema-cross"},{"id":"manual","strategy":"ema-cross"},{"strategy":"x","allocation_ppm":200000}]}}',
    );
    const { message } = check('--config', file2);
    expect(message).toMatch(/two\.json trading\.strategies\.1\.id: is kept for orders that are no strategy’s/);
    // Symbols are known once the venue is open.
    expect(start(...ema, '--instruments', 'BTCUSDT,NOPEUSDT')).toMatchObject({
      status: 1,
      code: 'strategy_instruments',
      message: expect.stringContaining('NOPEUSDT') as string,
    });
  });

  it('an instrument that the venue does not have', () => {
    const outcome = start('--instruments', 'BTCUSDT,NOPEUSDT');
    expect(outcome).toMatchObject({ status: 1, code: 'instrument_unknown' });
    expect(outcome.message).toContain('NOPEUSDT');
  });

  it('prints help and version', () => {
    const help = spawnSync(process.execPath, [MAIN, '--help'], { encoding: 'utf8' });
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('venue simulate');
    const manifest = JSON.parse(readFileSync(new URL('../../apps/monsta/package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(spawnSync(process.execPath, [MAIN, '--version'], { encoding: 'utf8' }).stdout.trim()).toBe(manifest.version);
  });
});
