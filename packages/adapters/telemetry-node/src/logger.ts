import type { LogFields, Logger } from '@monsta/ports';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactFields, scrubText } from './redact.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

/** What every line has of its own. */
const OWN_KEYS: ReadonlySet<string> = new Set(['level', 'time', 'service', 'pid', 'message']);

/** Fields without secrets; one that is called as a key of the line's own is shown as `field_<name>`, for readers take the last of two. */
function safeFields(fields: LogFields): LogFields {
  const redacted = redactFields(fields);
  if (!Object.keys(redacted).some((key) => OWN_KEYS.has(key))) return redacted;
  return Object.fromEntries(
    Object.entries(redacted).map(([key, value]) => [OWN_KEYS.has(key) ? `field_${key}` : key, value]),
  );
}

function wrap(target: PinoLogger): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (target.isLevelEnabled(level)) target[level](safeFields(fields), scrubText(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(target.child(safeFields(fields))),
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
