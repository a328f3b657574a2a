/** A record's free-form part (what was wanted, what risk answered) as words and figures. */
export interface SpokenJson {
  /** The sentence it carries, if it carries one. */
  readonly sentence: string | null;
  /** Everything else, by name. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const SENTENCES = ['reason', 'message', 'why', 'text'] as const;
const FIELDS_MAX = 24;
const DEPTH_MAX = 3;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function collect(
  value: Readonly<Record<string, unknown>>,
  path: string,
  depth: number,
  fields: [string, string][],
): void {
  for (const [name, part] of Object.entries(value)) {
    if (fields.length >= FIELDS_MAX) return;
    const full = path === '' ? name : `${path}.${name}`;
    if (isRecord(part) && depth < DEPTH_MAX) collect(part, full, depth + 1, fields);
    else fields.push([full, textOf(part)]);
  }
}

/** Null stays null: nothing was said. */
export function speakJson(value: unknown): SpokenJson | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value)) return { sentence: textOf(value), fields: [] };
  const named = SENTENCES.find((name) => typeof value[name] === 'string');
  const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== named));
  const fields: [string, string][] = [];
  collect(rest, '', 1, fields);
  return { sentence: named === undefined ? null : textOf(value[named]), fields };
}
