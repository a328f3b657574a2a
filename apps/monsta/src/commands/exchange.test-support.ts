import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk, type Fault } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import type { Output } from '../cli/output.ts';

/** The simulated exchange on a port of this machine. `keySeed`: another exchange, whose accounts have other keys. */
export async function serveSimulated(keySeed: number): Promise<ServedExchange> {
  const { logger } = silentTelemetry();
  const clock = systemClock();
  const model = createSimulatedExchange({ seed: 1, clock });
  const httpServer = createHttpServer({ logger });
  return expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0, keySeed }));
}

/** What a command printed. */
export interface Printed extends Output {
  readonly documents: readonly unknown[];
  readonly faults: readonly Fault[];
  /** Everything together, as a person saw it. */
  text(): string;
}

export function printed(): Printed {
  const documents: unknown[] = [];
  const faults: Fault[] = [];
  const lines: string[] = [];
  return {
    json: true,
    documents,
    faults,
    document(value, text) {
      documents.push(value);
      lines.push(JSON.stringify(value), text);
    },
    fault(fault) {
      faults.push(fault);
      lines.push(`${fault.code}: ${fault.message}`);
    },
    note: (text) => void lines.push(text),
    text: () => lines.join('\n'),
  };
}
