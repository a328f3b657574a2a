import { VirtualClock } from '@monsta/testkit';
import type { TimersLike, WebSocketConstructor, WebSocketLike } from './environment.ts';

/** Sockets that the test opens, feeds and cuts. */
export class FakeSocket implements WebSocketLike {
  readonly url: string;
  readyState = 0;
  readonly sent: { readonly method: string; readonly params?: readonly string[]; readonly id: number }[] = [];
  closedByClient = false;
  readonly #listeners = new Map<string, ((event: unknown) => void)[]>();

  constructor(url: string) {
    this.url = url;
  }
  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data) as FakeSocket['sent'][number]);
  }
  close(): void {
    this.closedByClient = true;
    this.readyState = 3;
  }
  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  open(): void {
    this.readyState = 1;
    this.#emit('open', {});
  }
  receive(frame: unknown): void {
    this.#emit('message', { data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }
  cut(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.#emit('error', {});
    this.#emit('close', { code, reason });
  }
  topics(method: string): readonly (readonly string[])[] {
    return this.sent.filter((request) => request.method === method).map(({ params = [] }) => params);
  }
}

export interface Surroundings {
  readonly clock: VirtualClock;
  readonly timers: TimersLike;
  readonly sockets: readonly FakeSocket[];
  readonly WebSocket: WebSocketConstructor;
}

export function surroundings(): Surroundings {
  const clock = new VirtualClock();
  const sockets: FakeSocket[] = [];
  return {
    clock,
    timers: {
      after(delayMs, task) {
        const timer = clock.setTimer(delayMs, task);
        return () => timer.cancel();
      },
    },
    sockets,
    WebSocket: class extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    },
  };
}
