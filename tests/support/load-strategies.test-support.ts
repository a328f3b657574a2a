/** Loads strategies as the program does, in Node itself, whose own loader finds what is wrong with a file: `node … NAME_OR_FILE…` prints their faults, null for none. */
import { loadStrategy } from '../../apps/monsta/src/strategies/load.ts';

const outcomes = [];
for (const nameOrFile of process.argv.slice(2)) {
  const loaded = await loadStrategy(nameOrFile);
  outcomes.push(loaded.ok ? null : { code: loaded.fault.code, message: loaded.fault.message });
}
console.log(JSON.stringify(outcomes));
