import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Key {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Where the exchange is, and how each of those that are compared signs in. */
export interface ServedTo {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly monsta: Key;
  readonly bare: Key;
  readonly ccxt: Key;
}

/** Starts the exchange in a process of its own. */
export async function startExchange(
  seed: number,
): Promise<{ readonly served: ServedTo; readonly stop: () => Promise<void> }> {
  const child = fork(fileURLToPath(new URL('exchange.ts', import.meta.url)), [String(seed)], {
    // Its lines would be taken for the report.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [served] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the exchange ended with ${String(code)}`);
    }),
  ])) as [ServedTo];
  return {
    served,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
