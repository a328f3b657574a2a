import { seededRandom } from '@monsta/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from '../served-exchange.test-support.ts';
import { answerTo, fuzzedBytes, fuzzedFrameBytes, upgrade } from './bytes-fuzz.test-support.ts';

const SEED = 5;
const REQUESTS = 1_000;
const CONNECTIONS = 300;
/** Connections at a time. */
const ABREAST = 50;

async function inBatches(count: number, task: (at: number) => Promise<string | null>): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let done = 0; done < count; done += ABREAST) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(ABREAST, count - done) }, (_unused, at) => task(done + at)),
    );
    problems.push(...batch.filter((problem) => problem !== null));
  }
  return problems;
}

describe('bytes that are no requests and no frames, over real sockets', { timeout: 60_000 }, () => {
  let venue: ContractVenue;

  beforeAll(async () => {
    const many = 1_000_000_000;
    venue = await openContractVenue({
      requestLimits: { weightPerMinute: many, rawRequestsPerFiveMinutes: many, connectionsPerFiveMinutes: many },
    });
  });
  afterAll(() => venue.close());

  const honest = async (): Promise<void> => {
    const { status } = await new PlainClient(venue.served).ask('time');
    expect(status).toBe(200);
  };

  it(`${REQUESTS} requests of random bytes and half-right HTTP: a client's fault each, or the end of the connection`, async () => {
    const random = seededRandom(SEED);
    const all = Array.from({ length: REQUESTS }, () => fuzzedBytes(random));
    const problems = await inBatches(REQUESTS, async (at) => {
      const bytes = all[at] ?? Buffer.alloc(0);
      const answer = await answerTo(venue.served.port, bytes);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
      const unfit = statuses.some((status) => status >= 500) || answer.includes('"code":-1000');
      return unfit
        ? `${at}: ${JSON.stringify(bytes.toString('latin1').slice(0, 200))} → ${answer.slice(0, 400)}`
        : null;
    });
    expect(problems.slice(0, 10)).toEqual([]);
    await honest();
  });

  it.each(['/ws/btcusdt@trade', '/stream', '/ws-api/v3'])(
    `${CONNECTIONS} connections of random frames to %s`,
    async (path) => {
      const random = seededRandom(SEED);
      const all = Array.from({ length: CONNECTIONS }, () =>
        Buffer.concat([upgrade(path), ...Array.from({ length: 4 }, () => fuzzedFrameBytes(random))]),
      );
      const problems = await inBatches(CONNECTIONS, async (at) => {
        const answer = await answerTo(venue.served.port, all[at] ?? Buffer.alloc(0));
        return answer.startsWith('HTTP/1.1 101 ') && !answer.includes('-1000')
          ? null
          : `${at}: ${answer.slice(0, 300)}`;
      });
      expect(problems.slice(0, 10)).toEqual([]);
      await honest();
      await expect.poll(() => venue.served.server.stats().connections, { timeout: 5_000 }).toBe(0);
    },
  );
});
