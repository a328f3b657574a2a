import type { Telemetry } from '@monsta/ports';
import { createLogger, type LogLevel } from './logger.ts';
import { createMetrics } from './metrics.ts';

export interface TelemetryOptions {
  readonly level: LogLevel;
  /** Which program or role speaks; on every line. */
  readonly service: string;
  /** Where the lines go; stderr by default. */
  readonly destination?: { write(line: string): void };
  /** Metrics of the process itself; default true. One thread of a process should have them. */
  readonly processMetrics?: boolean;
}

/** Logs as JSON lines without secrets, metrics in Prometheus's text form. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  return {
    logger: createLogger(options.level, options.service, options.destination),
    metrics: createMetrics(options.processMetrics ?? true),
  };
}
