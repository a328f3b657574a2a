const TAG = '$bigint';

/** What `JSON.stringify` can write of `value`: each bigint becomes `{"$bigint":"…"}`, the rest stays as it is. For plain data only. */
export function toJsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return { [TAG]: value.toString() };
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJsonValue(part)]));
  }
  return value;
}

/** The inverse of `toJsonValue`. */
export function fromJsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJsonValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && first[0] === TAG && typeof first[1] === 'string')
    return BigInt(first[1]);
  return Object.fromEntries(entries.map(([key, part]) => [key, fromJsonValue(part)]));
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The same text for the same JSON value, whatever order its keys were written in. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted);
