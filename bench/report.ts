import { cpus, totalmem } from 'node:os';

/** What the runner passes to a benchmark. */
export interface BenchOptions {
  /** How many times each case is measured; the report gives the median of them. */
  readonly rounds: number;
  readonly seed: number;
  /** `--set name=value` from the command line, for what only one benchmark knows. */
  readonly settings: Readonly<Record<string, string>>;
  /** Progress, on stderr. */
  readonly log: (line: string) => void;
}

/** One thing measured, once a round. */
export interface BenchCase {
  readonly name: string;
  /** The unit of the samples, for example `messages/s` or `ms`. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** One figure a round, in the order they were measured. */
  readonly samples: readonly number[];
  /** What is aimed at, if anything is: a median of not more than this, in `unit`. */
  readonly aimAtMost?: number;
}

/** How many times the one case is slower (more than 1) or faster (less than 1) than the other. */
export interface BenchComparison {
  readonly case: string;
  readonly baseline: string;
  /** The ratio that is aimed at, if one is: not more than this. */
  readonly aimAtMost?: number;
}

/** What a file `bench/NAME.bench.ts` returns from its `run(options: BenchOptions): Promise<BenchReport>`. */
export interface BenchReport {
  readonly title: string;
  readonly cases: readonly BenchCase[];
  readonly comparisons: readonly BenchComparison[];
  /** What the figures depend on: the input and its size. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** Why nothing was measured (an input that is absent), else null. */
  readonly skipped: string | null;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface BenchSummary {
  readonly name: string;
  readonly title: string;
  readonly skipped: string | null;
  readonly machine: Machine;
  readonly facts: BenchReport['facts'];
  readonly cases: readonly (BenchCase & Spread & { readonly aimMet: boolean | null })[];
  readonly ratios: readonly (BenchComparison & { readonly slower: number; readonly aimMet: boolean | null })[];
}

/** The machine that the figures belong to. */
export function machineFacts(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
  };
}

/** Median (the mean of the middle two for an even count), least and greatest; throws for no samples at all. */
export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((left, right) => left - right);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new Error('a case without samples has no median');
  }
  return { median: (low + high) / 2, min, max };
}

/** Adds medians and ratios of medians to what a benchmark measured; throws when a comparison names no case. */
export function summarise(name: string, report: BenchReport, machine: Machine): BenchSummary {
  const cases = report.cases.map((measured) => {
    const { aimAtMost } = measured;
    const figures = spread(measured.samples);
    return { ...measured, ...figures, aimMet: aimAtMost === undefined ? null : figures.median <= aimAtMost };
  });
  const find = (wanted: string): (typeof cases)[number] => {
    const found = cases.find((measured) => measured.name === wanted);
    if (found === undefined) throw new Error(`the comparison names a case that was not measured: ${wanted}`);
    return found;
  };
  const ratios = report.comparisons.map((comparison) => {
    const measured = find(comparison.case);
    const baseline = find(comparison.baseline);
    const quotient = measured.median / baseline.median;
    const slower = measured.better === 'higher' ? 1 / quotient : quotient;
    const { aimAtMost } = comparison;
    return { ...comparison, slower, aimMet: aimAtMost === undefined ? null : slower <= aimAtMost };
  });
  return { name, title: report.title, skipped: report.skipped, machine, facts: report.facts, cases, ratios };
}
