import { serveExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { createHttpServer } from '@monsta/http-server-fastify';
import { createTelemetry } from '@monsta/telemetry-node';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { DEFAULT_EDGE } from '@monsta/venue-simulated/disclosure';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { untilStopped } from '../runtime/signals.ts';

const whole = (text: unknown, fallback: number, most: number): number | null => {
  if (text === undefined) return fallback;
  const value = typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : null;
};

const EDGE_MAX = 0.5;

function edgeOf(text: unknown): number | null {
  if (text === undefined) return DEFAULT_EDGE;
  const value = typeof text === 'string' && /^-?\d(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= EDGE_MAX ? value : null;
}

/** The first line on stdout is `{"restUrl","wsUrl","accounts":[{"account","apiKey","apiSecret"}]}`: keys that follow from the seed and are worth nothing elsewhere. */
export async function venueSimulate(flags: FlagValues, output: Output): Promise<number> {
  const port = whole(flags['port'], 9080, 65_535);
  const seed = whole(flags['seed'], 1, 4_294_967_295);
  const edge = edgeOf(flags['edge']);
  const level = flags['log-level'] ?? 'warn';
  if (
    port === null ||
    seed === null ||
    edge === null ||
    (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error')
  ) {
    const wrong =
      port === null
        ? '--port is a whole number up to 65535'
        : seed === null
          ? '--seed is a whole number up to 4294967295'
          : edge === null
            ? '--edge is a number from -0.5 to 0.5'
            : '--log-level is debug, info, warn or error';
    output.fault({ code: 'flag_invalid', message: wrong, retry: 'permanent' });
    return 2;
  }
  const { logger } = createTelemetry({ level, service: 'venue-simulated' });
  const clock = systemClock();
  const model = createSimulatedExchange({ seed, edge, clock, logger });
  const host = typeof flags['host'] === 'string' ? flags['host'] : '127.0.0.1';
  const served = await serveExchange({
    model,
    clock,
    logger,
    httpServer: createHttpServer({ logger }),
    host,
    port,
    keySeed: seed,
  });
  if (!served.ok) {
    model.close();
    output.fault(served.fault);
    return 1;
  }
  const { restUrl, wsUrl, accounts } = served.value;
  process.stdout.write(`${JSON.stringify({ restUrl, wsUrl, accounts })}\n`);
  output.note(`SIMULATED market: ${model.disclosure}`);
  await untilStopped();
  await served.value.close(1_000);
  return 0;
}
