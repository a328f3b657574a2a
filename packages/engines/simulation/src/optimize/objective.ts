import { err, ok, type Result } from '@monsta/core';
import { STATISTICS, type StatisticName } from '../statistics/statistics.ts';

/** A statistic that is to be as high or as low as it can be. */
export interface Objective {
  readonly name: StatisticName;
  readonly direction: 'max' | 'min';
}

const isStatistic = (name: string): name is StatisticName => Object.hasOwn(STATISTICS, name);

/** Reads `sharpe`, `maxDrawdown` (the better way is known of most), `trades:max`. Fault `objective_unknown` with the names there are. */
export function parseObjective(text: string): Result<Objective> {
  const [name = '', direction, ...rest] = text.split(':');
  if (!isStatistic(name))
    return err(
      'objective_unknown',
      `the objective '${name}' is no statistic; there are: ${Object.keys(STATISTICS).join(', ')}`,
    );
  if (rest.length > 0 || (direction !== undefined && direction !== 'max' && direction !== 'min'))
    return err('objective_unknown', `the objective '${text}': behind the statistic stands :max, :min or nothing`);
  const { better } = STATISTICS[name];
  if (direction !== undefined) return ok({ name, direction });
  if (better === null)
    return err('objective_unknown', `of '${name}' neither more nor less is better; say ${name}:max or ${name}:min`);
  return ok({ name, direction: better === 'higher' ? 'max' : 'min' });
}

/** What a value costs: the less, the better. */
export const lossOf = (value: number, direction: 'max' | 'min'): number => (direction === 'max' ? -value : value);
