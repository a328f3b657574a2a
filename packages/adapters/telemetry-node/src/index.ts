export { LOG_LEVELS, type LogLevel } from './logger.ts';
export { createTelemetry, type TelemetryOptions } from './telemetry.ts';
