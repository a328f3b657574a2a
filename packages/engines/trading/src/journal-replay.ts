import { canonicalJson } from '@monsta/core';
import { decodeInput } from './input-codec.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import type { KeptRecords } from './kept-records.ts';
import { commandsOf, type CutOffCall, type LifeRecord } from './life-record.ts';
import type { ConfiguredStrategy } from './strategy.ts';
import type { StrategyWatch } from './strategy-watch.ts';

/** Where a replay does something else than the run did; null: nothing was done there. */
export interface ReplayDifference {
  /** Of the input in the journal. */
  readonly sequence: number;
  readonly input: string;
  readonly recorded: readonly unknown[] | null;
  readonly replayed: readonly unknown[] | null;
}

export interface ReplayCounts {
  readonly lives: number;
  readonly inputs: number;
  /** Commands that came out as they were recorded. */
  readonly commands: number;
  /** Inputs of lives whose beginning is no longer in the journal: nothing can be said of them. */
  readonly unchecked: number;
  /** Lives that ended between an input and the record of its commands, as a crash may cut them. */
  readonly cut: number;
  /** Lives that were ended because a strategy did not return, and came to the same call again. */
  readonly stuck: number;
  /** Places where the journal itself could not be written: the rest of those lives is not checked. */
  readonly gaps: number;
}

class CutOff extends Error {}

/** Ends a life where the run's ended: at the call that did not return. */
function watchFor(end: CutOffCall | null): StrategyWatch {
  let calls = 0;
  return {
    enter() {
      calls += 1;
      if (calls === end?.call) throw new CutOff('cut off here');
    },
    leave: () => undefined,
  };
}

const kindOf = (payload: unknown): string =>
  typeof payload === 'object' && payload !== null && 'kind' in payload ? String(payload.kind) : '?';

/** Somebody who looks on. */
export interface ReplayListener {
  /** What he wants made of records; commands come out the same. */
  readonly keeps: KeptRecords;
  /** Each input, what the kernel said to it, and the kernel behind it. */
  heard(input: KernelInput, outputs: readonly KernelOutput[], kernel: Kernel): void;
}

/** Runs the records of a journal through kernels again, and compares every command. Records come in order; after a difference nothing more is taken. */
export class JournalReplay {
  readonly #counts = { lives: 0, inputs: 0, commands: 0, unchecked: 0, cut: 0, stuck: 0, gaps: 0 };
  #kernel: Kernel | null = null;
  /** Of the last input, until the journal's record of the same is there. */
  #replayed: { readonly sequence: number; readonly input: string; readonly commands: readonly unknown[] } | null = null;
  #last = { sequence: 0, input: '?' };
  readonly #listener: ReplayListener | null;

  constructor(listener: ReplayListener | null = null) {
    this.#listener = listener;
  }

  get counts(): ReplayCounts {
    return this.#counts;
  }

  /** A life begins; `end` is the call that the one after it says this one was cut off in. */
  begin(life: LifeRecord, strategies: readonly ConfiguredStrategy[], end: CutOffCall | null): void {
    this.finish();
    this.#counts.lives += 1;
    try {
      this.#kernel = new Kernel(life.config, strategies, watchFor(end), this.#listener?.keeps);
    } catch (thrown) {
      this.#cutOff(thrown);
    }
  }

  /** The journal's end, or a life's: commands of its last input may be missing. */
  finish(): void {
    if (this.#replayed !== null) this.#counts.cut += 1;
    this.#replayed = null;
    this.#kernel = null;
  }

  /** Any record but a life's first. Throws where the kernel breaks, as it would have in the run. */
  take(sequence: number, payload: unknown): ReplayDifference | null {
    switch (kindOf(payload)) {
      case 'commands':
        return this.#compare((payload as { readonly commands: readonly unknown[] }).commands);
      case 'gap':
        this.#counts.gaps += 1;
        this.#replayed = null;
        this.#kernel = null;
        return null;
      default:
        return this.#input(sequence, payload);
    }
  }

  #compare(recorded: readonly unknown[]): ReplayDifference | null {
    if (this.#kernel === null) return null;
    const replayed = this.#replayed;
    this.#replayed = null;
    if (replayed === null) return { ...this.#last, recorded, replayed: null };
    if (canonicalJson(replayed.commands) === canonicalJson(recorded)) {
      this.#counts.commands += recorded.length;
      return null;
    }
    const { sequence, input, commands } = replayed;
    return { sequence, input, recorded, replayed: commands };
  }

  #input(sequence: number, payload: unknown): ReplayDifference | null {
    if (this.#replayed !== null) {
      const { sequence: at, input, commands } = this.#replayed;
      return { sequence: at, input, recorded: null, replayed: commands };
    }
    const input = decodeInput(payload);
    if (this.#kernel === null || input === null) {
      this.#counts.unchecked += 1;
      return null;
    }
    this.#counts.inputs += 1;
    this.#last = { sequence, input: input.kind };
    try {
      const outputs = this.#kernel.handle(input);
      this.#listener?.heard(input, outputs, this.#kernel);
      const commands = commandsOf(outputs);
      if (commands.length > 0) this.#replayed = { ...this.#last, commands };
    } catch (thrown) {
      this.#cutOff(thrown);
    }
    return null;
  }

  #cutOff(thrown: unknown): void {
    if (!(thrown instanceof CutOff)) throw thrown;
    this.#counts.stuck += 1;
    this.#kernel = null;
  }
}
