/** How often the program beats, and the watchdog looks. */
export const BEAT_MS = 1_000;

/**
 * Decides whether a program is lost, by its beats. Beats that stay away are counted in looks of the watchdog's own, one a beat's time: a machine that was suspended has looked
 * as seldom as it has beaten.
 */
export class Vigil {
  readonly #missedMax: number;
  #missed = 0;
  #connected = true;

  constructor(afterMs: number) {
    this.#missedMax = Math.ceil(afterMs / BEAT_MS);
  }

  beat(): void {
    this.#missed = 0;
  }

  /** The line to the program is cut. It may come again by another, if it lives. */
  cut(): void {
    this.#connected = false;
  }

  /** Looks once. Null while the program counts as living; else why it counts as lost. */
  look(programLives: boolean): string | null {
    if (!programLives && !this.#connected) return 'the program has ended without a word';
    this.#missed += 1;
    if (this.#missed <= this.#missedMax) return null;
    return `the program has not been heard of for ${(this.#missed * BEAT_MS) / 1_000} s`;
  }
}
