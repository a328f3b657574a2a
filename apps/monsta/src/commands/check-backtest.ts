import { systemClock } from '@monsta/clock-system';
import { fault } from '@monsta/core';
import type { Finding } from '@monsta/simulation';
import type { ChecksAsked, ChecksReport } from '../backtest/checks/protocol.ts';
import { runChecks } from '../backtest/checks/run-checks.ts';
import { ProgressLine } from '../backtest/progress-line.ts';
import { specFromFlags } from '../backtest/spec-from-flags.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode } from '../config/load.ts';
import { CUTS } from './check-flags.ts';
import { configurationFrom } from './configuration-flags.ts';

const CUTS_MAX = 1_000;
/** A call of a strategy that takes longer never returns: also the first one, in which its file is read and compiled. */
const CALL_MS_MAX = 10_000;

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function findingText({ kind, strategyId, instrument, name, atMs, change, changed, whole, altered }: Finding): string {
  const what = kind === 'indicator' ? `indicator ${name}` : `what ${name} asked for`;
  const when = {
    truncated: `without the data after ${iso(changed)}`,
    garbage: `with garbage after ${iso(changed)}`,
    history: `with ${changed} bars of history`,
  }[change];
  return `  ${strategyId} in ${instrument}, ${iso(atMs)}: ${what} is ${whole} on all the data, and ${altered} ${when}`;
}

function spoken({ lookahead, warmUp }: ChecksReport): string {
  const lines: string[] = [];
  if (lookahead !== null) {
    const { runs, cutsMs, calls, findings } = lookahead;
    const tried = `${runs} runs with the future cut off or garbage behind ${cutsMs.length} moments, ${calls} calls of the strategy compared`;
    const verdict = findings.length > 0 ? 'FOUND' : calls === 0 ? 'NOTHING TO COMPARE' : 'none found';
    lines.push(`look-ahead: ${verdict} (${tried})`);
    if (calls === 0)
      lines.push(
        '  The strategy was never asked: too few bars without a gap for its windows (--gaps), or none in the span.',
      );
    lines.push(...findings.map(findingText));
  }
  if (warmUp !== null) {
    const { findings, neededBars, tried, fromMs } = warmUp;
    const how = `from ${iso(fromMs)} on, ${neededBars} bars needed, ${tried.join(', ')} tried beside all there are`;
    lines.push(`warm-up: ${findings.length === 0 ? 'nothing depends on it' : 'FOUND what depends on it'} (${how})`);
    lines.push(...findings.map(findingText));
  }
  return lines.join('\n');
}

/** Exit status 0 where nothing was found, 1 where something was, where there was nothing to compare, or the check broke, 2 for bad usage. */
export async function checkBacktest(flags: FlagValues, output: Output): Promise<number> {
  const { 'check-lookahead': lookahead, 'check-warmup': warmUp, cuts, ...others } = flags;
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const count = cuts === undefined ? CUTS : Number(textOf(flags, 'cuts'));
  if (!Number.isInteger(count) || count < 1 || count > CUTS_MAX) {
    output.fault(
      fault('flag_invalid', `--cuts is a whole number from 1 to ${CUTS_MAX}, not '${textOf(flags, 'cuts')}'`),
    );
    return 2;
  }
  const spec = specFromFlags(others);
  if (!spec.ok) {
    output.fault(spec.fault);
    return 2;
  }
  const clock = systemClock();
  const line = new ProgressLine(process.stderr, 'runs', clock.monotonicMs());
  const { role, strategyCallMsMax } = config.value.trading;
  const asked: ChecksAsked = { lookaheadCuts: lookahead === true ? count : null, warmUp: warmUp === true };
  const checked = await runChecks({
    spec: spec.value,
    role,
    asked,
    clock,
    callMsMax: Math.max(CALL_MS_MAX, strategyCallMsMax),
    onProgress: (done, total) => line.show(done, total, clock.monotonicMs()),
  });
  line.end();
  if (!checked.ok) {
    output.fault(checked.fault);
    return checked.fault.code === 'strategy_stuck' || checked.fault.code === 'backtest_broken' ? 1 : 2;
  }
  output.document(checked.value, spoken(checked.value));
  const { lookahead: ahead, warmUp: history } = checked.value;
  const found = (ahead?.findings.length ?? 0) + (history?.findings.length ?? 0);
  return found > 0 || ahead?.calls === 0 ? 1 : 0;
}
