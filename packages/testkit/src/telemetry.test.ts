import { describe, expect, it } from 'vitest';
import { recordingTelemetry, silentTelemetry } from './telemetry.ts';

describe('telemetry in memory', () => {
  it('keeps log lines with the fields of their children', () => {
    const { logger, records } = recordingTelemetry();
    logger.child({ role: 'collector' }).child({ venue: 'replay' }).warn('late', { ms: 5 });
    expect(records).toEqual([
      { level: 'warn', message: 'late', fields: { role: 'collector', venue: 'replay', ms: 5 } },
    ]);
  });

  it('adds up counters by their labels and says null where nothing was counted', () => {
    const telemetry = recordingTelemetry();
    const options = { name: 'monsta_test_messages_total', help: 'messages', labels: ['kind'] };
    telemetry.metrics.counter(options).add(2, { kind: 'trade' });
    telemetry.metrics.counter(options).add(undefined, { kind: 'trade' });
    expect(telemetry.value(options.name, { kind: 'trade' })).toBe(3);
    expect(telemetry.value(options.name, { kind: 'book' })).toBeNull();
  });

  it('refuses names outside the scheme, unknown labels and a second kind under one name', () => {
    const { metrics } = silentTelemetry();
    expect(() => metrics.counter({ name: 'messages_total', help: '' })).toThrow(RangeError);
    const gauge = metrics.gauge({ name: 'monsta_test_queue_messages', help: '' });
    expect(() => gauge.set(1, { kind: 'trade' })).toThrow(/no label 'kind'/);
    expect(() => metrics.counter({ name: 'monsta_test_queue_messages', help: '' })).toThrow(/already a gauge/);
  });

  it('shows histograms in the text exposition with buckets that add up', async () => {
    const { metrics } = recordingTelemetry();
    const histogram = metrics.histogram({ name: 'monsta_test_delay_seconds', help: 'delay', buckets: [1, 2] });
    for (const value of [0.5, 1.5, 9]) histogram.observe(value);
    const { body } = await metrics.expose();
    expect(body).toContain('monsta_test_delay_seconds_bucket{le="1"} 1');
    expect(body).toContain('monsta_test_delay_seconds_bucket{le="2"} 2');
    expect(body).toContain('monsta_test_delay_seconds_bucket{le="+Inf"} 3');
    expect(body).toContain('monsta_test_delay_seconds_sum 11');
  });
});
