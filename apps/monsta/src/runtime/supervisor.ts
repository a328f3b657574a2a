import { err, ok, type Result } from '@monsta/core';
import type { Clock, Logger, Readiness, Role } from '@monsta/ports';

export interface SupervisedRole {
  readonly name: string;
  readonly readiness: Readiness;
}

/** All of a stop, drain included, ends within this time; then the process is ended hard. */
export const STOP_DEADLINE_MS = 10_000;
const DRAIN_SHARE_MS = 6_000;

/** Starts roles in order and stops them in reverse; a role that fails to start takes down those before it. */
export class Supervisor {
  readonly #roles: Role[] = [];
  readonly #running: Role[] = [];
  readonly #clock: Clock;
  readonly #logger: Logger;
  #stopping: Promise<void> | null = null;

  constructor(roles: readonly Role[], clock: Clock, logger: Logger) {
    this.#roles.push(...roles);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The fault of the first role that did not start; those before it are stopped again. */
  async start(): Promise<Result<null>> {
    for (const role of this.#roles) {
      if (this.#stopping !== null) return err('stopped', 'stopped while starting');
      const began = this.#clock.monotonicMs();
      this.#running.push(role);
      const started = await role.start();
      if (!started.ok) {
        this.#logger.error(`role ${role.name} did not start`, {
          code: started.fault.code,
          reason: started.fault.message,
        });
        await this.stop();
        return started;
      }
      this.#logger.info(`role ${role.name} started`, { tookMs: Math.round(this.#clock.monotonicMs() - began) });
    }
    return ok(null);
  }

  roles(): readonly SupervisedRole[] {
    return this.#roles.map((role) => ({
      name: role.name,
      readiness: this.#running.includes(role) ? role.readiness() : { ready: false, waitingFor: ['to be started'] },
    }));
  }

  /** Drains and stops in reverse order; calling it again waits for the same stop. Faults of a role are logged, and the next one is stopped all the same. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const began = this.#clock.monotonicMs();
    const left = (share: number): number => Math.max(50, share - (this.#clock.monotonicMs() - began));
    const order = this.#running.toReversed();
    for (const role of order) await this.#within(role.name, 'drain', left(DRAIN_SHARE_MS), () => role.drain());
    for (const role of order) await this.#within(role.name, 'stop', left(STOP_DEADLINE_MS - 500), () => role.stop());
  }

  async #within(name: string, step: 'drain' | 'stop', limitMs: number, run: () => Promise<void>): Promise<void> {
    const cancel = new AbortController();
    const late = this.#clock.sleep(limitMs, cancel.signal).then(() => 'late' as const);
    try {
      const outcome = await Promise.race([run().then(() => 'done' as const), late]);
      if (outcome === 'late')
        this.#logger.warn(`role ${name} did not ${step} in time`, { limitMs: Math.round(limitMs) });
    } catch (thrown) {
      this.#logger.error(`role ${name} failed to ${step}`, { reason: String(thrown) });
    } finally {
      cancel.abort();
    }
  }
}
