import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { err } from '@monsta/core';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { writeNewStrategy } from '../strategies/new-strategy.ts';

/** `monsta strategy new NAME` */
export function strategyNew(flags: FlagValues, output: Output): Promise<number> {
  const name = argumentOf(flags);
  const { dir } = flags;
  const directory = resolve(typeof dir === 'string' ? dir : name);
  const written = writeNewStrategy(name, directory);
  if (!written.ok) {
    output.fault(written.fault);
    return Promise.resolve(written.fault.code === 'strategy_name' ? 2 : 1);
  }
  const said = `Written:\n${written.value.map((path) => `  ${path}`).join('\n')}\nTest it: monsta strategy test ${directory}/${name}.test.ts\nTrade it on paper: monsta start --strategy ${directory}/${name}.ts`;
  output.document({ files: written.value }, said);
  return Promise.resolve(0);
}

/** `monsta strategy test FILE`: Node's own test runner, in which `monsta` can be imported. */
export function strategyTest(flags: FlagValues, output: Output): Promise<number> {
  const file = resolve(argumentOf(flags));
  if (!existsSync(file)) {
    output.fault(err('strategy_missing', `the test file ${file} does not exist`).fault);
    return Promise.resolve(1);
  }
  const register = new URL('../strategies/register.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', register, '--test', file], { stdio: 'inherit' });
  return new Promise((done) => {
    child.once('error', () => done(1));
    child.once('exit', (code) => done(code ?? 1));
  });
}
