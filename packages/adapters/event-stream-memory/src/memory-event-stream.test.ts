import { expectOk } from '@monsta/core';
import { eventStreamConformance, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryEventStream, type MemoryEventStreamOptions } from './memory-event-stream.ts';

const at = { tsEventUs: 1 };

eventStreamConformance('the event stream in memory', () => {
  const clock = new VirtualClock();
  const { logger } = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger, epoch: 'test' });
  return Promise.resolve({ stream, pass: (ms: number) => clock.advance(ms), dispose: () => stream.close() });
});

function build(options: Partial<MemoryEventStreamOptions> = {}) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'test', ...options });
  return { clock, telemetry, stream };
}

describe('the event stream in memory', () => {
  it('decodes a message once and hands the same payload to every subscriber', async () => {
    const { stream } = build();
    const seen: unknown[] = [];
    for (let index = 0; index < 3; index += 1) {
      expectOk(
        stream.subscribe({
          subject: 'a',
          queueMax: 8,
          overflow: 'end',
          onMessage: ({ payload }) => void seen.push(payload),
        }),
      );
    }
    const payload = { list: [1] };
    expectOk(stream.publish('a', payload, at));
    expectOk(await stream.drain(1_000));
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).not.toBe(payload);
  });

  it('hands what was told in one go on several subjects over in the order in which it was told', async () => {
    const { stream } = build();
    const seen: unknown[] = [];
    for (const subject of ['trades', 'quotes']) {
      expectOk(
        stream.subscribe({
          subject,
          queueMax: 8,
          overflow: 'end',
          onMessage: ({ payload }) => void seen.push(payload),
        }),
      );
    }
    const told = ['quotes 1', 'trades 2', 'trades 3', 'quotes 4', 'trades 5'];
    for (const each of told) expectOk(stream.publish(each.split(' ')[0] ?? '', each, at));
    expectOk(await stream.drain(1_000));
    expect(seen).toEqual(told);
  });

  it('what was dropped keeps nobody waiting: a flood at one subscriber takes no more turns than its queue is long', async () => {
    const { stream } = build({ messagesPerTurn: 1 });
    const seen: unknown[] = [];
    for (const [subject, queueMax] of [
      ['flood', 2],
      ['after', 8],
    ] as const) {
      expectOk(
        stream.subscribe({
          subject,
          queueMax,
          overflow: 'drop-oldest',
          onMessage: ({ payload }) => void seen.push(payload),
        }),
      );
    }
    for (let index = 1; index <= 1_000; index += 1) expectOk(stream.publish('flood', index, at));
    expectOk(stream.publish('after', 'the flood', at));
    let turns = 0;
    for (; seen.length < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([999, 1_000, 'the flood']);
    expect(turns).toBeLessThanOrEqual(6);
  });

  it('logs the first failure of a handler and counts those within the next second', async () => {
    const { clock, telemetry, stream } = build();
    const fail = (): void => {
      throw new Error('broken');
    };
    expectOk(stream.subscribe({ subject: 'a', queueMax: 8, overflow: 'end', onMessage: fail }));
    for (let round = 0; round < 5; round += 1) expectOk(stream.publish('a', round, at));
    expectOk(await stream.drain(1_000));
    expect(telemetry.records).toHaveLength(1);
    expect(telemetry.records[0]?.fields).toMatchObject({ code: 'subscriber_failed', subject: 'a' });
    await clock.advance(1_000);
    expectOk(stream.publish('a', 5, at));
    expectOk(await stream.drain(1_000));
    expect(telemetry.records[1]?.fields['failuresUnlogged']).toBe(4);
  });

  it('gives the event loop its turn while two handlers publish to each other without end', async () => {
    const { stream } = build({ messagesPerTurn: 10 });
    let messages = 0;
    for (const [from, to] of [
      ['ping', 'pong'],
      ['pong', 'ping'],
    ] as const) {
      const onMessage = (): void => {
        messages += 1;
        if (stream.publish(to, null, at).ok) return;
      };
      expectOk(stream.subscribe({ subject: from, queueMax: 8, overflow: 'end', onMessage }));
    }
    expectOk(stream.publish('ping', null, at));
    await new Promise((resolve) => void setImmediate(resolve));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(messages).toBeGreaterThan(0);
    await stream.close();
  });

  it('refuses subjects, subscriptions and payloads above their limits', async () => {
    const { stream } = build({ subjectsMax: 1, subscriptionsMax: 1, payloadBytesMax: 10 });
    expectOk(stream.publish('a', '12345678', at));
    const tooLong = stream.publish('a', '123456789', at);
    expect(tooLong.ok ? null : tooLong.fault.code).toBe('payload_invalid');
    const tooLongInBytes = stream.publish('a', '가나다', at);
    expect(tooLongInBytes.ok ? null : tooLongInBytes.fault.code).toBe('payload_invalid');
    const second = stream.publish('b', 1, at);
    expect(second.ok ? null : second.fault.code).toBe('subjects_full');
    const subscribe = () =>
      stream.subscribe({ subject: 'a', queueMax: 1, overflow: 'end', onMessage: () => undefined });
    const first = expectOk(subscribe());
    const full = subscribe();
    expect(full.ok ? null : full.fault.code).toBe('subscriptions_full');
    first.unsubscribe();
    expect(subscribe().ok).toBe(true);
    await stream.close();
  });

  it('refuses times that are not whole microseconds', () => {
    const { stream } = build();
    const refused = stream.publish('a', 1, { tsEventUs: 1.5 });
    expect(refused.ok ? null : refused.fault.code).toBe('payload_invalid');
  });
});
