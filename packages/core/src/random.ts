/** A seeded source of randomness: the same seed gives the same sequence on every machine. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1) with 32 random bits. */
  next(): number;
  /** Uniform integer in [0, bound). `bound` is 1…2^32. */
  integer(bound: number): number;
  /** Standard normal (Box–Muller, one of the pair kept). */
  gaussian(): number;
}

/** Mixes any number of 32-bit words into one: independent streams from (seed, label, index …). MurmurHash3's 32-bit finaliser between words. */
export function mixSeed(...words: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const word of words) {
    hash = Math.imul(hash ^ (word | 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
    hash = (hash + 0x6d2b79f5) | 0;
  }
  return hash >>> 0;
}

/** FNV-1a over the text's UTF-16 units; a 32-bit word for `mixSeed`. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded by `seed` and warmed up. */
export function seededRandom(seed: number): Random {
  let a = mixSeed(seed, 1) | 0;
  let b = mixSeed(seed, 2) | 0;
  let c = mixSeed(seed, 3) | 0;
  let counter = 1;
  let spare: number | null = null;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) word();
  const next = (): number => word() / 4294967296;
  return {
    next,
    integer(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296)
        throw new RangeError('integer: bound must be 1…2^32');
      const limit = 4294967296 - (4294967296 % bound);
      let value = word();
      while (value >= limit) value = word();
      return value % bound;
    },
    gaussian() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}
