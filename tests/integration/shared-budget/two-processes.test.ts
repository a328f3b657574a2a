import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serveExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk, instrumentId } from '@monsta/core';
import type { HttpServer } from '@monsta/ports';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { expect, it } from 'vitest';
import { REDIS_URL, redisAbsence } from '../../support/redis.test-support.ts';

const ASKER = join(import.meta.dirname, 'asker.ts');
const WEIGHT = 250;
/** What the two of them may use of a minute together: nine tenths of what the exchange allows. */
const USABLE = 5_400;
const MINUTE_MS = 60_000;
/** The askers are done within this time; they begin so long before a minute's end at least. */
const BURST_MS = 15_000;

const { logger } = silentTelemetry();

/** Counts the answers that the exchange gives, by status. */
function counting(server: HttpServer, statuses: Map<number, number>): HttpServer {
  return {
    listen: (options) =>
      server.listen({
        ...options,
        routes: options.routes.map((route) => ({
          ...route,
          async handle(request) {
            const response = await route.handle(request);
            statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
            return response;
          },
        })),
      }),
  };
}

/** The next line that a process prints. */
function nextLine(lines: AsyncIterator<string>): Promise<string> {
  return lines
    .next()
    .then(({ value, done }) => (done === true ? Promise.reject(new Error('the process ended')) : value));
}

const absence = await redisAbsence();

it.skipIf(absence !== null)(
  `two processes of one machine keep to one budget${absence === null ? '' : ` (skipped: ${absence})`}`,
  { timeout: 120_000 },
  async () => {
    const clock = systemClock();
    const statuses = new Map<number, number>();
    const model = createSimulatedExchange({ seed: 1, clock, instruments: [instrumentId('BTCUSDT')] });
    const httpServer = counting(createHttpServer({ logger }), statuses);
    const served = expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
    const keyPrefix = `monsta-test:${randomUUID()}:`;
    const children: ChildProcess[] = [];
    try {
      const askers = [1, 2].map(() => {
        const child = spawn(process.execPath, [ASKER, served.restUrl, REDIS_URL, keyPrefix, '40', String(WEIGHT)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        children.push(child);
        return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
      });
      for (const { lines } of askers) expect(await nextLine(lines)).toBe('ready');
      // All within one of the exchange's minutes.
      const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS);
      if (leftMs < BURST_MS) await clock.sleep(leftMs + 1_500);
      for (const { child } of askers) child.stdin.write('go\n');
      const outcomes: string[][] = [];
      for (const { lines } of askers) outcomes.push(JSON.parse(await nextLine(lines)) as string[]);
      const granted = outcomes.map((list) => list.filter((outcome) => outcome === 'ok').length);
      const refused = outcomes.flat().filter((outcome) => outcome !== 'ok');
      expect([statuses.get(429) ?? 0, statuses.get(418) ?? 0]).toEqual([0, 0]);
      expect(Math.min(...granted)).toBeGreaterThan(0);
      const used = (granted[0] ?? 0) * WEIGHT + (granted[1] ?? 0) * WEIGHT;
      expect(used).toBeLessThanOrEqual(USABLE);
      expect(used).toBeGreaterThan(USABLE * 0.5);
      expect(refused.every((outcome) => outcome.startsWith('venue_limited'))).toBe(true);
    } finally {
      for (const child of children) child.kill();
      await served.close(0);
    }
  },
);
