import { loadFeatures, loadFeatureSet } from '../../../apps/monsta/src/features/load.ts';

/*
 * Loads features and sets the way the program does, outside of the test runner's own loader. Takes a JSON list of { file, set }, either left out, and prints a list of what they have, or of
 * the faults.
 */

const asked = JSON.parse(process.argv[2] ?? '[]') as readonly { readonly file?: string; readonly set?: string }[];
const answers: unknown[] = [];
for (const { file, set = 'core' } of asked) {
  const user = file === undefined ? { ok: true as const, value: [] } : await loadFeatures(file);
  const made = user.ok ? loadFeatureSet(set, user.value) : user;
  answers.push(
    made.ok
      ? { names: made.value.names, warmUpBars: made.value.warmUpBars }
      : { fault: made.fault.code, message: made.fault.message },
  );
}
console.log(JSON.stringify(answers));
