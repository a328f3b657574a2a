import { describe, expect, it } from 'vitest';
import { fuzzFrames, fuzzRequests, type Door } from './fuzz-run.test-support.ts';
import { openFuzzTarget } from './fuzz-target.test-support.ts';

/**
 * `npm run soak -- --seed 7 fuzz`: the long run. MONSTA_FUZZ_CASES (default 100,000) says how many requests, and as many
 * frames for each WebSocket; a finding names its case, and the same seed asks the same again.
 */
const seed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');
const cases = Number(process.env['MONSTA_FUZZ_CASES'] ?? '100000');
const HEAP_GROWTH_MAX = 32_000_000;

const DOORS: readonly Door[] = [
  { path: '/ws', kind: 'streams', honest: '{"method":"LIST_SUBSCRIPTIONS","id":1}' },
  { path: '/ws-api/v3', kind: 'api', honest: '{"id":1,"method":"time"}' },
  { session: true, path: '/ws-api/v3', kind: 'api', honest: '{"id":1,"method":"time"}' },
];

describe(`${cases} malformed requests and as many frames from seed ${seed}`, { timeout: 3_600_000 }, () => {
  it('each is answered with the documented error, and nothing grows', async () => {
    const target = await openFuzzTarget(seed);
    const reports = [await fuzzRequests(target, seed, cases)];
    for (const door of DOORS) reports.push(await fuzzFrames(target, door, seed, cases));
    await target.close();
    for (const { codes, heapGrowth } of reports) console.log(codes, `heap ${heapGrowth} bytes`);
    expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
    expect(target.errors()).toEqual([]);
    expect(Math.max(...reports.map(({ heapGrowth }) => heapGrowth))).toBeLessThan(HEAP_GROWTH_MAX);
  });
});
