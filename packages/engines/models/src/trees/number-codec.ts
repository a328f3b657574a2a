import { objectAt } from './loose-json.ts';
import { malformed } from './model-faults.ts';

type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** The constructors of those, over bytes of their own. */
interface NumbersOf<T extends Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): T;
  new (length: number): T;
}

/**
 * Numbers as text: base64 of their bytes, little-endian as on every machine that MONSTA runs on; or, where few of them differ and it is shorter, base64 of those that do and a code (a byte, or two
 * where they are more than 256) for each number. No bit is lost either way.
 */
export type StoredNumbers = string | { readonly numbers: string; readonly codes: string };

/** Most numbers that two bytes tell apart. */
const CODES_MAX = 65_536;

const base64 = (numbers: Numbers | Uint16Array): string =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice().toBase64();

/** Zeros of both signs are different numbers. */
const keyOf = (value: number): number | string => (Object.is(value, -0) ? '-0' : value);

export function encodeNumbers(numbers: Numbers): StoredNumbers {
  const { length, BYTES_PER_ELEMENT: bytes } = numbers;
  const plain = (): string => base64(numbers);
  if (bytes === 1) return plain();
  const known = new Map<number | string, number>();
  const codes = new Uint16Array(length);
  for (let index = 0; index < length; index += 1) {
    const value = numbers[index] as number;
    // Not all that is no number has the same bits.
    if (Number.isNaN(value)) return plain();
    const key = keyOf(value);
    let code = known.get(key);
    if (code === undefined) {
      code = known.size;
      if (code === CODES_MAX) return plain();
      known.set(key, code);
    }
    codes[index] = code;
  }
  const isShort = known.size <= 256;
  if (known.size * bytes + length * (isShort ? 1 : 2) >= length * bytes) return plain();
  const different = Float64Array.from(known.keys(), Number);
  const kept = numbers instanceof Float64Array ? different : new Int32Array(new Uint32Array(different).buffer);
  return { numbers: base64(kept), codes: base64(isShort ? Uint8Array.from(codes) : codes) };
}

function bytesOf(text: unknown, unit: number, where: string): ArrayBuffer {
  if (typeof text !== 'string') return malformed(where, 'it is no text');
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch {
    return malformed(where, 'it is no base64');
  }
  if (bytes.length % unit !== 0) malformed(where, `${bytes.length} bytes are no whole numbers of ${unit}`);
  return bytes.buffer;
}

/** The inverse of `encodeNumbers`; `where` names the place in complaints. */
export function decodeNumbers<T extends Numbers>(stored: unknown, kind: NumbersOf<T>, where: string): T {
  const unit = kind.BYTES_PER_ELEMENT;
  if (typeof stored === 'string') return new kind(bytesOf(stored, unit, where));
  const { numbers, codes } = objectAt(stored, where);
  const different = new kind(bytesOf(numbers, unit, `${where}.numbers`));
  const code =
    different.length <= 256
      ? new Uint8Array(bytesOf(codes, 1, `${where}.codes`))
      : new Uint16Array(bytesOf(codes, 2, `${where}.codes`));
  const out = new kind(code.length);
  for (let index = 0; index < code.length; index += 1) {
    const at = code[index] as number;
    if (at >= different.length)
      malformed(`${where}.codes`, `code ${at} stands for none of ${different.length} numbers`);
    out[index] = different[at] as number;
  }
  return out;
}
