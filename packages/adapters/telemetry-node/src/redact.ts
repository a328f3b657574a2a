import { namesSecret, REDACTED } from '@monsta/contracts';
import type { LogFields } from '@monsta/ports';

/** `name=value` in a URL or form, and the value behind an authorization scheme. */
const SECRET_IN_TEXT = /\b((?:access_?|listen_?)?token|signature|api_?key|secret|password|listenKey)=[^&\s"']+/gi;
const BEARER_IN_TEXT = /\b(Bearer|Basic) [\w.~+/=-]+/g;

const DEPTH_MAX = 8;
const NODES_MAX = 1_000;
const TEXT_MAX = 16_384;

/** A text without the secrets that URLs and headers carry in it, cut to 16,384 characters. */
export function scrubText(text: string): string {
  const short = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text;
  return short.replaceAll(SECRET_IN_TEXT, `$1=${REDACTED}`).replaceAll(BEARER_IN_TEXT, `$1 ${REDACTED}`);
}

/** One walk over the fields of one line. What lies too deep or is too much is left out and says so: nothing passes unseen. */
class Walk {
  #nodes = 0;
  readonly #above = new Set<object>();

  value(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return scrubText(value);
      case 'bigint':
        return value.toString();
      case 'function':
      case 'symbol':
        return `[${typeof value}]`;
      case 'object':
        return value === null ? null : this.#object(value);
      case 'number':
        // JSON has none of these, and null would say that there is no number.
        return Number.isFinite(value) ? value : String(value);
      default:
        return value;
    }
  }

  #object(value: object): unknown {
    if (this.#above.has(value)) return '[circular]';
    if (this.#above.size >= DEPTH_MAX) return '[too deep]';
    this.#above.add(value);
    try {
      return this.#content(value);
    } finally {
      this.#above.delete(value);
    }
  }

  #content(value: object): unknown {
    if (value instanceof Error) return this.#error(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof URL) return scrubText(value.href);
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name}, ${value.byteLength} bytes]`;
    if (value instanceof Map) return this.#record(value.entries());
    if (Array.isArray(value) || value instanceof Set) return this.#list(value);
    return this.#record(Object.entries(value));
  }

  #error(error: Error): unknown {
    const { name, message, stack, cause } = error;
    return {
      name,
      message: scrubText(message),
      ...(stack === undefined ? {} : { stack: scrubText(stack) }),
      ...(cause === undefined ? {} : { cause: this.value(cause) }),
      ...this.#record(Object.entries(error)),
    };
  }

  #list(items: Iterable<unknown>): unknown[] {
    const list: unknown[] = [];
    for (const item of items) {
      if (this.#exhausted()) return [...list, '[cut]'];
      list.push(this.value(item));
    }
    return list;
  }

  #record(entries: Iterable<readonly [unknown, unknown]>): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const [name, item] of entries) {
      if (this.#exhausted()) return { ...record, '[cut]': true };
      const key = String(name);
      record[key] = namesSecret(key) ? REDACTED : this.value(item);
    }
    return record;
  }

  #exhausted(): boolean {
    this.#nodes += 1;
    return this.#nodes > NODES_MAX;
  }
}

/** The fields as JSON values without secrets: at most 8 levels deep and 1,000 values wide. Never throws. */
export function redactFields(fields: LogFields): LogFields {
  try {
    const walked = new Walk().value(fields);
    return typeof walked === 'object' && walked !== null ? { ...walked } : {};
  } catch (error) {
    // A getter of the object threw: the line is worth more than its fields.
    return { fieldsUnreadable: error instanceof Error ? error.message : true };
  }
}
