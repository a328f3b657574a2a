import { noteOf, type Note, type OptimizationResult } from '@monsta/contracts';
import type { Dimension } from '@monsta/simulation/optimize';
import type { AnyParameterValues } from '@monsta/trading';
import type { OptimizationPlan } from './plan.ts';

/** Fewer closed trades than this say little of anything. */
const TRADES_FEW = 30;
/** Below it the neighbours of the best keep less than half of what it is better by. */
const PLATEAU = 0.5;

/** Whether a value lies at an end of a range that could be longer. */
function atEnd(dimension: Dimension, values: AnyParameterValues): boolean {
  const value = values[dimension.name];
  switch (dimension.kind) {
    case 'steps':
      return (
        dimension.count > 2 &&
        (value === dimension.from || value === dimension.from + (dimension.count - 1) * dimension.step)
      );
    case 'range':
      return value === dimension.from || value === dimension.to;
    case 'numbers':
      return dimension.values.length > 2 && (value === dimension.values[0] || value === dimension.values.at(-1));
    case 'choice':
      return false;
  }
}

type Told = Omit<OptimizationResult, 'warnings'>;

function testWarnings({ outOfSample }: Told): readonly Note[] {
  if (outOfSample === null) return [];
  const { trades = null, totalReturn = null, buyAndHoldReturn = null } = outOfSample.statistics;
  const earned =
    totalReturn === null
      ? []
      : totalReturn <= 0
        ? [noteOf('earned-nothing', {})]
        : buyAndHoldReturn !== null && totalReturn < buyAndHoldReturn
          ? [noteOf('below-holding', {})]
          : [];
  return [
    ...(trades !== null && trades < TRADES_FEW ? [noteOf('few-trades-tested', { closed: trades })] : []),
    ...earned,
  ];
}

function windowWarnings({ windows, trials }: Told): readonly Note[] {
  const { failed, run } = trials;
  const first = windows.flatMap(({ failures }) => failures)[0]?.message ?? null;
  const without = windows.filter(({ chosen }) => chosen === null).length;
  const broken = windows.flatMap(({ outOfSample }) => outOfSample?.fault ?? []);
  return [
    ...(windows.some(({ test }) => test !== null) ? [] : [noteOf('not-tested', {})]),
    ...(failed === 0 ? [] : [noteOf('trials-failed', { failed, run, first })]),
    ...(without === 0 ? [] : [noteOf('windows-without-choice', { without, windows: windows.length })]),
    ...(broken[0] === undefined ? [] : [noteOf('tests-failed', { tests: broken.length, first: broken[0] })]),
  ];
}

/** What a reader should know before he believes the figures. */
export function optimizationWarnings(told: Told, plan: OptimizationPlan): readonly Note[] {
  const { parameters, probabilityOfOverfitting: probability, stability } = told;
  const ends = plan.options.space.dimensions.filter((each) => parameters !== null && atEnd(each, parameters));
  return [
    ...windowWarnings(told),
    ...testWarnings(told),
    ...(probability !== null && probability >= 0.5 ? [noteOf('overfitted', { probability })] : []),
    ...(stability !== null && stability < PLATEAU ? [noteOf('on-a-peak', { stability })] : []),
    ...(ends.length === 0 ? [] : [noteOf('at-range-end', { parameters: ends.map(({ name }) => name) })]),
  ];
}
