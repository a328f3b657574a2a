import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { err, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { callsTo } from './call-bridge.ts';

export interface CallThreadOptions {
  /** The module of the thread, which serves the port of its data with `serveCalls`. */
  readonly module: URL;
  readonly name: string;
  /** What the thread begins with, beside the port. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  /** How long a call may take; then its thread is ended, and the next call begins another. */
  readonly callMsMax: number;
  /** Code of the fault of a call that does not come back, or whose thread dies; it is retryable. */
  readonly faultCode: string;
  readonly onDied: (reason: string) => void;
}

/** What a thread of calls begins with. */
export interface CallThreadData {
  readonly port: MessagePort;
}

type Call = ReturnType<typeof callsTo>;

interface Life {
  readonly worker: Worker;
  readonly call: Call;
}

/** An object in a thread of its own, which begins with the first call. It keeps nobody from ending. */
export class CallThread {
  readonly #options: CallThreadOptions;
  #life: Life | null = null;
  #closed = false;

  constructor(options: CallThreadOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  async call<T>(method: string, ...given: readonly unknown[]): Promise<Result<T>> {
    if (this.#closed) return err(this.#options.faultCode, `'${method}' came after the end`);
    const life = (this.#life ??= this.#begin());
    const answer = await life.call<T>(method, ...given);
    if (answer.ok || answer.fault.code !== 'call_timeout') return answer;
    if (this.#life === life) this.#life = null;
    await life.worker.terminate();
    return err(this.#options.faultCode, answer.fault.message, { retry: 'retryable' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const life = this.#life;
    this.#life = null;
    await life?.worker.terminate();
  }

  #begin(): Life {
    const { module, name, data, clock, callMsMax, onDied } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(module, { workerData: { ...data, port: port2 }, transferList: [port2], name });
    const life = {
      worker,
      call: callsTo(port1, clock, callMsMax, (method) =>
        err('call_timeout', `'${method}' took longer than ${callMsMax / 1_000} s and was cut off`),
      ),
    };
    // Whoever waits is answered by the deadline of the call.
    const over = (reason: string): void => {
      if (this.#life !== life) return;
      this.#life = null;
      onDied(reason);
    };
    worker.on('error', (error) => over(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => over(`it exited with code ${code}`));
    worker.unref();
    port1.unref();
    return life;
  }
}
