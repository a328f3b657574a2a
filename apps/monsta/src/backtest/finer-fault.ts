import { err, isMadeOf, ok, sameSteps, type BarSeries, type Result } from '@monsta/core';

/** What keeps finer bars from deciding the path within others. Fault `backtest_data`. */
export function finerFault(series: readonly BarSeries[], finer: readonly BarSeries[]): Result<null> {
  for (const [index, each] of finer.entries()) {
    const coarse = series[index];
    if (coarse === undefined) continue;
    const { id } = each.instrument;
    if (!isMadeOf(coarse.interval, each.interval))
      return err(
        'backtest_data',
        `the finer bars of ${id} are of ${each.interval}, and whole ones don't make those that they explain, of ${coarse.interval}`,
      );
    if (!sameSteps(each.instrument, coarse.instrument))
      return err(
        'backtest_data',
        `the finer bars of ${id} have prices of another tick than the others; name it with --tick`,
      );
  }
  return ok(null);
}
