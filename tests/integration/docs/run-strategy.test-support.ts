/**
 * `node run-strategy.test-support.ts FILE CLOSES`: loads a strategy file as the program does, runs it by `monsta/testing` over one-minute bars of BTCUSDT that close at CLOSES (whole
 * prices, by commas), and prints what came of it as JSON. A program of its own, since strategy files are found and stripped by Node, not by the test runner.
 */
import { expectOk } from '@monsta/core';
import { loadStrategy } from '../../../apps/monsta/src/strategies/load.ts';
import { runStrategy } from '../../../apps/monsta/src/testing/index.ts';

const [file = '', closes = ''] = process.argv.slice(2);
const definition = expectOk(await loadStrategy(file));
process.stdout.write(`${JSON.stringify(runStrategy(definition, { closes: closes.split(',').map(Number) }))}\n`);
