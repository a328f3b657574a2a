import { err, intervalMs, ok, sameSteps, type BarSeries, type Result } from '@monsta/core';

/** What keeps finer bars from deciding the path within others. Fault `backtest_data`. */
export function finerFault(series: readonly BarSeries[], finer: readonly BarSeries[]): Result<null> {
  for (const [index, each] of finer.entries()) {
    const coarse = series[index];
    if (coarse === undefined) continue;
    const { id } = each.instrument;
    const [short, long] = [intervalMs(each.interval), intervalMs(coarse.interval)];
    if (short >= long || long % short !== 0)
      return err(
        'backtest_data',
        `the finer bars of ${id} are of ${each.interval}, and those that they explain of ${coarse.interval}`,
      );
    if (!sameSteps(each.instrument, coarse.instrument))
      return err(
        'backtest_data',
        `the finer bars of ${id} have prices of another tick than the others; name it with --tick`,
      );
  }
  return ok(null);
}
