import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzzFrames, fuzzRequests, type Door, type FuzzReport } from './fuzz-run.test-support.ts';
import { openFuzzTarget, type FuzzTarget } from './fuzz-target.test-support.ts';

const SEED = 3;
const REQUESTS = 10_000;
const FRAMES = 3_000;
const HEAP_GROWTH_MAX = 16_000_000;

function expectClean({ findings, codes, heapGrowth }: FuzzReport, atLeast: number): void {
  expect(findings).toEqual([]);
  expect(codes.size).toBeGreaterThanOrEqual(atLeast);
  expect(heapGrowth).toBeLessThan(HEAP_GROWTH_MAX);
}

describe('malformed requests and frames', { timeout: 60_000 }, () => {
  let target: FuzzTarget;

  beforeAll(async () => {
    target = await openFuzzTarget(SEED);
  });
  afterAll(() => target.close());

  it(`${REQUESTS} requests: each the documented error, nothing grows, honest ones are served in between`, async () => {
    const report = await fuzzRequests(target, SEED, REQUESTS);
    expectClean(report, 8);
    expect(target.errors()).toEqual([]);
  });

  it.each<Door & { readonly what: string }>([
    { what: 'anybody', path: '/ws', kind: 'streams', honest: '{"method":"LIST_SUBSCRIPTIONS","id":1}' },
    { what: 'anybody', path: '/stream', kind: 'streams', honest: '{"method":"LIST_SUBSCRIPTIONS","id":1}' },
    { what: 'anybody', path: '/ws-api/v3', kind: 'api', honest: '{"id":1,"method":"time"}' },
    { what: 'a session', session: true, path: '/ws-api/v3', kind: 'api', honest: '{"id":1,"method":"time"}' },
  ])(`${FRAMES} frames for $path ($what)`, async (door) => {
    const report = await fuzzFrames(target, door, SEED, FRAMES);
    expectClean(report, 4);
    expect(target.errors()).toEqual([]);
    expect(target.served.server.stats()).toMatchObject({ connections: 0, streams: 0 });
  });
});
