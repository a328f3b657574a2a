import { describe, expect, it } from 'vitest';
import { spread, summarise, type BenchReport } from './report.ts';

const machine = { cpu: 'a', cores: 2, memoryGb: 8, platform: 'linux-x64', node: 'v26' };
const report: BenchReport = {
  title: 'reading',
  cases: [
    { name: 'ours', unit: 'messages/s', better: 'higher', samples: [90, 100, 300] },
    { name: 'bare', unit: 'messages/s', better: 'higher', samples: [200, 200] },
    { name: 'pause', unit: 'ms', better: 'lower', samples: [3], aimAtMost: 2 },
    { name: 'no pause', unit: 'ms', better: 'lower', samples: [1], aimAtMost: 1 },
  ],
  comparisons: [
    { case: 'ours', baseline: 'bare', aimAtMost: 2 },
    { case: 'pause', baseline: 'no pause', aimAtMost: 2 },
    { case: 'bare', baseline: 'ours' },
  ],
  facts: {},
  skipped: null,
};

describe('a benchmark report', () => {
  it('gives the median, the least and the greatest of the samples', () => {
    expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(() => spread([])).toThrow('without samples');
  });

  it('says how many times slower a case is, whether more or less of its unit is better', () => {
    const { ratios } = summarise('reading', report, machine);
    expect(ratios.map(({ slower, aimMet }) => [slower, aimMet])).toEqual([
      [2, true],
      [3, false],
      [0.5, null],
    ]);
  });

  it('says whether what is aimed at was met', () => {
    const { cases } = summarise('reading', report, machine);
    expect(cases.map(({ aimMet }) => aimMet)).toEqual([null, null, false, true]);
  });

  it('refuses a comparison with a case that was not measured', () => {
    const wrong = { ...report, comparisons: [{ case: 'ours', baseline: 'theirs' }] };
    expect(() => summarise('reading', wrong, machine)).toThrow('theirs');
  });
});
