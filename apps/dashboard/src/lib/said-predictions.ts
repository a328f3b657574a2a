/** What one model said at a decision. */
export interface SaidPrediction {
  readonly model: string;
  readonly interval: string;
  /** Null when it had nothing to say. */
  readonly probabilityUp: number | null;
  readonly hasVote: boolean;
  /** Why it had nothing to say. */
  readonly reason: string | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function one(value: unknown): SaidPrediction | null {
  if (!isRecord(value)) return null;
  const { model, interval, probabilityUp, hasVote, absence } = value;
  if (typeof model !== 'string' || typeof interval !== 'string' || typeof hasVote !== 'boolean') return null;
  if (probabilityUp !== null && typeof probabilityUp !== 'number') return null;
  const reason = isRecord(absence) && typeof absence['reason'] === 'string' ? absence['reason'] : null;
  return { model, interval, probabilityUp, hasVote, reason };
}

/** Reads a decision's record of predictions; null when it is in another form and has to be shown as it is. */
export function saidPredictions(value: unknown): readonly SaidPrediction[] | null {
  if (value === null || value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const read = list.map(one);
  return read.every((each) => each !== null) ? read : null;
}
