import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Result } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Catalogs } from '../compose/catalog.ts';
import { catalogSchema } from '../config/catalog.ts';
import type { EvaluationDocument } from './document.ts';
import { requestFrom } from './request.ts';
import { runEvaluation } from './run.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const FEATURES = [{ feature: 'log_return' }, { feature: 'other_return', of: 'LEADT' }];

function world() {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-evaluate-others-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const dataDir = join(folder, 'data');
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  /** Bars of a walk; `stepHours` apart, `firstHour` after the start. */
  const bars = (name: string, seed: number, { count = 1_500, stepHours = 1, firstHour = 0, wick = 0 } = {}): string => {
    const random = seededRandom(seed);
    let close = 1_000;
    const lines = Array.from({ length: count }, (_, index) => {
      const open = close;
      close *= Math.exp(0.01 * random.gaussian());
      const cells = [open, Math.max(open, close) + wick, Math.min(open, close), close].map((each) => each.toFixed(4));
      return `${START + (firstHour + index * stepHours) * HOUR},${cells.join(',')},5\n`;
    });
    return file(name, lines.join(''));
  };
  const [own, lead] = [bars('own.csv', 1), bars('lead.csv', 2)];
  const setOf = (of: string): string =>
    file(`of-${of}.json`, JSON.stringify({ id: 'led', version: 1, features: FEATURES }).replaceAll('LEADT', of));
  const evaluate = async (
    others: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Result<EvaluationDocument>> => {
    const request = requestFrom({
      ...{ model: 'logistic-regression', task: 'direction', instrument: 'OWNT', quote: 'T', bars: own },
      ...{ 'feature-set': setOf('LEADT'), folds: '2', resamples: '200', 'no-learning-curve': true, others, ...more },
    });
    if (!request.ok) return request;
    const catalogs = new Catalogs(dataDir, catalogSchema.parse({}));
    try {
      const { report: _, ...asked } = request.value;
      return await runEvaluation(asked, {
        ...{ dataDir, catalogs, nowMs: () => 0, monotonicMs: () => performance.now() },
        ...{ progress: () => undefined, canceled: () => false },
        guarded: (work) => work(),
        guardedLoad: (load) => load(),
      });
    } finally {
      await catalogs.close();
    }
  };
  const refused = async (others: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const result = await evaluate(others, more);
    return result.ok ? 'evaluated' : `${result.fault.code}: ${result.fault.message}`;
  };
  return { bars, evaluate, lead, own, refused, setOf };
}

describe('an evaluation with the bars of another instrument', () => {
  it('is another look where they are others, and the same where they are the same', async () => {
    const { bars, evaluate, lead } = world();
    const looks = async (file: string) => {
      const done = await evaluate([`LEADT=${file}`]);
      return done.ok ? done.value.looks.look : done.fault.message;
    };
    expect([await looks(lead), await looks(lead)]).toEqual([1, 1]);
    expect(await looks(bars('other.csv', 3))).toBe(2);
    expect(await looks(bars('same.csv', 2))).toBe(1);
  });

  it('is another look where only the highs of its own bars are others', async () => {
    const { bars, evaluate, lead } = world();
    const looks = async (file: string) => {
      const done = await evaluate([`LEADT=${lead}`], { bars: file });
      return done.ok ? done.value.looks.look : done.fault.message;
    };
    expect([await looks(bars('own.csv', 1)), await looks(bars('wicks.csv', 1, { wick: 3 }))]).toEqual([1, 2]);
  });

  it('refuses a file that is missing, unread, given twice or none, and says what to give', async () => {
    const { lead, refused } = world();
    expect(await refused([])).toMatch(/^flag_invalid: --others is missing.* as --others LEADT=FILE$/);
    expect(await refused([`LEADT=${lead}`, `XRPT=${lead}`])).toMatch(
      /^flag_invalid: --others XRPT: no feature of the set led reads it/,
    );
    expect(await refused([`LEADT=${lead}`, `leadt=${lead}`])).toContain('LEADT is given twice');
    expect(await refused([lead])).toMatch(/^flag_invalid: --others .*: another instrument and the file of its bars/);
    expect(await refused([`LEADT=${lead}x`])).toMatch(/^bars_missing/);
    expect(await refused([`LEADT=${lead}`], { bars: 'catalogue', interval: '1h' })).toMatch(
      /^flag_invalid: --others is for files/,
    );
  });

  it('refuses bars of another length, of other times, and the instrument itself', async () => {
    const { bars, own, refused, setOf } = world();
    const longer = bars('4h.csv', 2, { stepHours: 4 });
    expect(await refused([`LEADT=${longer}`])).toMatch(/^interval_mismatch: .* 4h bars, those of OWNT 1h bars/);
    const late = bars('late.csv', 2, { firstHour: 5_000 });
    expect(await refused([`LEADT=${late}`])).toMatch(/^data_none: late\.csv has no bar of LEADT that opens when/);
    expect(await refused([`OWNT=${own}`], { 'feature-set': setOf('OWNT') })).toMatch(/^features_others: .*reads OWNT/);
  });
});
