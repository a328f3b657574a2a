/** How large the state of a strategy in all its instruments together may be, as JSON. */
export const STATE_BYTES_MAX = 65_536;

const DEPTH_MAX = 32;

/** Where and why `value` is no plain JSON, in words; null when it is. What JSON would drop or change silently is refused too. */
function jsonFault(value: unknown, path: string, depth = 0): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : `${path} is ${value}, which JSON can't hold; use null for what is not known`;
  if (typeof value !== 'object') return `${path} is ${kindOf(value)}, which JSON can't hold`;
  if (depth >= DEPTH_MAX) return `${path} lies more than ${DEPTH_MAX} levels deep (or within itself)`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const fault = jsonFault(value[index], `${path}[${index}]`, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return `${path} is a ${value.constructor.name}, which JSON can't hold; use plain objects and lists`;
  for (const [key, part] of Object.entries(value)) {
    const fault = jsonFault(part, `${path}.${key}`, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

const kindOf = (value: unknown): string => {
  if (value === undefined) return 'undefined';
  return typeof value === 'function' ? 'a function' : `a ${typeof value}`;
};

/** A whole state as JSON text, or, as `jsonFault`, why it can't be kept: it is to be a plain object that is not too large. */
export function stateTextOf(state: unknown, path: string): { readonly text: string } | { readonly fault: string } {
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    return { fault: `${path} must be an object` };
  const fault = jsonFault(state, path);
  if (fault !== null) return { fault };
  const text = JSON.stringify(state);
  const bytes = bytesOf(text);
  if (bytes <= STATE_BYTES_MAX) return { text };
  return { fault: `${path} is ${bytes} bytes long as JSON; at most ${STATE_BYTES_MAX} are kept` };
}

export const bytesOf = (text: string): number => new TextEncoder().encode(text).byteLength;
