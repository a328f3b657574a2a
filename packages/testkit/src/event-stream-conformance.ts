import { expectOk } from '@monsta/core';
import type { EventStream, StreamMessage, SubscribeOptions, Subscription } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface EventStreamRig {
  readonly stream: EventStream;
  /** Lets at least `ms` of the stream's clock pass. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const DRAIN_MS = 5_000;
const at = { tsEventUs: 1_700_000_000_000_000 };

/** What every `EventStream` must keep. */
export function eventStreamConformance(name: string, make: () => Promise<EventStreamRig>): void {
  describe(`${name} keeps the promises of an event stream`, () => {
    let rig: EventStreamRig;
    let stream: EventStream;
    beforeEach(async () => {
      rig = await make();
      stream = rig.stream;
    });
    afterEach(() => rig.dispose());

    const subscribe = (
      options: Partial<SubscribeOptions> & Pick<SubscribeOptions, 'subject' | 'onMessage'>,
    ): Subscription => expectOk(stream.subscribe({ queueMax: 1_000, overflow: 'end', ...options }));
    const collect = (subject: string): StreamMessage[] => {
      const seen: StreamMessage[] = [];
      subscribe({ subject, onMessage: (message) => void seen.push(message) });
      return seen;
    };
    const publish = (subject: string, payload: unknown): void => {
      expectOk(stream.publish(subject, payload, at));
    };
    const settle = async (): Promise<void> => {
      expectOk(await stream.drain(DRAIN_MS));
    };

    it('delivers a message with its envelope', async () => {
      const seen = collect('bars.BTCUSDT.1m');
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      expectOk(stream.publish('bars.BTCUSDT.1m', { close: '61737.63' }, { ...at, traceparent }));
      await settle();
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        subject: 'bars.BTCUSDT.1m',
        sequence: 1,
        tsEventUs: at.tsEventUs,
        traceparent,
        payload: { close: '61737.63' },
      });
      expect(seen[0]?.id).not.toBe('');
      expect(seen[0]?.producerEpoch).not.toBe('');
    });

    it('says null where no trace was started', async () => {
      const seen = collect('status');
      publish('status', 1);
      await settle();
      expect(seen[0]?.traceparent).toBeNull();
    });

    it('counts sequences by subject from 1 without a gap, with an id of its own for each message', async () => {
      const seen = collect('trades.*');
      for (let round = 0; round < 20; round += 1) {
        publish('trades.BTCUSDT', round);
        publish('trades.ETHUSDT', round);
      }
      await settle();
      for (const subject of ['trades.BTCUSDT', 'trades.ETHUSDT']) {
        const ofSubject = seen.filter((message) => message.subject === subject);
        expect(ofSubject.map((message) => message.sequence)).toEqual(
          Array.from({ length: 20 }, (_, index) => index + 1),
        );
        expect(ofSubject.map((message) => message.payload)).toEqual(Array.from({ length: 20 }, (_, index) => index));
      }
      expect(new Set(seen.map((message) => message.id)).size).toBe(40);
      expect(new Set(seen.map((message) => message.producerEpoch)).size).toBe(1);
    });

    it('counts on while nobody listens, so that a late subscriber sees what it missed', async () => {
      publish('orders', 1);
      publish('orders', 2);
      await settle();
      const seen = collect('orders');
      publish('orders', 3);
      await settle();
      expect(seen.map((message) => message.sequence)).toEqual([3]);
    });

    it('uses up no sequence for a message it refused', async () => {
      const seen = collect('orders');
      publish('orders', 1);
      expect(stream.publish('orders', 1n, at).ok).toBe(false);
      publish('orders', 2);
      await settle();
      expect(seen.map((message) => message.sequence)).toEqual([1, 2]);
    });

    it('refuses what is no JSON value with payload_invalid', () => {
      const cyclic: Record<string, unknown> = {};
      cyclic['self'] = cyclic;
      for (const payload of [1n, { deep: [2n] }, undefined, () => 0, Symbol('x'), cyclic]) {
        const refused = stream.publish('orders', payload, at);
        expect(refused.ok ? null : refused.fault.code).toBe('payload_invalid');
      }
    });

    it('carries JSON values unchanged', async () => {
      const seen = collect('any');
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (payload) => {
          seen.length = 0;
          publish('any', payload);
          await settle();
          expect(seen.map((message) => message.payload)).toEqual([JSON.parse(JSON.stringify(payload))]);
        }),
        { numRuns: 50 },
      );
    });

    it('delivers what JSON makes of a payload, not the object itself', async () => {
      const seen = collect('any');
      const payload = { at: new Date(0), gone: undefined, list: [1] };
      publish('any', payload);
      payload.list.push(2);
      await settle();
      expect(seen[0]?.payload).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1] });
    });

    it('matches * to one token and > to one or more at the end', async () => {
      const cases: readonly (readonly [filter: string, hits: readonly string[]])[] = [
        ['bars.*.1m', ['bars.BTCUSDT.1m', 'bars.ETHUSDT.1m']],
        ['bars.>', ['bars.BTCUSDT.1m', 'bars.BTCUSDT.5m', 'bars.ETHUSDT.1m']],
        ['*.BTCUSDT', ['trades.BTCUSDT']],
        ['bars.BTCUSDT.1m', ['bars.BTCUSDT.1m']],
        ['bars', []],
        ['bars.*', []],
        ['>', ['bars.BTCUSDT.1m', 'bars.BTCUSDT.5m', 'bars.ETHUSDT.1m', 'orders', 'trades.BTCUSDT']],
      ];
      const seen = cases.map(([filter]) => collect(filter));
      for (const subject of ['bars.BTCUSDT.1m', 'bars.BTCUSDT.5m', 'bars.ETHUSDT.1m', 'trades.BTCUSDT', 'orders']) {
        publish(subject, null);
      }
      await settle();
      for (const [index, [, hits]] of cases.entries()) {
        expect(seen[index]?.map((message) => message.subject).sort()).toEqual([...hits].sort());
      }
    });

    it('refuses malformed subjects with subject_invalid', () => {
      for (const subject of ['', '.', 'a.', '.a', 'a..b', 'a b', 'a.*', 'a.>', '*', 'a\n', 'x'.repeat(256)]) {
        const refused = stream.publish(subject, 1, at);
        expect(refused.ok ? subject : refused.fault.code).toBe('subject_invalid');
      }
      for (const subject of ['', 'a..b', 'a.>.b', 'a.b*', '>.a', 'a b', 'a.>x']) {
        const refused = stream.subscribe({ subject, queueMax: 1, overflow: 'end', onMessage: () => undefined });
        expect(refused.ok ? subject : refused.fault.code).toBe('subject_invalid');
      }
    });

    it('calls no handler inside publish', async () => {
      let inside = true;
      let calledInside = false;
      subscribe({ subject: 'orders', onMessage: () => void (calledInside ||= inside) });
      publish('orders', 1);
      inside = false;
      await settle();
      expect(calledInside).toBe(false);
    });

    it('waits for a handler that returns a promise before it hands over the next message', async () => {
      const log: string[] = [];
      subscribe({
        subject: 'orders',
        onMessage: async (message) => {
          log.push(`start ${message.sequence}`);
          await Promise.resolve();
          await Promise.resolve();
          log.push(`end ${message.sequence}`);
        },
      });
      for (let round = 0; round < 3; round += 1) publish('orders', round);
      await settle();
      expect(log).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3']);
    });

    it('goes on after a handler that throws or rejects, for itself and for others', async () => {
      const other = collect('orders');
      const seen: number[] = [];
      subscribe({
        subject: 'orders',
        onMessage: (message) => {
          seen.push(message.sequence);
          if (message.sequence === 1) throw new Error('handler threw');
          if (message.sequence === 2) return Promise.reject(new Error('handler rejected'));
          return undefined;
        },
      });
      for (let round = 0; round < 4; round += 1) publish('orders', round);
      await settle();
      expect(seen).toEqual([1, 2, 3, 4]);
      expect(other).toHaveLength(4);
    });

    it('holds back no one because one subscriber is slow', async () => {
      const gate = Promise.withResolvers<void>();
      subscribe({ subject: 'orders', onMessage: () => gate.promise });
      const third = Promise.withResolvers<unknown>();
      subscribe({
        subject: 'orders',
        onMessage: ({ sequence, payload }) => void (sequence === 3 && third.resolve(payload)),
      });
      for (let round = 0; round < 3; round += 1) publish('orders', round);
      expect(await third.promise).toBe(2);
      gate.resolve();
      await settle();
    });

    it('drops the oldest of a full queue, counts them, and shows the gap in the sequence', async () => {
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const seen: number[] = [];
      const subscription = subscribe({
        subject: 'quotes',
        queueMax: 3,
        overflow: 'drop-oldest',
        onMessage: (message) => {
          seen.push(message.sequence);
          started.resolve();
          return gate.promise;
        },
      });
      publish('quotes', 0);
      await started.promise;
      for (let round = 0; round < 10; round += 1) publish('quotes', round);
      // A broker brings messages in its own time; its subscriber has them all when the last three are what waits.
      for (let round = 0; round < 100 && subscription.dropped < 7; round += 1) await rig.pass(20);
      expect(subscription.pending).toBe(3);
      expect(subscription.dropped).toBe(7);
      gate.resolve();
      await settle();
      expect(seen).toEqual([1, 9, 10, 11]);
    });

    it('ends a subscription whose queue is full when so asked, once, with subscriber_slow', async () => {
      const gate = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<string>();
      let ends = 0;
      let afterEnd = 0;
      subscribe({
        subject: 'orders',
        queueMax: 2,
        overflow: 'end',
        onMessage: () => {
          if (ends > 0) afterEnd += 1;
          return gate.promise;
        },
        onEnd: (code) => {
          ends += 1;
          ended.resolve(code);
        },
      });
      for (let round = 0; round < 10; round += 1) publish('orders', round);
      expect(await ended.promise).toBe('subscriber_slow');
      gate.resolve();
      publish('orders', 'late');
      await settle();
      expect({ ends, afterEnd }).toEqual({ ends: 1, afterEnd: 0 });
    });

    it('hands over nothing after unsubscribe, even to a handler that unsubscribes itself', async () => {
      const seen: number[] = [];
      let ends = 0;
      const subscription = subscribe({
        subject: 'orders',
        onMessage: (message) => {
          seen.push(message.sequence);
          subscription.unsubscribe();
        },
        onEnd: () => (ends += 1),
      });
      for (let round = 0; round < 3; round += 1) publish('orders', round);
      await settle();
      subscription.unsubscribe();
      publish('orders', 4);
      await settle();
      expect(seen).toEqual([1]);
      expect(ends).toBe(0);
    });

    it('lets a handler publish', async () => {
      const seen = collect('replies');
      subscribe({ subject: 'commands', onMessage: (message) => publish('replies', message.payload) });
      publish('commands', 'halt');
      await settle();
      await settle();
      expect(seen.map((message) => message.payload)).toEqual(['halt']);
    });

    it('gives up draining after its time with drain_timeout', async () => {
      const gate = Promise.withResolvers<void>();
      subscribe({ subject: 'orders', onMessage: () => gate.promise });
      publish('orders', 1);
      const draining = stream.drain(50);
      await rig.pass(100);
      const outcome = await draining;
      expect(outcome.ok ? null : outcome.fault.code).toBe('drain_timeout');
      gate.resolve();
      await settle();
    });

    it('after close refuses with stream_closed and tells its subscribers', async () => {
      const ended = Promise.withResolvers<string>();
      subscribe({ subject: 'orders', onMessage: () => undefined, onEnd: (code) => ended.resolve(code) });
      await stream.close();
      expect(await ended.promise).toBe('stream_closed');
      const published = stream.publish('orders', 1, at);
      expect(published.ok ? null : published.fault.code).toBe('stream_closed');
      const subscribed = stream.subscribe({
        subject: 'orders',
        queueMax: 1,
        overflow: 'end',
        onMessage: () => undefined,
      });
      expect(subscribed.ok ? null : subscribed.fault.code).toBe('stream_closed');
      await stream.close();
    });
  });
}
