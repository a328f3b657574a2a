import type { BacktestSpec } from '@monsta/contracts';
import { err, type Err } from '@monsta/core';
import { hasCommission } from '../backtest/settings.ts';

/** What is wrong with a specification, and where. */
export interface SpecFault {
  readonly code: string;
  readonly where: string;
  readonly message: string;
}

/** All faults as one: `otherwise`, or their own code where they share one. */
export function refused(faults: readonly SpecFault[], otherwise: string): Err {
  const codes = [...new Set(faults.map(({ code }) => code))];
  const [only = otherwise] = codes;
  const text = faults.map(({ where, message }) => `${where}: ${message}`).join('; ');
  return err(codes.length === 1 ? only : otherwise, text, { details: { faults } });
}

/** What does not go together, as far as it shows without looking anywhere else. */
export function contradictions(spec: BacktestSpec): readonly SpecFault[] {
  const { instruments, fromMs, toMs, data, interval, finer, costs, latency, short } = spec;
  const faults: SpecFault[] = [];
  const wrong = (where: string, message: string): void => void faults.push({ code: 'backtest_spec', where, message });
  const twice = instruments.find((id, index) => instruments.indexOf(id) < index);
  if (twice !== undefined) wrong('instruments', `${twice} is named twice`);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) wrong('toMs', 'must be later than the beginning');
  if (data.kind === 'ticks') wrong('data.kind', 'recordings of ticks are run on the command line');
  else if (costs.slippage.kind === 'spread')
    wrong('costs.slippage.kind', 'bars have no spread; give slippage in basis points');
  if (costs.feesFrom === 'received' && hasCommission(costs))
    wrong('costs.feesFrom', 'fees by the order, by the unit and with a minimum are taken from the quote asset');
  if (costs.feesFrom === 'received' && short !== null)
    wrong('costs.feesFrom', 'an account that may be short pays its fees in the quote asset');
  if (data.kind === 'file' && data.paths.length !== instruments.length)
    wrong('data.paths', `there must be one file for each instrument: ${instruments.length}, not ${data.paths.length}`);
  if (data.kind !== 'file' && interval === null) wrong('interval', 'is needed: there are bars of several intervals');
  if (finer !== null && finer.paths.length !== instruments.length)
    wrong('finer.paths', 'there must be one file for each instrument');
  if (latency !== null)
    wrong('latency', 'is for runs of ticks; on bars an order acts at the next open, or at the close');
  return faults;
}
