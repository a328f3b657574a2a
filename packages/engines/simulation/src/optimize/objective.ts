import { err, ok, type Result } from '@monsta/core';

/** A statistic that is to be as high or as low as it can be. */
export interface Objective {
  readonly name: string;
  readonly direction: 'max' | 'min';
}

/** Of these less is better, unless said otherwise: losses, their length, and what is paid. */
const LESS_IS_BETTER = /drawdown|volatility|ulcer|fees|slippage|turnover|downside/i;

/** Reads `sharpe`, `sharpe:max`, `maxDrawdown:min`. Fault `objective_unknown` with the names there are. */
export function parseObjective(text: string, names: readonly string[]): Result<Objective> {
  const [name = '', direction, ...rest] = text.split(':');
  if (!names.includes(name))
    return err('objective_unknown', `the objective '${name}' is no statistic; there are: ${names.join(', ')}`);
  if (rest.length > 0 || (direction !== undefined && direction !== 'max' && direction !== 'min'))
    return err('objective_unknown', `'${text}': behind the statistic stands :max, :min or nothing`);
  return ok({ name, direction: direction ?? (LESS_IS_BETTER.test(name) ? 'min' : 'max') });
}
