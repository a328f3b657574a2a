import { err, ok, type Result } from '@monsta/core';
import type { SharedMemory } from '../kernels/web-assembly.ts';
import { bindTreeKernels, type TreeMemory } from './tree-memory.ts';
import { TreeWork } from './tree-work.ts';

/** What a thread needs to join a training; it may be sent to it as a message. */
export interface TreeShared {
  readonly memory: SharedMemory;
  readonly controlPointer: number;
  readonly planPointer: number;
}

/**
 * Helpers of a training, made by an application (the engine itself starts no thread): each thread that is handed a `TreeShared` calls `serveTreeThread` with it, which returns when the
 * training has ended. Helpers may come late, or not at all: the trainer waits for none that has not taken up work.
 */
export interface TreeThreads {
  /** Threads that help, the trainer's own not counted. */
  readonly helpers: number;
  /** Hands the training to each of them. */
  join(shared: TreeShared): void;
}

/** Words of the control block. Each lies on a cache line of its own. */
export const CONTROL = { ticket: 0, count: 16, done: 32, kind: 48, state: 64, sleepers: 80 } as const;
export const CONTROL_WORDS = 96;
const OPEN = 0;
const CLOSED = 1;
const FAILED = 2;
/** Low half of a ticket: the next task. High half: which job. */
const TASK_BITS = 16;
const TASK_MASK = 0xffff;
/** How often a thread looks again before it goes to sleep: some 20 µs. */
const LOOKS = 2_000;
/** A task takes milliseconds; a thread that holds one longer than this is lost. */
const TASK_DEADLINE_MS = 60_000;

/** What the protocol asks of atomics, so that a test can put other schedules between the steps, or break one of them. */
export interface AtomicWords {
  load(at: number): number;
  store(at: number, value: number): void;
  add(at: number, value: number): number;
  compareExchange(at: number, expected: number, value: number): number;
  /** Sleeps while the word is `value`, at most `timeoutMs`. */
  wait(at: number, value: number, timeoutMs: number): void;
  notify(at: number): void;
}

export function atomicWords(words: Int32Array): AtomicWords {
  return {
    load: (at) => Atomics.load(words, at),
    store: (at, value) => void Atomics.store(words, at, value),
    add: (at, value) => Atomics.add(words, at, value),
    compareExchange: (at, expected, value) => Atomics.compareExchange(words, at, expected, value),
    wait: (at, value, timeoutMs) => void Atomics.wait(words, at, value, timeoutMs),
    notify: (at) => void Atomics.notify(words, at),
  };
}

/**
 * Takes tasks of the present job until none is left; returns the ticket that it saw last. A ticket is a job's number and its next task in one word: whoever moves it on by one owns that
 * task, and the job can't end, nor its description change, before the owner has counted the task as done. So the description is read after the ticket was won, never before.
 */
function takeTasks(control: AtomicWords, run: (kind: number, task: number) => void): number {
  for (;;) {
    const ticket = control.load(CONTROL.ticket);
    const task = ticket & TASK_MASK;
    // Between jobs the count is 0. A count of another job does no harm: the exchange fails then.
    if (task >= control.load(CONTROL.count)) return ticket;
    if (control.compareExchange(CONTROL.ticket, ticket, (ticket + 1) | 0) !== ticket) continue;
    run(control.load(CONTROL.kind), task);
    control.add(CONTROL.done, 1);
    if (control.load(CONTROL.sleepers) !== 0) control.notify(CONTROL.done);
  }
}

/** The trainer's side: puts up jobs, works on them itself, and waits until the last task is done. */
export class TreeCrew {
  readonly #control: AtomicWords;
  readonly #run: (kind: number, task: number) => void;
  readonly #alone: boolean;
  readonly #deadlineMs: number;
  #job = 0;

  constructor(
    control: AtomicWords,
    run: (kind: number, task: number) => void,
    alone: boolean,
    deadlineMs = TASK_DEADLINE_MS,
  ) {
    this.#control = control;
    this.#run = run;
    this.#alone = alone;
    this.#deadlineMs = deadlineMs;
  }

  /** Does tasks 0 … count − 1 of a kind (at most 65,535). Fault: `tree_thread_lost`, when a helper has taken a task and not brought it back: the training must be given up. */
  work(kind: number, count: number): Result<null> {
    if (this.#alone || count <= 1) {
      for (let task = 0; task < count; task += 1) this.#run(kind, task);
      return ok(null);
    }
    const control = this.#control;
    this.#job = (this.#job + 1) & TASK_MASK;
    // No ticket can be won while the count is 0, so that nobody sees half a description.
    control.store(CONTROL.done, 0);
    control.store(CONTROL.kind, kind);
    control.store(CONTROL.ticket, this.#job << TASK_BITS);
    control.store(CONTROL.count, count);
    control.notify(CONTROL.ticket);
    takeTasks(control, this.#run);
    const finished = this.#await(count);
    control.store(CONTROL.count, 0);
    return finished;
  }

  /** Lets the helpers go. */
  close(): void {
    this.#control.store(CONTROL.state, CLOSED);
    // The ticket moves too: a helper that has looked at the state before and sleeps only now, sleeps on another ticket.
    this.#control.store(CONTROL.count, 0);
    this.#control.add(CONTROL.ticket, 1 << TASK_BITS);
    this.#control.notify(CONTROL.ticket);
  }

  #await(count: number): Result<null> {
    const control = this.#control;
    for (let look = 0; look < LOOKS; look += 1) if (control.load(CONTROL.done) === count) return this.#outcome();
    control.store(CONTROL.sleepers, 1);
    let done = control.load(CONTROL.done);
    while (done !== count) {
      control.wait(CONTROL.done, done, this.#deadlineMs);
      const now = control.load(CONTROL.done);
      if (now === done) {
        control.store(CONTROL.sleepers, 0);
        return err('tree_thread_lost', `a thread took work and did not bring it back within ${this.#deadlineMs} ms`);
      }
      done = now;
    }
    control.store(CONTROL.sleepers, 0);
    return this.#outcome();
  }

  #outcome(): Result<null> {
    if (this.#control.load(CONTROL.state) !== FAILED) return ok(null);
    return err('tree_thread_lost', 'a thread failed at its work: see what it threw');
  }
}

/** The helper's side; returns when the trainer closes, with how many tasks it did. It sleeps while there is nothing to do. What a task throws is thrown here, after the trainer was told. */
export function serveCrew(control: AtomicWords, run: (kind: number, task: number) => void): number {
  let tasks = 0;
  const counted = (kind: number, task: number): void => {
    run(kind, task);
    tasks += 1;
  };
  while (control.load(CONTROL.state) === OPEN) {
    let ticket = 0;
    try {
      ticket = takeTasks(control, counted);
    } catch (thrown) {
      control.store(CONTROL.state, FAILED);
      control.add(CONTROL.done, 1);
      control.notify(CONTROL.done);
      throw thrown;
    }
    let look = 0;
    while (look < LOOKS && control.load(CONTROL.ticket) === ticket) look += 1;
    if (control.load(CONTROL.state) === OPEN) control.wait(CONTROL.ticket, ticket, SLEEP_MS);
  }
  return tasks;
}

/** A sleeper looks around this often, should it have missed a call. */
const SLEEP_MS = 1_000;

/** Helps the training that `shared` belongs to, and returns when that has ended, with how many tasks it did. For worker threads: it blocks, and sleeps while there is nothing to do. */
export function serveTreeThread(shared: TreeShared): number {
  const kernels = bindTreeKernels(shared.memory);
  const work = new TreeWork(kernels, shared.memory, shared.planPointer);
  const words = new Int32Array(shared.memory.buffer, shared.controlPointer, CONTROL_WORDS);
  return serveCrew(atomicWords(words), (kind, task) => work.run(kind, task));
}

/** Starts a crew over a memory whose plan begins at `planPointer`; `threads` null: the trainer alone. */
export function startCrew(memory: TreeMemory, planPointer: number, threads: TreeThreads | null): TreeCrew {
  const control = memory.integers(CONTROL_WORDS);
  control.view.fill(0);
  const work = new TreeWork(memory.kernels, memory.memory, planPointer);
  const alone = threads === null || threads.helpers === 0;
  if (!alone) threads.join({ memory: memory.memory, controlPointer: control.pointer, planPointer });
  return new TreeCrew(atomicWords(control.view), (kind, task) => work.run(kind, task), alone);
}
