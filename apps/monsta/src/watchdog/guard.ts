import { connect, type Socket } from 'node:net';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, Logger, Timer } from '@monsta/ports';
import { endProcess, ownerOf, thisProcess, type ProcessMark } from '../runtime/lock.ts';
import { fromWatchdogSchema, onMessages, say, socketPath, type FromWatchdog } from './line.ts';
import type { OnLoss } from './plan.ts';
import { BEAT_MS } from './vigil.ts';

/** A watchdog that was just started. */
export interface StartedWatchdog {
  /** Resolves with words when it has ended. */
  readonly ended: Promise<string>;
}

export interface GuardOptions {
  readonly directory: string;
  /** Of the watchdog of this directory. */
  readonly lockFile: string;
  readonly accountId: string;
  readonly onLoss: OnLoss;
  readonly afterMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Starts a watchdog in a process of its own. */
  spawn(): StartedWatchdog;
}

const CONNECT_EVERY_MS = 100;
/** A process that is started on a busy machine. */
const CONNECT_WITHIN_MS = 60_000;
/** It may have a request under way that it waits for. */
const ANSWER_WITHIN_MS = 45_000;
/** Beats in a row that it may leave unanswered, as for the trading thread. */
const UNANSWERED_MAX = 15;
const AGAIN_MS = 1_000;
const LEAVE_WITHIN_MS = 1_000;

/** The program's side of its watchdog: one is there, it is told that the program lives, and one that is gone is replaced. */
export class WatchdogGuard {
  readonly #options: GuardOptions;
  readonly #stop = new AbortController();
  #socket: Socket | null = null;
  #mark: ProcessMark | null = null;
  #unanswered = 0;
  #beat: Timer | null = null;
  #restoring: Promise<void> = Promise.resolve();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Returns once a watchdog watches. Faults: `watchdog_failed`, `data_dir_path_too_long`, and what the watchdog refuses by. */
  async start(): Promise<Result<null>> {
    const path = socketPath(this.#options.directory);
    if (!path.ok) return path;
    const watched = await this.#engage(path.value);
    if (!watched.ok) return watched;
    this.#onBeat();
    return ok(null);
  }

  /** Tells the watchdog that nothing is left to be done, and that it need not look any more. */
  async leave(): Promise<void> {
    const socket = this.#socket;
    this.end();
    await this.#restoring;
    if (socket === null || socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    say(socket, { kind: 'bye' });
    const late = new AbortController();
    await Promise.race([closed, this.#options.clock.sleep(LEAVE_WITHIN_MS, late.signal)]);
    late.abort();
    socket.destroy();
  }

  /** Says nothing more: the watchdog takes the program for lost when the process has ended. */
  end(): void {
    this.#stop.abort();
    this.#beat?.cancel();
  }

  async #engage(path: string): Promise<Result<null>> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + CONNECT_WITHIN_MS;
    let spawned: { ended: string | null } | null = null;
    while (!this.#stop.signal.aborted) {
      const socket = await connected(path);
      if (socket !== null) return this.#greet(socket);
      if (spawned !== null && spawned.ended !== null)
        return err('watchdog_failed', `the watchdog ended at once: ${spawned.ended}`);
      if (clock.monotonicMs() > endMs) return err('watchdog_failed', 'the watchdog does not listen; see watchdog.log');
      spawned ??= this.#spawn();
      await clock.sleep(CONNECT_EVERY_MS, this.#stop.signal);
    }
    return err('stopped', 'stopped while the watchdog was started');
  }

  /** `ended` is set when it has ended. */
  #spawn(): { ended: string | null } {
    const spawned: { ended: string | null } = { ended: null };
    void this.#options.spawn().ended.then((words) => (spawned.ended = words));
    return spawned;
  }

  async #greet(socket: Socket): Promise<Result<null>> {
    const { accountId, afterMs, clock, lockFile, onLoss } = this.#options;
    const first = Promise.withResolvers<FromWatchdog | null>();
    socket.on('error', () => undefined);
    socket.once('close', () => first.resolve(null));
    onMessages(socket, fromWatchdogSchema, (message) => {
      if (message.kind === 'alive') this.#unanswered = 0;
      else first.resolve(message);
    });
    say(socket, { kind: 'hello', accountId, onLoss, afterMs, ...thisProcess() });
    const late = new AbortController();
    const answer = await Promise.race([
      first.promise,
      clock.sleep(ANSWER_WITHIN_MS, late.signal).then(() => 'late' as const),
    ]);
    late.abort();
    if (answer === 'late') {
      const owner = ownerOf(lockFile);
      if (owner !== null) endProcess(owner);
      socket.destroy();
      return err('watchdog_failed', `the watchdog has not answered within ${ANSWER_WITHIN_MS / 1_000} s; it was ended`);
    }
    if (answer?.kind === 'refused') return err(answer.code, `the watchdog: ${answer.message}`);
    if (answer?.kind !== 'watching' || socket.destroyed)
      return err('watchdog_failed', 'the watchdog hung up; see watchdog.log');
    this.#socket = socket;
    this.#mark = { pid: answer.pid, start: answer.start };
    this.#unanswered = 0;
    socket.once('close', () => this.#onClosed());
    return ok(null);
  }

  #onBeat(): void {
    const { clock, logger } = this.#options;
    this.#beat = clock.setTimer(BEAT_MS, () => this.#onBeat());
    if (this.#socket === null) return;
    this.#unanswered += 1;
    if (this.#unanswered > UNANSWERED_MAX) {
      logger.error('the watchdog does not answer; it is ended and another started', { code: 'watchdog_silent' });
      if (this.#mark !== null) endProcess(this.#mark);
      this.#socket.destroy();
      return;
    }
    say(this.#socket, { kind: 'beat' });
  }

  #onClosed(): void {
    this.#socket = null;
    if (this.#stop.signal.aborted) return;
    this.#options.logger.error('the watchdog is gone; another is started', { code: 'watchdog_lost' });
    this.#restoring = this.#restore();
  }

  async #restore(): Promise<void> {
    const { clock, directory, logger } = this.#options;
    while (!this.#stop.signal.aborted) {
      const path = socketPath(directory);
      const engaged = path.ok ? await this.#engage(path.value) : path;
      if (engaged.ok) {
        logger.info('a watchdog watches again');
        return;
      }
      if (this.#stop.signal.aborted) return;
      const { code, message } = engaged.fault;
      logger.error('nobody watches over the orders', { code, reason: message });
      await clock.sleep(AGAIN_MS, this.#stop.signal);
    }
  }
}

/** Null where nobody listens. */
function connected(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
