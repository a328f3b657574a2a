import { malformed } from './model-faults.ts';

const NOT_FINITE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity|inf)\b/gu;

/** JSON; also with the bare words `NaN` and `Infinity`, which XGBoost writes among its numbers: they come as text. */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (/NaN|nan|Infinity|inf/u.test(text)) {
      try {
        return JSON.parse(text.replaceAll(NOT_FINITE, (token) => (token.startsWith('"') ? token : `"${token}"`)));
      } catch {
        // The first complaint is about the text as it was given.
      }
    }
    return malformed('the file', `it is no JSON (${error instanceof Error ? error.message : 'unknown reason'})`);
  }
}

/** Members of a JSON object by name; a fault at `where` for anything else. */
export function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed(where, 'it is no object');
  return { ...value };
}

export function listAt(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : malformed(where, 'it is no list');
}

/** A number, or the text of one as XGBoost writes its parameters; also `NaN` and `Infinity`. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const text = value.trim();
  if (/^-?(?:inf|Infinity)$/u.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (text === 'NaN' || text === 'nan') return NaN;
  const number = Number(text);
  return Number.isNaN(number) ? null : number;
}

/** A whole number from 0 to `max`. */
export function countAt(value: unknown, where: string, max: number): number {
  const number = numberOf(value);
  if (number === null || !Number.isInteger(number) || number < 0 || number > max)
    return malformed(where, `it is no whole number from 0 to ${max}`);
  return number;
}

/** A list of numbers of that length. */
export function numbersAt(value: unknown, where: string, length: number): Float64Array {
  const list = listAt(value, where);
  if (list.length !== length) return malformed(where, `it holds ${list.length} numbers instead of ${length}`);
  const numbers = new Float64Array(length);
  for (let index = 0; index < length; index += 1) {
    const item = list[index];
    const number = typeof item === 'number' ? item : typeof item === 'boolean' ? Number(item) : numberOf(item);
    if (number === null) return malformed(`${where}[${index}]`, 'it is no number');
    numbers[index] = number;
  }
  return numbers;
}

/** A list of whole numbers of that length, each from `min` to `max`. */
export function integersAt(value: unknown, where: string, length: number, min: number, max: number): Float64Array {
  const numbers = numbersAt(value, where, length);
  const wrong = numbers.findIndex((number) => !Number.isInteger(number) || number < min || number > max);
  if (wrong >= 0) return malformed(`${where}[${wrong}]`, `it is no whole number from ${min} to ${max}`);
  return numbers;
}
