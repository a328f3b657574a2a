import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countReport } from './ci-summary.ts';

const file = (statuses: readonly string[], status = 'passed'): object => ({
  name: join(process.cwd(), 'a.test.ts'),
  status,
  message: 'cannot find module\n at x',
  assertionResults: statuses.map((each, index) => ({ fullName: `test ${index}`, status: each })),
});
const report = (success: boolean, ...testResults: readonly object[]): string =>
  JSON.stringify({ success, testResults });
const numbers = (text: string): readonly number[] => {
  const { passed, failed, skipped } = countReport('unit', text);
  return [passed, failed, skipped];
};

describe('the summary of a run', () => {
  it('counts tests that passed, failed, were skipped, or are only planned', () => {
    const text = report(false, file(['passed', 'passed', 'failed'], 'failed'), file(['skipped', 'pending', 'todo']));
    expect(numbers(text)).toEqual([2, 1, 3]);
    expect(countReport('unit', text).notes[0]).toBe('FAILED a.test.ts: test 2');
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(numbers(report(false, file([], 'failed')))).toEqual([0, 1, 0]);
  });

  it('counts an error outside every test as a failure', () => {
    expect(numbers(report(false, file(['passed'])))).toEqual([1, 1, 0]);
  });

  it('counts a report that is cut off, or is something else, as a failure', () => {
    expect(numbers(report(true, file(['passed'])).slice(0, -5))).toEqual([0, 1, 0]);
    expect(numbers('{}')).toEqual([0, 1, 0]);
  });
});

describe('the program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-summary-'));
  const run = (
    ...texts: readonly (string | null)[]
  ): { status: number | null; last: string | undefined; text: string } => {
    const paths = texts.map((text, index) => {
      const path = join(folder, text === null ? 'absent.json' : `${index}.json`);
      if (text !== null) writeFileSync(path, text);
      return path;
    });
    const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'ci-summary.ts'), ...paths], {
      encoding: 'utf8',
    });
    return { status, last: stdout.trimEnd().split('\n').at(-1), text: stdout };
  };

  it('ends with the sum of all runs, and fails when a test failed, a report is absent, or no test ran', () => {
    const good = report(true, file(['passed', 'skipped']));
    expect(run(good, good)).toMatchObject({ status: 0, last: '2 passed, 0 failed, 2 skipped' });
    expect(run(good, report(false, file(['failed'], 'failed')))).toMatchObject({
      status: 1,
      last: '1 passed, 1 failed, 1 skipped',
    });
    expect(run(good, null)).toMatchObject({ status: 1, last: '1 passed, 1 failed, 1 skipped' });
    expect(run(report(true))).toMatchObject({ status: 1, last: '0 passed, 0 failed, 0 skipped' });
    writeFileSync(join(folder, '0.json.failed'), '');
    expect(run(good)).toMatchObject({ status: 1, last: '1 passed, 1 failed, 1 skipped' });
    writeFileSync(join(folder, 'absent.json.cut-off'), '400\n');
    const cutOff = run(good, null);
    expect(cutOff).toMatchObject({ status: 1, last: '1 passed, 2 failed, 1 skipped' });
    expect(cutOff.text).toMatch(/absent\.json: the run was cut off after 400 s$/m);
    rmSync(folder, { recursive: true });
  });
});
