import { err, type Err, type Fault, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';

interface Call {
  readonly id: number;
  readonly method: keyof MarketHistory;
  readonly parameters: readonly unknown[];
}
interface Reply {
  readonly id: number;
  readonly result: Result<unknown>;
}

function plainFault({ code, message, retry, retryAfterMs }: Fault): Err {
  return err(code, message, { retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** Answers a thread's questions to the market history that lives in this one. Values cross by structured clone, bigint included. */
export function serveMarketHistory(port: MessagePort, history: MarketHistory): void {
  // Asynchronous, so that what is thrown before the first await is an answer too, not the end of the thread.
  const run = async (call: Call): Promise<Result<unknown>> => {
    const method = history[call.method] as (...parameters: readonly unknown[]) => Promise<Result<unknown>>;
    return method.apply(history, [...call.parameters]);
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
      .catch((thrown: unknown) => answer(err('internal', String(thrown), { retry: 'fatal' })));
  });
}

/** The market history of another thread. A call unanswered after `timeoutMs` is the fault `call_timeout`. */
export function remoteMarketHistory(port: MessagePort, clock: Clock, timeoutMs: number): MarketHistory {
  let nextId = 1;
  const pending = new Map<number, (result: Result<unknown>) => void>();
  port.on('message', (reply: Reply) => {
    pending.get(reply.id)?.(reply.result);
  });
  const call = <T>(method: keyof MarketHistory, ...parameters: readonly unknown[]): Promise<Result<T>> =>
    new Promise((resolve) => {
      const id = nextId;
      nextId += 1;
      const settle = (result: Result<unknown>): void => {
        timer.cancel();
        pending.delete(id);
        resolve(result as Result<T>);
      };
      const timer = clock.setTimer(timeoutMs, () => {
        settle(
          err('call_timeout', `market history did not answer '${method}' within ${timeoutMs} ms`, {
            retry: 'retryable',
          }),
        );
      });
      pending.set(id, settle);
      port.postMessage({ id, method, parameters } satisfies Call);
    });
  return {
    instruments: () => call('instruments'),
    bars: (query) => call('bars', query),
    trades: (instrument, limit) => call('trades', instrument, limit),
    book: (instrument, depth) => call('book', instrument, depth),
    feeds: () => call('feeds'),
    venueTimeUs: () => call('venueTimeUs'),
  };
}
