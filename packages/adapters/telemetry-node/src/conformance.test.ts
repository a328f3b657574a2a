import { telemetryConformance, type LogRecord } from '@monsta/testkit';
import { createTelemetry } from './telemetry.ts';

interface Line extends Record<string, unknown> {
  readonly level: LogRecord['level'];
  readonly message: string;
}

telemetryConformance('the telemetry of Node', () => {
  const written: string[] = [];
  const telemetry = createTelemetry({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void written.push(line) },
    processMetrics: false,
  });
  return {
    telemetry,
    lines: () =>
      written.map((line) => {
        const { level, message, time: _time, service: _service, pid: _pid, ...fields } = JSON.parse(line) as Line;
        return { level, message, fields };
      }),
  };
});
