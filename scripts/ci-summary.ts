/**
 * `node scripts/ci-summary.ts REPORT…`: adds up vitest's JSON reports and prints, alone on the last line,
 * `N passed, N failed, N skipped`. Above it stand the failed tests and the skipped ones by name.
 *
 * Exit status 0 only when a test passed and none failed. A report that is absent or unreadable counts as one failure:
 * a run that died before it could report has not passed. A file `REPORT.cut-off` beside it says after how many seconds the run
 * was ended from outside. So does a report without a failure whose run ended badly, of which a file `REPORT.failed` tells.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed or was skipped, one line each. */
  readonly notes: readonly string[];
}

interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const NOTHING: Totals = { passed: 0, failed: 0, skipped: 0, notes: [] };

const add = (left: Totals, right: Totals): Totals => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
  notes: [...left.notes, ...right.notes],
});

const failure = (note: string): Totals => ({ ...NOTHING, failed: 1, notes: [`FAILED ${note}`] });

function isReport(value: unknown): value is VitestReport {
  return typeof value === 'object' && value !== null && 'testResults' in value && Array.isArray(value.testResults);
}

/** The totals of one report, given as text. A file that could not be loaded is one failed test. */
export function countReport(name: string, text: string): Totals {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return failure(`${name}: the report cannot be read`);
  }
  if (!isReport(report)) return failure(`${name}: this is no report of vitest`);
  const files = report.testResults.map((file): Totals => {
    const path = relative(process.cwd(), file.name);
    const counted = file.assertionResults.map((test): Totals => {
      if (test.status === 'passed') return { ...NOTHING, passed: 1 };
      if (test.status === 'failed') return failure(`${path}: ${test.fullName}`);
      return { ...NOTHING, skipped: 1, notes: [`skipped ${path}: ${test.fullName}`] };
    });
    const total = counted.reduce(add, NOTHING);
    return file.status === 'failed' && total.failed === 0
      ? add(total, failure(`${path}: ${file.message?.split('\n')[0] ?? 'could not be run'}`))
      : total;
  });
  const total = files.reduce(add, NOTHING);
  // An error outside every test (an unhandled rejection) fails the run without failing a test.
  return !report.success && total.failed === 0
    ? add(total, failure(`${name}: the run failed outside its tests`))
    : total;
}

/** The totals of the report in a file, and of what is told beside it. */
function countFile(path: string): Totals {
  const cutOff = existsSync(`${path}.cut-off`) ? readFileSync(`${path}.cut-off`, 'utf8').trim() : null;
  if (cutOff !== null) return failure(`${path}: the run was cut off after ${cutOff} s`);
  if (!existsSync(path)) return failure(`${path}: there is no report`);
  const counted = countReport(path, readFileSync(path, 'utf8'));
  const endedBadly = counted.failed === 0 && existsSync(`${path}.failed`);
  return endedBadly ? add(counted, failure(`${path}: the run ended badly outside its tests`)) : counted;
}

if (import.meta.main) {
  const total = process.argv.slice(2).map(countFile).reduce(add, NOTHING);
  for (const note of total.notes) console.log(note);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
}
