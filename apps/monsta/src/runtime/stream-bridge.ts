import { expectOk, type Result } from '@monsta/core';
import type { EventStream, Logger, StreamMessage, Subscription } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';

interface BridgedMessage {
  readonly subject: string;
  readonly payload: unknown;
  readonly tsEventUs: number;
  readonly traceparent: string | null;
}

type Frame =
  | { readonly kind: 'messages'; readonly messages: readonly BridgedMessage[] }
  | { readonly kind: 'ack'; readonly count: number };

export interface BridgeOptions {
  readonly port: MessagePort;
  readonly stream: EventStream;
  /** Subjects that go out through the port. */
  readonly outbound: readonly string[];
  /** Messages sent and not yet acknowledged at most; beyond it messages are dropped and `onOverflow` is called once until the other side has caught up. */
  readonly inFlightMax: number;
  readonly logger: Logger;
  onOverflow(dropped: number): void;
}

export interface Bridge {
  readonly inFlight: number;
  close(): void;
}

/** Joins two event streams in two threads: what is published on `outbound` subjects here appears on the stream there. */
export function bridgeStreams(options: BridgeOptions): Result<Bridge> {
  const { port, stream, logger } = options;
  let inFlight = 0;
  let overflowed = false;
  const subscriptions: Subscription[] = [];
  let droppedSeen = 0;
  /** The stream itself drops for a subscriber that lets its queue fill: that is an overflow too. */
  const droppedByStream = (): boolean => {
    const dropped = subscriptions.reduce((sum, subscription) => sum + subscription.dropped, 0);
    const more = dropped > droppedSeen;
    droppedSeen = dropped;
    return more;
  };
  let waiting: BridgedMessage[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const frame: Frame = { kind: 'messages', messages: waiting };
    waiting = [];
    port.postMessage(frame);
  };
  const send = (message: StreamMessage): void => {
    const full = inFlight >= options.inFlightMax;
    if ((droppedByStream() || full) && !overflowed) {
      overflowed = true;
      options.onOverflow(inFlight);
    }
    if (full) return;
    inFlight += 1;
    if (waiting.length === 0) queueMicrotask(flush);
    waiting.push({
      subject: message.subject,
      payload: message.payload,
      tsEventUs: message.tsEventUs,
      traceparent: message.traceparent,
    });
  };
  const receive = (frame: Frame): void => {
    if (frame.kind === 'ack') {
      inFlight -= frame.count;
      if (inFlight < options.inFlightMax / 2) overflowed = false;
      return;
    }
    for (const message of frame.messages) {
      const published = stream.publish(message.subject, message.payload, {
        tsEventUs: message.tsEventUs,
        ...(message.traceparent === null ? {} : { traceparent: message.traceparent }),
      });
      if (!published.ok)
        logger.error('a bridged message was refused', { subject: message.subject, code: published.fault.code });
    }
    const ack: Frame = { kind: 'ack', count: frame.messages.length };
    port.postMessage(ack);
  };
  for (const subject of options.outbound) {
    subscriptions.push(
      expectOk(stream.subscribe({ subject, queueMax: options.inFlightMax, overflow: 'drop-oldest', onMessage: send })),
    );
  }
  port.on('message', receive);
  return {
    ok: true,
    value: {
      get inFlight() {
        return inFlight;
      },
      close() {
        for (const subscription of subscriptions) subscription.unsubscribe();
        port.off('message', receive);
        port.close();
      },
    },
  };
}
