import { expectOk } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { EventStream } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { bridgeStreams } from './stream-bridge.ts';

const logger = silentTelemetry().logger;
const stream = (epoch: string): EventStream => createMemoryEventStream({ clock: new VirtualClock(), epoch, logger });

describe('a bridge between the streams of two threads', () => {
  it('carries every message of the outbound subjects, in order, and nothing else', async () => {
    const { port1, port2 } = new MessageChannel();
    const here = stream('here');
    const there = stream('there');
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      expectOk(
        there.subscribe({
          subject: '>',
          queueMax: 1000,
          overflow: 'end',
          onMessage: (message) => {
            seen.push([message.subject, message.payload, message.tsEventUs]);
            if (seen.length === 100) resolve();
          },
        }),
      );
    });
    const near = expectOk(
      bridgeStreams({
        port: port1,
        stream: here,
        outbound: ['trades.*'],
        inFlightMax: 1000,
        logger,
        onOverflow: () => undefined,
      }),
    );
    const far = expectOk(
      bridgeStreams({
        port: port2,
        stream: there,
        outbound: ['orders'],
        inFlightMax: 1000,
        logger,
        onOverflow: () => undefined,
      }),
    );
    for (let index = 0; index < 100; index += 1) {
      expectOk(here.publish('trades.BTCUSDT', { index }, { tsEventUs: index }));
      expectOk(here.publish('secret', { index }, { tsEventUs: index }));
    }
    await done;
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => ['trades.BTCUSDT', { index }, index]));
    near.close();
    far.close();
  });

  it('drops beyond its bound and says so once when the other side does not keep up', async () => {
    const { port1, port2 } = new MessageChannel();
    const here = stream('here');
    const overflows: number[] = [];
    const near = expectOk(
      bridgeStreams({
        port: port1,
        stream: here,
        outbound: ['trades.*'],
        inFlightMax: 10,
        logger,
        onOverflow: (count) => overflows.push(count),
      }),
    );
    for (let index = 0; index < 50; index += 1)
      expectOk(here.publish('trades.BTCUSDT', { index }, { tsEventUs: index }));
    await here.drain(1000);
    expect(near.inFlight).toBe(10);
    expect(overflows).toHaveLength(1);
    near.close();
    port2.close();
  });
});
