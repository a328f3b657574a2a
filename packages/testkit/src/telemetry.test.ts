import { describe, expect, it } from 'vitest';
import { telemetryConformance } from './telemetry-conformance.ts';
import { recordingTelemetry, silentTelemetry } from './telemetry.ts';

telemetryConformance('the telemetry that records', () => {
  const telemetry = recordingTelemetry();
  return { telemetry, lines: () => telemetry.records };
});

describe('telemetry in memory', () => {
  it('gives the value of a metric by its labels, and null where nothing was recorded', () => {
    const telemetry = recordingTelemetry();
    const options = { name: 'monsta_test_messages_total', help: 'messages', labels: ['kind'] };
    telemetry.metrics.counter(options).add(3, { kind: 'trade' });
    const delay = { name: 'monsta_test_delay_seconds', help: 'delay', buckets: [1] };
    telemetry.metrics.histogram(delay).observe(0.5);
    telemetry.metrics.histogram(delay).observe(7);
    expect(telemetry.value(options.name, { kind: 'trade' })).toBe(3);
    expect(telemetry.value(options.name, { kind: 'book' })).toBeNull();
    expect(telemetry.value(delay.name)).toBe(2);
    expect(telemetry.value('monsta_test_unknown_total')).toBeNull();
  });

  it('checks metrics where it keeps no logs too', () => {
    const { logger, metrics } = silentTelemetry();
    logger.child({ a: 1 }).error('nobody hears this');
    expect(() => metrics.counter({ name: 'messages_total', help: '' })).toThrow(RangeError);
  });
});
