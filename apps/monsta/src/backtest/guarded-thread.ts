import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { err, ok, type Fault, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import { serveMarketHistory } from '../runtime/history-bridge.ts';
import { sharedStrategyCalls, StrategyCallWatch, type StuckCall } from '../trading-thread/strategy-calls.ts';

/** What every guarded thread begins with, beside its own. */
export interface GuardData {
  /** One number: 1 once it is to end. */
  readonly cancel: SharedArrayBuffer;
  /** See `sharedStrategyCalls`. */
  readonly strategyCalls: SharedArrayBuffer;
  /** To the market history of the running program; null on the command line, where nothing is collected. */
  readonly historyPort: MessagePort | null;
  /** Gives way to everything else on the machine, where the operating system lets. */
  readonly background: boolean;
}

export type FromGuardedThread<T> =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'canceled' }
  /** It has told of the fault wherever it has to be told. */
  | { readonly kind: 'failed'; readonly fault: Fault };

/** For a run within a program that does other things: it gives way to them, reads what they collect, and may take so much memory for its objects. */
export interface Within {
  readonly history: MarketHistory;
  readonly memoryMbMax: number;
}

export interface GuardedThreadOptions {
  readonly url: URL;
  /** Faults of the thread itself begin with it: `…_broken`, `…_memory`. */
  readonly kind: 'backtest' | 'optimization' | 'evaluation';
  readonly noun: string;
  /** Named where it does not return. */
  readonly strategy: string;
  readonly data: object;
  readonly clock: Clock;
  /** A call of the strategy that takes longer is taken for one that never returns. */
  readonly callMsMax: number;
  readonly within?: Within;
  onProgress(done: number, total: number): void;
  /** Hears of a fault that the thread could not tell of itself. */
  onLost(fault: Fault): void;
  /** Once the thread is gone. */
  onGone(): void;
}

export type GuardedEnd<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'canceled' };

export interface GuardedThread<T> {
  /** Faults: those that the thread tells; `strategy_stuck`: the strategy did not return; `…_memory`; `…_broken`: the thread died. */
  readonly ended: Promise<Result<GuardedEnd<T>>>;
  /** Asks it to end, at its next look. */
  cancel(): void;
}

/** Runs something on a thread that is watched from here: nothing else waits for it, and it is ended where a strategy never returns. */
export function startGuardedThread<T>(options: GuardedThreadOptions): GuardedThread<T> {
  const { url, kind, noun, data, clock, callMsMax, within } = options;
  const cancel = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const strategyCalls = sharedStrategyCalls();
  const bridge = within === undefined ? null : new MessageChannel();
  if (within !== undefined && bridge !== null) serveMarketHistory(bridge.port1, within.history);
  const guard: GuardData = {
    ...{ cancel, strategyCalls, historyPort: bridge?.port2 ?? null },
    background: within !== undefined,
  };
  const worker = new Worker(url, {
    workerData: { ...data, ...guard },
    transferList: bridge === null ? [] : [bridge.port2],
    name: kind,
    ...(within === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: within.memoryMbMax } }),
  });
  const ended = new Promise<Result<GuardedEnd<T>>>((resolve) => {
    let over = false;
    const end = (result: Result<GuardedEnd<T>>, told: boolean): void => {
      if (over) return;
      over = true;
      watch.stop();
      bridge?.port1.close();
      void worker.terminate().then(() => {
        if (!result.ok && !told) options.onLost(result.fault);
        options.onGone();
        resolve(result);
      });
    };
    const watch = new StrategyCallWatch(strategyCalls, {
      clock,
      callMsMax,
      onStuck: (call) => end(stuck(call, options.strategy), false),
    });
    worker.on('message', (message: FromGuardedThread<T>) => {
      switch (message.kind) {
        case 'progress':
          options.onProgress(message.done, message.total);
          return;
        case 'failed':
          end({ ok: false, fault: message.fault }, true);
          return;
        case 'done':
        case 'canceled':
          end(ok(message), true);
      }
    });
    const died = (why: string): void => end(err(`${kind}_broken`, `the thread of the ${noun} died: ${why}`), false);
    worker.on('error', (error) => {
      const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (outOfMemory) end(err(`${kind}_memory`, `the ${noun} wanted more than its ${within?.memoryMbMax} MB`), false);
      else died(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    worker.on('exit', (code) => died(`it exited with code ${code}`));
  });
  return {
    ended,
    cancel: () => {
      Atomics.store(new Int32Array(cancel), 0, 1);
    },
  };
}

function stuck({ handler, call, ranMs }: StuckCall, strategy: string): Result<never> {
  const where = handler === 'setup' ? 'while it was loaded or set up' : `in ${handler}, its call number ${call}`;
  return err(
    'strategy_stuck',
    `${strategy} did not return ${where}: it had run for ${(ranMs / 1_000).toFixed(1)} s, and was cut off. Look for a loop without an end there`,
  );
}
