import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { TreeThreads } from './tree-crew.ts';

/** Worker threads that help trainings, or take part in stresses. */
export class TestThreads {
  readonly workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.workers = workers;
  }

  static async start(count: number): Promise<TestThreads> {
    const workers = Array.from(
      { length: count },
      () => new Worker(new URL('./tree-thread.test-support.ts', import.meta.url)),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    return new TestThreads(workers);
  }

  get trees(): TreeThreads {
    return {
      helpers: this.workers.length,
      join: (shared) => this.workers.forEach((worker) => worker.postMessage(shared)),
    };
  }

  /** How many tasks each did in what was handed to them; waits until they are through. */
  async tasks(): Promise<readonly number[]> {
    const said = await Promise.all(this.workers.map((worker) => once(worker, 'message')));
    return said.map(([count]) => Number(count));
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
