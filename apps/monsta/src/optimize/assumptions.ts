import { noteOf, type Note, type OptimizationSpec } from '@monsta/contracts';
import type { PreparedBacktest } from '../backtest/prepare.ts';
import type { OptimizationPlan } from './plan.ts';

/** What an optimisation takes for granted, before what each of its backtests does. */
export function optimizationAssumptions(
  { backtest, sampler, trials, seed, ahead, earlyStopping }: OptimizationSpec,
  { options, objective, size }: OptimizationPlan,
  prepared: PreparedBacktest,
): readonly Note[] {
  const { windows } = options;
  const [first] = windows;
  const last = windows.at(-1);
  return [
    noteOf('search', {
      ...{ backtest, sampler, trials, seed, ahead, direction: objective.direction, objective: objective.name },
      parameters: options.space.dimensions.map(({ name }) => name),
      points: Number.isFinite(size) ? size : null,
    }),
    first === undefined || first.test === null || last === undefined || last.test === null
      ? noteOf('no-walk-forward', {})
      : noteOf('walk-forward', {
          windows: windows.length,
          train: first.train,
          tests: { fromMs: first.test.fromMs, toMs: last.test.toMs },
        }),
    ...(earlyStopping.kind === 'none' ? [] : [noteOf('early-stopping', { kind: earlyStopping.kind })]),
    // Each span has an end of its own.
    ...prepared.assumptions.map((note) =>
      note.code === 'end' ? noteOf('end-of-training', { endOfData: backtest.fills.endOfData }) : note,
    ),
  ];
}
