/** `timeoutMs` ↔ `timeout_ms`: configuration is written in snake case, code in camel case. */
export const toSnake = (key: string): string =>
  key.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (key: string): string => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Below these a user's own names stand, which are nobody's to rename. */
const VERBATIM: ReadonlySet<string> = new Set([
  'trading.strategies.*.parameters',
  'models.executors.*.parameters',
  'paper.startingBalances',
  'paper.starting_balances',
]);

/** A path in one text; the places of a list count as one. */
export const patternOf = (path: readonly string[]): string =>
  path.map((part) => (/^\d+$/.test(part) ? '*' : part)).join('.');

/** True where names are a user's own. */
export const isVerbatim = (path: readonly string[]): boolean => VERBATIM.has(patternOf(path));

/** Renames the keys of all nested objects but those below `VERBATIM`. Two keys that fall together (`a_b` and `aB`) are reported through `onClash`. */
export function camelKeys(
  value: unknown,
  path: readonly string[],
  onClash: (path: readonly string[]) => void,
): unknown {
  if (Array.isArray(value)) return value.map((item, index) => camelKeys(item, [...path, String(index)], onClash));
  if (value === null || typeof value !== 'object' || isVerbatim(path)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = toCamel(key);
    if (Object.hasOwn(result, name)) onClash([...path, key]);
    result[name] = camelKeys(inner, [...path, key], onClash);
  }
  return result;
}
