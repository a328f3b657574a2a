import { err, type Err, type Fault, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}
type Reply =
  | { readonly id: number; readonly result: Result<unknown> }
  /** The `RangeError` of a call that should not have been made: it is thrown where it was. */
  | { readonly id: number; readonly misuse: string };
type Method = (...parameters: readonly unknown[]) => Promise<Result<unknown>>;

function plainFault({ code, message, retry, retryAfterMs }: Fault): Err {
  return err(code, message, { retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** Answers another thread's calls of an object that lives in this one. Values cross by structured clone, bigint included. */
export function serveCalls(port: MessagePort, target: object, methods: readonly string[]): void {
  // Asynchronous, so that what is thrown before the first await is an answer too, not the end of the thread.
  const run = async ({ method, parameters }: Call): Promise<Result<unknown>> => {
    if (!methods.includes(method)) return err('internal', `${method} is not called from another thread`);
    return (Reflect.get(target, method) as Method).apply(target, [...parameters]);
  };
  port.on('message', (call: Call) => {
    const answer = (result: Result<unknown>): void => {
      // A cause or details may hold what can't cross threads; the sentence, the code and when to ask again are what the other side needs.
      const plain = result.ok ? result : plainFault(result.fault);
      port.postMessage({ id: call.id, result: plain } satisfies Reply);
    };
    run(call)
      .then(answer)
      // Also where the value can't cross threads: whoever asked must not wait for an answer that never comes.
      .catch((thrown: unknown) => {
        if (thrown instanceof RangeError) port.postMessage({ id: call.id, misuse: thrown.message } satisfies Reply);
        else answer(err('internal', String(thrown), { retry: 'fatal' }));
      });
  });
}

/** Calls an object of another thread. `unanswered` is the fault of a call that took longer than `timeoutMs`. */
export function callsTo(
  port: MessagePort,
  clock: Clock,
  timeoutMs: number,
  unanswered: (method: string) => Err,
): <T>(method: string, ...parameters: readonly unknown[]) => Promise<Result<T>> {
  let nextId = 1;
  const pending = new Map<number, (reply: Reply) => void>();
  port.on('message', (reply: Reply) => pending.get(reply.id)?.(reply));
  return <T>(method: string, ...parameters: readonly unknown[]): Promise<Result<T>> =>
    new Promise((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      const settle = (reply: Reply): void => {
        timer.cancel();
        pending.delete(id);
        if ('misuse' in reply) reject(new RangeError(reply.misuse));
        else resolve(reply.result as Result<T>);
      };
      const timer = clock.setTimer(timeoutMs, () => settle({ id, result: unanswered(method) }));
      pending.set(id, settle);
      port.postMessage({ id, method, parameters } satisfies Call);
    });
}
