import { describe, expect, it } from 'vitest';
import { fuzzFrames, fuzzRequests } from './fuzz-run.test-support.ts';
import { openFuzzTarget } from './fuzz-target.test-support.ts';

/**
 * `npm run soak -- --seed 7 fuzz`: the long run. MONSTA_FUZZ_CASES (default 100,000) says how many requests, and a third as many
 * frames for each WebSocket; a finding names its case, and the same seed asks the same again.
 */
const seed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');
const cases = Number(process.env['MONSTA_FUZZ_CASES'] ?? '100000');
const HEAP_GROWTH_MAX = 32_000_000;

describe(`${cases} malformed requests and as many frames from seed ${seed}`, { timeout: 3_600_000 }, () => {
  it('each is answered with the documented error, and nothing grows', async () => {
    const target = await openFuzzTarget(seed);
    const requests = await fuzzRequests(target, seed, cases);
    const frames = await fuzzFrames(
      target,
      { path: '/ws', kind: 'streams', honest: '{"method":"LIST_SUBSCRIPTIONS","id":1}' },
      seed,
      cases,
    );
    await target.close();
    for (const report of [requests, frames]) console.log(report.codes, `heap ${report.heapGrowth} bytes`);
    expect([...requests.findings, ...frames.findings]).toEqual([]);
    expect(target.errors()).toEqual([]);
    expect(requests.heapGrowth).toBeLessThan(HEAP_GROWTH_MAX);
    expect(frames.heapGrowth).toBeLessThan(HEAP_GROWTH_MAX);
  });
});
