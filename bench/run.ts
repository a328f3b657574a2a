/**
 * `npm run bench -- NAME [--json] [--rounds N] [--seed N] [--under-load] [--set name=value …]`: runs `bench/NAME.bench.ts`. `--under-load` is `--set load=true`.
 *
 * With `--json` one JSON document goes to stdout; everything else goes to stderr. Exit status 0, 1 when the benchmark
 * failed, 2 for bad usage. A benchmark whose input is absent says so and measures nothing.
 */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { machineFacts, summarise, type BenchOptions, type BenchReport, type BenchSummary } from './report.ts';

interface BenchModule {
  readonly run: (options: BenchOptions) => Promise<BenchReport>;
}

const known = globSync('*.bench.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.bench.ts'))
  .toSorted();

function badUsage(message: string): never {
  console.error(message);
  console.error(`usage: npm run bench -- NAME [--json] [--rounds N] [--seed N] [--under-load] [--set name=value …]`);
  console.error(`benchmarks: ${known.join(', ') || 'none'}`);
  process.exit(2);
}

function readArguments(): { name: string; json: boolean; options: BenchOptions } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '5' },
        seed: { type: 'string', default: '1' },
        'under-load': { type: 'boolean', default: false },
        set: { type: 'string', multiple: true, default: [] },
      },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) return badUsage('name one benchmark');
    if (!known.includes(name)) return badUsage(`unknown benchmark: ${name}`);
    if (!/^[1-9][0-9]{0,3}$/.test(values.rounds))
      return badUsage(`--rounds ${values.rounds}: not a count from 1 to 9999`);
    if (!/^[0-9]{1,9}$/.test(values.seed)) return badUsage(`--seed ${values.seed}: not a whole number`);
    const settings = values.set.map((pair): readonly [string, string] => {
      const at = pair.indexOf('=');
      return at > 0 ? [pair.slice(0, at), pair.slice(at + 1)] : badUsage(`--set ${pair}: not of the form name=value`);
    });
    const log = (line: string): void => console.error(line);
    const options = {
      rounds: Number(values.rounds),
      seed: Number(values.seed),
      settings: Object.fromEntries([...settings, ...(values['under-load'] ? [['load', 'true'] as const] : [])]),
      log,
    };
    return { name, json: values.json, options };
  } catch (error) {
    return badUsage(error instanceof Error ? error.message : String(error));
  }
}

const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

function print(summary: BenchSummary): void {
  const { machine } = summary;
  console.log(`${summary.title}`);
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}`,
  );
  for (const [name, value] of Object.entries(summary.facts)) console.log(`${name}: ${value ?? 'unknown'}`);
  if (summary.skipped !== null) console.log(`skipped: ${summary.skipped}`);
  const told = (aimAtMost: number | undefined, aimMet: boolean | null): string =>
    aimAtMost === undefined ? '' : ` (aim: at most ${aimAtMost}; ${aimMet === true ? 'met' : 'MISSED'})`;
  for (const { name, median, min, max, unit, samples, aimAtMost, aimMet } of summary.cases) {
    const range = `median of ${samples.length}; ${figure(min)} to ${figure(max)}`;
    console.log(`${name}: ${figure(median)} ${unit} (${range})${told(aimAtMost, aimMet)}`);
  }
  for (const { case: name, baseline, slower, aimAtMost, aimMet } of summary.ratios) {
    console.log(`${name} takes ${slower.toFixed(2)} × the time of ${baseline}${told(aimAtMost, aimMet)}`);
  }
}

const { name, json, options } = readArguments();
const module = (await import(pathToFileURL(join(import.meta.dirname, `${name}.bench.ts`)).href)) as BenchModule;
const summary = summarise(name, await module.run(options), machineFacts());
if (json) console.log(JSON.stringify(summary));
else print(summary);
