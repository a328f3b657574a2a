import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { err, msFromUs, ok, type Random, type Result } from '@monsta/core';
import type { Clock, Logger, Timer } from '@monsta/ports';
import type { BinanceAccountAccess } from '@monsta/venue-binance';
import { endProcess, isAlive, thisProcess } from '../runtime/lock.ts';
import { onMessages, say, toWatchdogSchema, type ToWatchdog } from './line.ts';
import { addReport } from './report.ts';
import { sweep, type SweepOutcome } from './sweep.ts';
import { BEAT_MS, Vigil } from './vigil.ts';

type Hello = Extract<ToWatchdog, { kind: 'hello' }>;

export interface WatchdogOptions {
  /** Where it listens. */
  readonly socket: string;
  /** Where its reports go. */
  readonly directory: string;
  /** The one account that it may touch; made from what the exchange itself says of its key. Fault: why the exchange does not say. */
  readonly accountId: () => Promise<Result<string>>;
  readonly access: BinanceAccountAccess;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly lateMs: number;
  /** Started by a program for its own life: ends with it, or where none comes. */
  readonly attached: boolean;
}

/** Looks without a program after which one that was started for it gives up waiting. */
const IDLE_MAX = 60;
const NOTHING_DONE: SweepOutcome = { confirmed: false, canceled: [], kept: [], others: 0, failures: 0 };

interface Watched {
  readonly hello: Hello;
  readonly vigil: Vigil;
  readonly socket: Socket;
}

/**
 * Watches one program after the other, and looks after the orders of one that is lost. It acts only while no program has said hello: one that does takes over, and is answered
 * when what was under way has ended.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #server: Server;
  readonly #ended = Promise.withResolvers<null>();
  #watched: Watched | null = null;
  #acting: { readonly done: Promise<void>; readonly stop: AbortController } | null = null;
  #timer: Timer | null = null;
  #idle = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#onConnection(socket));
  }

  /** Resolves when it is done: at once where it can't listen (fault `watchdog_socket`). */
  async run(): Promise<Result<null>> {
    const { socket } = this.#options;
    // Of a watchdog that was killed; that no other one lives is for whoever starts this one to know.
    rmSync(socket, { force: true });
    const listening = await new Promise<Result<null>>((resolve) => {
      this.#server.once('error', (error) =>
        resolve(err('watchdog_socket', `no socket at ${socket}: ${error.message}`)),
      );
      this.#server.listen(socket, () => resolve(ok(null)));
    });
    if (!listening.ok) return listening;
    chmodSync(socket, 0o600);
    this.#look();
    await this.#ended.promise;
    this.#timer?.cancel();
    this.#server.close();
    this.#watched?.socket.destroy();
    return ok(null);
  }

  /** Ends; what is being done is done to its end first. */
  async stop(): Promise<void> {
    await this.#acting?.done;
    this.#ended.resolve(null);
  }

  #onConnection(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#watched?.socket === socket) this.#watched.vigil.cut();
    });
    onMessages(socket, toWatchdogSchema, (message) => {
      if (message.kind === 'hello') void this.#take(socket, message);
      else if (this.#watched?.socket !== socket) socket.destroy();
      else if (message.kind === 'bye') this.#leave(this.#watched);
      else {
        this.#watched.vigil.beat();
        say(socket, { kind: 'alive' });
      }
    });
  }

  async #take(socket: Socket, hello: Hello): Promise<void> {
    const { accountId, logger } = this.#options;
    const known = await accountId();
    const wrong = !known.ok
      ? known.fault
      : known.value === hello.accountId
        ? null
        : { code: 'watchdog_account', message: 'the watchdog of this data directory has the key of another account' };
    if (wrong !== null) {
      say(socket, { kind: 'refused', code: wrong.code, message: wrong.message });
      socket.end();
      return;
    }
    this.#acting?.stop.abort();
    await this.#acting?.done;
    if (socket.destroyed) return;
    const before = this.#watched;
    this.#watched = { hello, socket, vigil: new Vigil(hello.afterMs) };
    before?.socket.destroy();
    logger.info('watching', { program: hello.pid, onLoss: hello.onLoss, afterMs: hello.afterMs });
    say(socket, { kind: 'watching', ...thisProcess() });
  }

  #leave({ socket, hello }: Watched): void {
    this.#options.logger.info('the program stops as asked', { program: hello.pid });
    this.#watched = null;
    socket.end();
    this.#rest();
  }

  /** Nobody is watched any more. */
  #rest(): void {
    this.#idle = 0;
    if (this.#options.attached) this.#ended.resolve(null);
  }

  #look(): void {
    this.#timer = this.#options.clock.setTimer(BEAT_MS, () => this.#look());
    const watched = this.#watched;
    if (watched === null) {
      if (this.#acting === null) this.#idle += 1;
      if (this.#options.attached && this.#idle > IDLE_MAX) this.#ended.resolve(null);
      return;
    }
    const why = watched.vigil.look(isAlive(watched.hello));
    if (why === null) return;
    this.#watched = null;
    watched.socket.destroy();
    const stop = new AbortController();
    this.#acting = { stop, done: this.#act(watched.hello, why, stop.signal) };
  }

  async #act(hello: Hello, why: string, signal: AbortSignal): Promise<void> {
    const { access, clock, directory, lateMs, logger, random } = this.#options;
    const { accountId, onLoss } = hello;
    const lostMs = msFromUs(clock.nowUs());
    logger.error(why, { program: hello.pid, onLoss });
    // One that only hangs could send orders again while these are canceled.
    if (isAlive(hello) && !endProcess(hello))
      logger.error('the program is there and can not be ended; its orders are looked after all the same', {
        program: hello.pid,
      });
    const outcome =
      onLoss === 'nothing' ? NOTHING_DONE : await sweep({ access, onLoss, clock, random, logger, lateMs, signal });
    try {
      addReport(directory, { accountId, why, onLoss, lostMs, endedMs: msFromUs(clock.nowUs()), ...outcome });
    } catch (thrown) {
      logger.error('the report can not be written', { reason: String(thrown), ...outcome });
    }
    logger.warn('looked after the orders of a program that was lost', {
      confirmed: outcome.confirmed,
      canceled: outcome.canceled.length,
      kept: outcome.kept.length,
      others: outcome.others,
    });
    this.#acting = null;
    if (!signal.aborted) this.#rest();
  }
}
