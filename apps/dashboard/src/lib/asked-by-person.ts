const COMMANDS = [
  'set-state',
  'place-order',
  'cancel-order',
  'cancel-all',
  'close-position',
  'set-strategy',
  'set-parameters',
] as const;

export interface AskedByPerson {
  readonly command: (typeof COMMANDS)[number];
  readonly actor: string;
  /** What else was said, without the ids of machines. */
  readonly terms: Readonly<Record<string, unknown>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the wish of a decision that a person's command left; null for any other. */
export function askedByPerson(wanted: unknown): AskedByPerson | null {
  if (!isRecord(wanted)) return null;
  const { command, actor, requestId: _id, ...terms } = wanted;
  const known = COMMANDS.find((each) => each === command);
  return known === undefined || typeof actor !== 'string' ? null : { command: known, actor, terms };
}
