/** Addresses remembered at most; beyond it the one that erred longest ago is forgotten. */
const ADDRESSES_MAX = 10_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * Slows down who guesses tokens, by address. The right token always passes: it has 256 random bits, so that guessing is hopeless at any
 * speed, and the kill switch must not be locked by somebody else's wrong guesses from the same address.
 */
export class WrongTokens {
  readonly #burst: number;
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(burst: number, perMinute: number) {
    this.#burst = burst;
    this.#perMinute = perMinute;
  }

  /** Counts a wrong token. Null while the address may go on, else milliseconds until it may. */
  record(address: string, nowMs: number): number | null {
    const before = this.#buckets.get(address) ?? { tokens: this.#burst, atMs: nowMs };
    const filled = Math.min(this.#burst, before.tokens + ((nowMs - before.atMs) * this.#perMinute) / 60_000);
    const allowed = filled >= 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: allowed ? filled - 1 : filled, atMs: nowMs });
    if (this.#buckets.size > ADDRESSES_MAX) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return allowed ? null : Math.ceil(((1 - filled) * 60_000) / this.#perMinute);
  }
}
