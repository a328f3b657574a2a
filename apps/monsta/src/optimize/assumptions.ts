import type { OptimizationSpec } from '@monsta/contracts';
import type { PreparedBacktest } from '../backtest/prepare.ts';
import type { OptimizationPlan } from './plan.ts';

const day = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What an optimisation takes for granted, in plain sentences with their numbers, before what each of its backtests does. */
export function optimizationAssumptions(
  { sampler, trials, seed, ahead, earlyStopping }: OptimizationSpec,
  { options, objective, size }: OptimizationPlan,
  prepared: PreparedBacktest,
): readonly string[] {
  const { windows } = options;
  const [first] = windows;
  const last = windows.at(-1);
  const searched = options.space.dimensions.map(({ name }) => name).join(', ');
  const points = Number.isFinite(size) ? `${size.toLocaleString('en')} points` : 'no end of points';
  const lines = [
    `Search: ${sampler} over ${searched} (${points}), at most ${trials} trials in each window, for ${objective.direction === 'max' ? 'the highest' : 'the lowest'} ${objective.name}; seed ${seed}, told of all but the newest ${ahead} trials. Combinations that the strategy refuses are never run.`,
  ];
  if (first?.test === null || first === undefined || last?.test === null || last === undefined)
    lines.push('Walk-forward: none; parameters are chosen on all bars, and all figures are of those bars.');
  else
    lines.push(
      `Walk-forward: ${windows.length} windows; in each the parameters are chosen on the bars before its test alone, the first from ${day(first.train.fromMs)} to ${day(first.train.toMs)}, and tested on those behind, from ${day(first.test.fromMs)} to ${day(last.test.toMs)} in all. Bars before a span warm indicators up. Each test begins flat, with the cash that the one before ended with, and what is open at its end is valued at its last close.`,
    );
  if (earlyStopping.kind !== 'none')
    lines.push(
      `Early stopping by ${earlyStopping.kind}: trials that do badly on the first part of the training bars are given up; they count as trials, with what they had done.`,
    );
  return [...lines, ...prepared.assumptions];
}
