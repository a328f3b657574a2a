import type { OptimizationResult } from '@monsta/contracts';
import type { Dimension } from '@monsta/simulation';
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

/** What a reader should know before he believes the figures. */
export function optimizationWarnings(
  {
    windows,
    outOfSample,
    trials,
    parameters,
    probabilityOfOverfitting,
    stability,
  }: Omit<OptimizationResult, 'warnings'>,
  plan: OptimizationPlan,
): readonly string[] {
  const warnings: string[] = [];
  const tested = windows.some(({ test }) => test !== null);
  if (!tested)
    warnings.push(
      'Nothing was tested out of sample (--walk-forward none): all figures are of the bars that the parameters were chosen on, and flatter them.',
    );
  if (trials.failed > 0) {
    const [first] = windows.flatMap(({ failures }) => failures);
    warnings.push(
      `${trials.failed} of ${trials.run} trials failed${first === undefined ? '' : `, the first with: ${first.message}`}`,
    );
  }
  const without = windows.filter(({ chosen }) => chosen === null).length;
  if (without > 0)
    warnings.push(
      `In ${without} of ${windows.length} windows no trial had a value of the objective: nothing was chosen there, and its test is left out.`,
    );
  const broken = windows.filter(({ outOfSample: test }) => test?.fault !== undefined && test.fault !== null);
  if (broken.length > 0)
    warnings.push(
      `In ${broken.length} tests the strategy failed, the first time with: ${broken[0]?.outOfSample?.fault ?? ''}; from there on it held what it had.`,
    );
  if (outOfSample !== null) {
    const { trades = null, totalReturn = null, buyAndHoldReturn = null } = outOfSample.statistics;
    if (trades !== null && trades < TRADES_FEW)
      warnings.push(`There are ${trades} closed trades out of sample: too few to tell skill from luck.`);
    if (totalReturn !== null && totalReturn <= 0) warnings.push('Out of sample it earned nothing.');
    else if (totalReturn !== null && buyAndHoldReturn !== null && totalReturn < buyAndHoldReturn)
      warnings.push('Out of sample it earned less than buying and holding.');
  }
  if (probabilityOfOverfitting !== null && probabilityOfOverfitting >= 0.5)
    warnings.push(
      `The probability of overfitting is ${Math.round(100 * probabilityOfOverfitting)} %: what was best in one half of the training was more often than not below the middle in the other.`,
    );
  if (stability !== null && stability < PLATEAU)
    warnings.push(
      `The chosen parameters stand on a peak (stability ${stability.toFixed(2)}): small changes of them lose most of what they are better by.`,
    );
  const ends = plan.options.space.dimensions.filter((each) => parameters !== null && atEnd(each, parameters));
  if (ends.length > 0)
    warnings.push(
      `At the end of its range: ${ends.map(({ name }) => name).join(', ')}; what is better may lie beyond.`,
    );
  return warnings;
}
