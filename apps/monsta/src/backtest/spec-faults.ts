import type { BacktestSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { hasCommission } from './settings.ts';

/** What goes together in a specification and what does not. Fault `backtest_spec`. */
export function specFault(spec: BacktestSpec): Result<null> {
  const { costs, instruments, fromMs, toMs, data, finer } = spec;
  const wrong = (message: string) => err('backtest_spec', message);
  const twice = instruments.find((id, index) => instruments.indexOf(id) < index);
  if (twice !== undefined) return wrong(`${twice} is named twice`);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) return wrong('--from is not before --to');
  if (data.kind === 'file' && data.paths.length !== instruments.length)
    return wrong(
      `there are ${instruments.length} instruments and ${data.paths.length} file${data.paths.length === 1 ? '' : 's'} of bars; give one --bars for each --instrument, in the same order`,
    );
  if (finer !== null && finer.paths.length !== instruments.length)
    return wrong(`give one --finer for each --instrument, in the same order, or none`);
  if (data.kind !== 'ticks' && costs.slippage.kind === 'spread')
    return wrong('bars have no spread to take slippage from; give slippage in basis points, or run on --ticks');
  if (data.kind !== 'ticks' && spec.latency !== null)
    return wrong('latency is for runs of ticks; on bars an order acts at the next open, or at the close');
  if (data.kind === 'collected' && spec.interval === null)
    return wrong('bars are collected in several intervals; name the one to run on');
  const ofBars = data.kind === 'ticks' ? barTerm(spec) : null;
  if (ofBars !== null) return wrong(`${ofBars} is for runs of bars; take it away, or run on --bars`);
  if (hasCommission(costs) && costs.feesFrom === 'received')
    return wrong(
      '--fee-per-order, --fee-per-unit and --fee-minimum are paid in the quote asset; take --fees-from received away',
    );
  if (spec.short !== null && costs.feesFrom === 'received')
    return wrong(
      'an account that may be short pays its fees in the quote asset; fees from what was received are for long only',
    );
  return ok(null);
}

/** A term that a run of ticks has no use for; null where there is none. */
function barTerm({ fills, finer, interval, costs }: BacktestSpec): string | null {
  if (finer !== null) return '--finer';
  if (interval !== null) return '--interval';
  if (costs.slippage.kind === 'ticks') return '--slippage-bps ticks=N';
  if (fills.acts !== 'next-open') return '--fill';
  if (fills.sizedAt !== 'decision') return '--sized-at fill';
  if (fills.limits !== 'through') return '--limit-fill';
  if (fills.volumeShare !== null) return '--volume-share';
  if (fills.gaps !== 'break') return '--gaps';
  return fills.endOfData === 'mark' ? null : `--end ${fills.endOfData}`;
}
