import { systemClock } from '@monsta/clock-system';
import { err, fault, type Fault, type Result } from '@monsta/core';
import { ProgressLine } from '../backtest/progress-line.ts';
import type { GuardedEnd } from '../backtest/guarded-thread.ts';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import type { EvaluationDocument } from '../evaluate/document.ts';
import { renderEvaluation } from '../evaluate/page/evaluation-page.ts';
import { requestFrom, type EvaluationRequest } from '../evaluate/request.ts';
import { evaluationText } from '../evaluate/summary-text.ts';
import { startEvaluationThread } from '../evaluate/thread.ts';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { untilAsked } from '../runtime/signals.ts';
import { configurationFrom } from './configuration-flags.ts';

const clock = systemClock();

/** Faults of what was typed: bad usage. All others say that it could not be done. */
const USAGE_FAULTS: ReadonlySet<string> = new Set(['flag_invalid', 'params_invalid', 'feature_set_unknown']);

/** Runs it on a thread of its own, shows how far it is, and lets the first Ctrl-C end it. */
async function runShown(
  request: EvaluationRequest,
  { dataDir, catalog }: MonstaConfig,
): Promise<Result<GuardedEnd<EvaluationDocument>>> {
  const line = new ProgressLine(process.stderr, 'parts', clock.monotonicMs());
  const thread = startEvaluationThread({
    ...{ dataDir, catalog, request, clock },
    onProgress: (done, total) => line.show(done, total, clock.monotonicMs()),
  });
  const ended = await untilAsked(
    () => thread.cancel(),
    () => thread.ended,
  );
  line.end();
  return ended;
}

/** `monsta evaluate`: what a model is worth out of sample, with intervals. */
export async function evaluate(flags: FlagValues, output: Output): Promise<number> {
  const failed = (given: Fault): number => {
    output.fault(given);
    return USAGE_FAULTS.has(given.code) ? 2 : 1;
  };
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const asked = requestFrom(flags);
  if (!asked.ok) return failed(asked.fault);
  const { report, ...request } = asked.value;
  const ended = await runShown(request, config.value);
  if (!ended.ok) return failed(ended.fault);
  if (ended.value.kind === 'canceled')
    return failed(fault('evaluation_canceled', 'ended before it was done; it does not count as a look at the data'));
  const document = ended.value.value;
  if (report.path !== null) {
    try {
      writeFileWhole(report.path, renderEvaluation(document, report.language));
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return failed(err('report_unwritable', `${report.path}: ${why}`).fault);
    }
    output.note(`Written to ${report.path}`);
  }
  output.document(document, evaluationText(document));
  return 0;
}
