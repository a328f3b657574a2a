import type { AnyParameterValues } from '@monsta/trading';
import { Study, type StudyOptions, type TrialOutcome } from './study.ts';

const DEFAULTS = { accepts: () => true, seed: 1, ahead: 4, direction: 'min', stopping: { kind: 'none' } } as const;

export const numberOf = (values: AnyParameterValues, name: string): number => Number(values[name]);

export type StudyOf = Pick<StudyOptions, 'space' | 'sampler' | 'trials'> & Partial<StudyOptions>;

/** Runs a whole search on a known function; `workers` trials run at once, and come back in an order drawn by `shuffle`. */
export function search(
  options: StudyOf,
  worth: (values: AnyParameterValues) => number | null,
  { workers = 1, pick = (count: number) => count - 1 }: { workers?: number; pick?: (count: number) => number } = {},
): { readonly study: Study; readonly tried: readonly AnyParameterValues[] } {
  const study = new Study({ ...DEFAULTS, ...options });
  const tried: AnyParameterValues[] = [];
  const running: { readonly number: number; readonly outcome: TrialOutcome }[] = [];
  for (;;) {
    while (running.length < workers) {
      const trial = study.next();
      if (trial === null || trial === 'wait') break;
      tried[trial.number] = trial.values;
      const value = worth(trial.values);
      running.push({ number: trial.number, outcome: { kind: 'finished', value, checks: [] } });
    }
    const [back] = running.splice(Math.min(running.length - 1, Math.max(0, pick(running.length))), 1);
    if (back === undefined) return { study, tried };
    study.tell(back.number, back.outcome);
  }
}
