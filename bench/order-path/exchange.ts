/** The exchange that the benchmark orders at, in a process of its own: the simulated market behind its Binance-compatible server. */
import { serveExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { createTelemetry } from '@monsta/telemetry-node';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import type { ServedTo } from './served.ts';

const balances = { USDT: '1000000' };
/** None of them is what this measures. */
const LIMITS = { weightPerMinute: 1_000_000, ordersPerTenSeconds: 100_000, rawRequestsPerFiveMinutes: 10_000_000 };

const { logger } = createTelemetry({ level: 'warn', service: 'bench-exchange', processMetrics: false });
const clock = systemClock();
const served = expectOk(
  await serveExchange({
    model: createSimulatedExchange({ seed: Number(process.argv[2]), clock, logger }),
    clock,
    logger,
    httpServer: createHttpServer({ logger }),
    host: '127.0.0.1',
    port: 0,
    requestLimits: LIMITS,
    accounts: ['monsta', 'bare', 'ccxt'].map((name) => ({ name, balances })),
  }),
);
const { restUrl, wsUrl, accounts } = served;
const keyOf = (at: number) => {
  const { apiKey = '', apiSecret = '' } = accounts[at] ?? {};
  return { apiKey, apiSecret };
};
const told: ServedTo = { restUrl, wsUrl, monsta: keyOf(0), bare: keyOf(1), ccxt: keyOf(2) };
process.send?.(told);
// The benchmark is gone: so is its exchange.
process.on('disconnect', () => void served.close(0).then(() => process.exit()));
