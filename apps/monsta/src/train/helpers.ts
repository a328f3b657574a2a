import { Worker } from 'node:worker_threads';

/** Threads that help a training thread. They load what they need first, so that it isn't counted as training. */
export class Helpers {
  readonly workers: readonly Worker[];
  /** Rejects once one of them dies. */
  readonly lost: Promise<never>;

  private constructor(workers: readonly Worker[]) {
    this.workers = workers;
    this.lost = new Promise((_, reject) => {
      for (const worker of workers) {
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`a thread that helps training exited with code ${code}`)));
      }
    });
    // Threads that end when they are told to are no loss; whoever needs to know waits for it.
    this.lost.catch(() => undefined);
  }

  /** Starts `count` threads of a module that says `ready` when it is. */
  static async start(count: number, url: URL): Promise<Helpers> {
    const workers = Array.from({ length: count }, () => new Worker(url, { name: 'train-helper' }));
    const helpers = new Helpers(workers);
    const ready = workers.map((worker) => new Promise<void>((resolve) => worker.once('message', () => resolve())));
    await Promise.race([Promise.all(ready), helpers.lost]);
    return helpers;
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
