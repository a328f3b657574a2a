import { expectOk } from '@monsta/core';
import type { IncomingRequest, ServerSocketHandlers, WebSocketRoute } from '@monsta/ports';
import { VirtualClock } from '@monsta/testkit';
import { TestSocket } from '../server.test-support.ts';
import { BareModel, START_MS } from '../trading/trading-world.test-support.ts';
import { FaultDesk } from './fault-desk.ts';
import { readFaultPlan } from './plan-reader.ts';

/** A server behind the faults that answers every request with its own text, and sends what it is told to. */
export interface Peer {
  readonly client: TestSocket;
  /** What the server heard. */
  readonly heard: string[];
  /** Sends a frame to the client. */
  say(frame: object): void;
  /** Frames that have come to the client since the last call, as they were sent. */
  frames(): readonly unknown[];
}

export interface FaultWorld {
  readonly clock: VirtualClock;
  readonly desk: FaultDesk;
  readonly model: BareModel;
  connect(target: string): Peer;
  /** The notes of the log, oldest first. */
  notes(): readonly string[];
}

export const requestTo = (target: string, remoteAddress = '10.0.0.1'): IncomingRequest => {
  const [path = '', rawQuery = ''] = target.split('?');
  return { method: 'GET', path, params: {}, rawQuery, headers: {}, body: '', remoteAddress };
};

/** Sockets with faults before a server that does nothing by itself. */
export function makeFaultWorld(rules: readonly object[], seed = 1): FaultWorld {
  const clock = new VirtualClock(START_MS * 1_000);
  const model = new BareModel(clock);
  const desk = new FaultDesk({
    model,
    clock,
    originHeaders: {},
    streamsInUrl: ({ path }) => path.slice('/ws/'.length).split('/'),
    accountOf: () => null,
    hooks: { ban: () => undefined, announceShutdown: () => undefined },
  });
  expectOk(desk.load(expectOk(readFaultPlan({ seed, rules }))));
  return {
    clock,
    desk,
    model,
    notes: () => desk.log().map(({ note }) => note),
    connect(target) {
      const heard: string[] = [];
      let say: (frame: object) => void = () => undefined;
      const route: WebSocketRoute = {
        path: target.split('?')[0] ?? '',
        messageBytesMax: 1_000,
        accept(socket): ServerSocketHandlers {
          say = (frame) => socket.send(JSON.stringify(frame));
          return {
            onMessage: (text) => {
              heard.push(text);
              const { id, method } = JSON.parse(text) as { readonly id: unknown; readonly method: unknown };
              say({ id, status: 200, result: { done: method }, rateLimits: [] });
            },
            onClose: () => undefined,
          };
        },
      };
      const wrapped = desk.wrapSocket(route);
      const request = requestTo(target);
      const refusal = wrapped.authorize?.(request) ?? null;
      if (refusal !== null) throw new Error(`refused with ${refusal.status}`);
      const client = new TestSocket();
      client.handlers = wrapped.accept(client, request);
      return { client, heard, say: (frame) => say(frame), frames: () => client.heard() };
    },
  };
}
