import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'monsta-feature-sets-'));
const set = join(folder, 'led.json');
const features = [{ feature: 'log_return' }, { feature: 'other_return', of: 'ETHUSDT' }];
writeFileSync(set, JSON.stringify({ id: 'led', version: 1, features }));

const running: RunningProgram[] = [];
afterAll(async () => {
  for (const program of running) await program.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** A configuration in a file of its own. */
function configured(name: string, instruments: readonly string[], models: Readonly<Record<string, unknown>>): string {
  const path = join(folder, `${name}.json`);
  const collector = { history_bars: { '1m': 3_000 } };
  const executors = [{ name: 'logistic-regression', feature_set: set }];
  const usual = { executors, intervals: ['1m'], horizon_ms: 60_000, resamples: 200 };
  writeFileSync(path, JSON.stringify({ venue: { instruments }, collector, models: { ...usual, ...models } }));
  return path;
}

describe('what an executor learns from', { timeout: 240_000 }, () => {
  it('is a set of the configuration’s, whose other instrument is read live as the bars of both close', async () => {
    const config = configured('both', ['BTCUSDT', 'ETHUSDT'], { instruments: ['BTCUSDT'] });
    const flags = ['--config', config, '--port', '0', '--data-dir', join(folder, 'data'), '--trading', 'off'];
    const program = await startProgram(flags, { MONSTA_MODELS__EXECUTORS: undefined });
    running.push(program);
    const client = new MonstaClient({ baseUrl: textOf(program, 'url') });
    const said = async () => unwrap(await client.predictions({ instrument: 'BTCUSDT' })).items[0];
    const first = await until(said, (each) => each !== undefined && each.absence === null, 90_000, 'a prediction');
    expect(unwrap(await client.models()).items[0]).toMatchObject({ features: 'led', state: 'serving' });
    // It has no line for the instrument that it reads beside.
    expect(await client.predictions({ instrument: 'ETHUSDT' })).toMatchObject({ ok: false });
    const next = await until(said, (each) => (each?.timeMs ?? 0) > (first?.timeMs ?? 0), 90_000, 'the next bar');
    expect([next?.absence, (next?.timeMs ?? 0) % 60_000]).toEqual([null, 0]);
    expect(await program.stop()).toBe(0);
  });

  it.each([
    [
      'a name that no set has',
      ['BTCUSDT'],
      'nothing',
      /models\.executors\.0 \(logistic-regression\): no feature set is called 'nothing'; there are: core/,
    ],
    ['a file that is not there', ['BTCUSDT'], './none.json', /models\.executors\.0 .*none\.json can't be read/],
    [
      'an instrument that is not collected',
      ['BTCUSDT'],
      set,
      /reads bars of ETHUSDT, which is not collected; add it to venue\.instruments/,
    ],
    ['the only instrument', ['ETHUSDT'], set, /no other instrument is left to forecast/],
  ])(
    'ends the start where it is %s, and `config check` says so before',
    async (name, instruments, featureSet, said) => {
      const executors = [{ name: 'logistic-regression', feature_set: featureSet }];
      const config = configured(name.replaceAll(' ', '-'), instruments, { executors });
      const place = ['--config', config, '--data-dir', join(folder, 'refused')];
      for (const command of [
        ['config', 'check'],
        ['start', '--port', '0', '--trading', 'off'],
      ]) {
        const run = await runCommand([...command, ...place]);
        expect([command[0], run.status, run.stderr]).toEqual([command[0], 1, expect.stringMatching(said)]);
      }
    },
  );
});
