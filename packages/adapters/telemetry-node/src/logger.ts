import type { LogFields, Logger } from '@monsta/ports';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactFields, scrubText } from './redact.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

function wrap(target: PinoLogger): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (target.isLevelEnabled(level)) target[level](redactFields(fields), scrubText(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(target.child(redactFields(fields))),
  };
}

/** JSON lines on stderr (or `to`), each with time, level, service, process id and message. Written at once, so that a crash loses none. */
export function createLogger(level: LogLevel, service: string, to?: DestinationStream): Logger {
  return wrap(
    pino(
      {
        level,
        base: { service, pid: process.pid },
        messageKey: 'message',
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      to ?? destination({ fd: STDERR, sync: true }),
    ),
  );
}
