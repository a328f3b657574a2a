import { errorMapping, type RequestId } from '@monsta/contracts';
import type { Fault } from '@monsta/core';
import type { FanoutSink } from '@monsta/fanout';
import type { ServerSocket } from '@monsta/ports';

/** One client's socket with its limits. */
export class Connection implements FanoutSink {
  readonly socket: ServerSocket;
  /** True from a ping until anything comes back. */
  awaitsSign = false;
  #tokens: number;
  #refilledMs: number;

  constructor(socket: ServerSocket, burst: number, nowMs: number) {
    this.socket = socket;
    this.#tokens = burst;
    this.#refilledMs = nowMs;
  }

  bufferedBytes(): number {
    return this.socket.bufferedBytes();
  }

  send(frame: Uint8Array): void {
    this.socket.send(frame);
  }

  cut(reason: string): void {
    this.closeWith('client_slow', `too slow: ${reason}`);
  }

  /** Takes one request from the bucket; false when it is empty. */
  takeRequest(nowMs: number, perSecond: number, burst: number): boolean {
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#refilledMs) * perSecond) / 1000);
    this.#refilledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  reply(id: RequestId, result: null | readonly string[]): void {
    this.socket.send(JSON.stringify({ id, result }));
  }

  refuse(id: RequestId, { code, message }: Pick<Fault, 'code' | 'message'>): void {
    this.socket.send(JSON.stringify({ id, error: { code, message } }));
  }

  /** Closes with the close code that the error table has for `code`. */
  closeWith(code: string, reason: string): void {
    this.socket.close(errorMapping(code).webSocketClose, reason);
  }
}
