/** A record's free-form part (what was wanted, what risk answered) as words and figures. */
export interface SpokenJson {
  /** `approved`, `denied` …; null where the record names no result. */
  readonly result: string | null;
  /** The sentence it carries, if it carries one. */
  readonly sentence: string | null;
  /** Everything else that is known, by name. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const SENTENCES = ['reason', 'message'] as const;
const FIELDS_MAX = 24;
const DEPTH_MAX = 3;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Field = readonly [string, string];

function fieldsOf(value: Readonly<Record<string, unknown>>, path: string, depth: number): readonly Field[] {
  return Object.entries(value).flatMap(([name, part]): readonly Field[] => {
    const full = path === '' ? name : `${path}.${name}`;
    if (part === null || part === undefined) return [];
    return isRecord(part) && depth < DEPTH_MAX ? fieldsOf(part, full, depth + 1) : [[full, textOf(part)]];
  });
}

/** Null stays null: nothing was said. */
export function speakJson(value: unknown): SpokenJson | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value)) return { result: null, sentence: textOf(value), fields: [] };
  const { result, ...other } = value;
  const named = SENTENCES.find((name) => typeof other[name] === 'string');
  const rest = Object.fromEntries(Object.entries(other).filter(([name]) => name !== named));
  return {
    result: typeof result === 'string' ? result : null,
    sentence: named === undefined ? null : textOf(other[named]),
    fields: fieldsOf(typeof result === 'string' ? rest : value, '', 1)
      .filter(([name]) => name !== named)
      .slice(0, FIELDS_MAX),
  };
}
