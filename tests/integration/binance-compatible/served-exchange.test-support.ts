import { serveExchange, type BinanceServerOptions, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { recordingTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { guardLoopback } from './loopback-only.test-support.ts';

/** The simulated exchange on a port of this machine, as a client meets it, with connections held to this machine. */
export interface ContractVenue {
  readonly served: ServedExchange;
  /** Throws where a client wanted to reach another machine, or the server logged an error: neither may happen, whatever is asked. */
  close(): Promise<void>;
}

export async function openContractVenue(
  options: Pick<BinanceServerOptions, 'requestLimits' | 'accounts'> = {},
): Promise<ContractVenue> {
  const guard = guardLoopback();
  const telemetry = recordingTelemetry();
  const { logger } = telemetry;
  const clock = systemClock();
  const model = createSimulatedExchange({ seed: 1, clock });
  const httpServer = createHttpServer({ logger });
  const served = expectOk(
    await serveExchange({ ...options, model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }),
  );
  return {
    served,
    async close() {
      await served.close(200);
      guard.restore();
      const errors = telemetry.records.filter(({ level }) => level === 'error');
      if (guard.refused.length > 0) throw new Error(`a client wanted to reach ${guard.refused.join(', ')}`);
      if (errors.length > 0) throw new Error(`the server logged errors: ${JSON.stringify(errors)}`);
    },
  };
}
