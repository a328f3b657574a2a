import { Worker } from 'node:worker_threads';
import type { Fault } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';
import type { OptimizationTask, RunResult, TrialResult } from '@monsta/simulation/optimize';
import { pulseOf, sharedPulse, type FromTrialThread, type ToTrialThread, type TrialThreadData } from './protocol.ts';

/** What came of a task. */
export type Answer =
  | { readonly kind: 'trial'; readonly id: string; readonly result: TrialResult; readonly bars: number }
  | { readonly kind: 'run'; readonly id: string; readonly result: RunResult; readonly bars: number };

export interface PoolOptions {
  readonly data: Omit<TrialThreadData, 'pulse'>;
  readonly workers: number;
  readonly clock: Clock;
  /** A thread that for so long neither plays a bar nor calls its strategy is taken for one whose strategy does not return. */
  readonly stuckAfterMs: number;
  /** A strategy's memory in one thread; what needs more ends that thread, and its trial with it. */
  readonly heapMbMax: number;
  onAnswer(answer: Answer): void;
  /** The threads can't run the strategy at all; nothing more is to be hoped for. */
  onUnusable(fault: Fault): void;
}

/** Tasks that wait in a thread for the one before: it never waits for this thread. */
const QUEUE = 2;
/** Room for new objects, a third of it in use: what trials leave behind is little, and in half the room that the machine takes by itself it stays in the processor's caches. */
const YOUNG_MB = 24;
/** A thread that is not ready by then loads a strategy that does not return. */
const START_MS_MAX = 60_000;
/** Threads that died in a row without an answer. */
const DEATHS_MAX = 10;

interface Lane {
  readonly worker: Worker;
  readonly pulse: ReturnType<typeof pulseOf>;
  readonly tasks: OptimizationTask[];
  /** The task that it has begun. */
  running: string | null;
  /** Its signs of life when it was last looked at, and when there last were more. */
  signs: number;
  movedMs: number;
  ready: boolean;
}

/** Threads that run tasks; one that is lost is replaced, and what it had not begun is done by another. */
export class TrialPool {
  readonly #options: PoolOptions;
  readonly #lanes = new Set<Lane>();
  readonly #waiting: OptimizationTask[] = [];
  #timer: Timer | null = null;
  #deaths = 0;
  #closed = false;
  #replaced = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let index = 0; index < options.workers; index += 1) this.#begin();
    this.#look();
  }

  /** Whether a thread would take another task without keeping it waiting for long. */
  get hasRoom(): boolean {
    const { workers } = this.#options;
    return !this.#closed && this.#outstanding < workers * QUEUE;
  }

  /** Threads that were cut off, or died, and were replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  get #outstanding(): number {
    let count = this.#waiting.length;
    for (const { tasks } of this.#lanes) count += tasks.length;
    return count;
  }

  submit(task: OptimizationTask): void {
    this.#waiting.push(task);
    this.#hand();
  }

  /** Ends all threads at once, in the middle of whatever they do. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await Promise.all([...this.#lanes].map(({ worker }) => worker.terminate()));
    this.#lanes.clear();
  }

  #begin(): void {
    const { data, clock, heapMbMax } = this.#options;
    const pulse = sharedPulse();
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...data, pulse } satisfies TrialThreadData,
      name: 'optimize',
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const lane: Lane = {
      worker,
      pulse: pulseOf(pulse),
      tasks: [],
      running: null,
      signs: 0,
      movedMs: clock.monotonicMs(),
      ready: false,
    };
    this.#lanes.add(lane);
    let why = 'its thread ended';
    worker.on('message', (message: FromTrialThread) => this.#hear(lane, message));
    worker.on('error', (error: unknown) => {
      why = `its thread died: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on('exit', () => this.#lost(lane, why));
  }

  #hear(lane: Lane, message: FromTrialThread): void {
    if (!this.#lanes.has(lane)) return;
    lane.movedMs = this.#options.clock.monotonicMs();
    switch (message.kind) {
      case 'ready':
        lane.ready = true;
        break;
      case 'unusable':
        this.#options.onUnusable(message.fault);
        return;
      case 'begun':
        lane.running = message.id;
        return;
      case 'trial':
      case 'run':
        this.#deaths = 0;
        lane.running = null;
        lane.tasks.splice(
          lane.tasks.findIndex(({ id }) => id === message.id),
          1,
        );
        this.#options.onAnswer(message);
        break;
    }
    this.#hand();
  }

  #hand(): void {
    for (let depth = 1; depth <= QUEUE; depth += 1) {
      for (const lane of this.#lanes) {
        if (!lane.ready || lane.tasks.length >= depth) continue;
        const task = this.#waiting.shift();
        if (task === undefined) return;
        if (lane.tasks.length === 0) lane.movedMs = this.#options.clock.monotonicMs();
        lane.tasks.push(task);
        lane.worker.postMessage({ kind: 'run', task } satisfies ToTrialThread);
      }
    }
  }

  #look(): void {
    const { clock, stuckAfterMs } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const lane of this.#lanes) {
      const { signs } = lane.pulse;
      // What a strategy does while it is loaded may not return either.
      const idle = lane.ready && lane.tasks.length === 0;
      if (signs !== lane.signs || idle) lane.movedMs = nowMs;
      lane.signs = signs;
      const limitMs = lane.ready ? stuckAfterMs : Math.max(stuckAfterMs, START_MS_MAX);
      if (nowMs - lane.movedMs >= limitMs) this.#cutOff(lane);
    }
    this.#timer = clock.setTimer(Math.min(1_000, stuckAfterMs / 4), () => this.#look());
  }

  #cutOff(lane: Lane): void {
    const { stuckAfterMs } = this.#options;
    const seconds = Math.round(stuckAfterMs / 100) / 10;
    this.#lost(
      lane,
      `the strategy did not return: it ran for ${seconds} s without an end of a bar or a call, and was cut off; look for a loop without an end`,
    );
    void lane.worker.terminate();
  }

  /** What it was running has failed; what it had not begun, another one does. */
  #lost(lane: Lane, why: string): void {
    if (!this.#lanes.delete(lane) || this.#closed) return;
    this.#replaced += 1;
    this.#deaths += 1;
    const failed = lane.tasks.find(({ id }) => id === lane.running);
    this.#waiting.unshift(...lane.tasks.filter((task) => task !== failed));
    if (this.#deaths >= DEATHS_MAX || (!lane.ready && failed === undefined)) {
      this.#options.onUnusable({
        code: 'optimization_broken',
        message: `no thread can run the strategy: ${why}`,
        retry: 'permanent',
      });
      return;
    }
    this.#begin();
    if (failed === undefined) return;
    const { id, kind } = failed;
    const result = { kind: 'failed', message: why } as const;
    this.#options.onAnswer(
      kind === 'trial' || kind === 'map'
        ? { kind: 'trial', id, result, bars: 0 }
        : { kind: 'run', id, result, bars: 0 },
    );
  }
}
