import type { ParameterSpecMessage } from '@monsta/contracts';

export type ParameterValue = number | string | boolean;

export interface ParameterFault {
  readonly code: 'integer' | 'number' | 'range' | 'choice';
  readonly min: number;
  readonly max: number;
}

export interface ReadParameters {
  readonly faults: Readonly<Record<string, ParameterFault>>;
  /** What differs from the values in force; null while something is wrong. */
  readonly changes: Readonly<Record<string, ParameterValue>> | null;
}

const NUMBER = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;

type ReadValue = { readonly value: ParameterValue } | { readonly fault: ParameterFault };

function readOne(spec: ParameterSpecMessage, text: string): ReadValue {
  if (spec.kind === 'boolean') return { value: text === 'true' };
  if (spec.kind === 'choice')
    return spec.options.includes(text) ? { value: text } : { fault: { code: 'choice', min: 0, max: 0 } };
  const { min, max, kind } = spec;
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return { fault: { code: kind, min, max } };
  if (kind === 'integer' && !Number.isInteger(value)) return { fault: { code: 'integer', min, max } };
  return value < min || value > max ? { fault: { code: 'range', min, max } } : { value };
}

/** Reads a form of parameters against their specs: what is out of range, and what would change. */
export function readParameters(
  specs: Readonly<Record<string, ParameterSpecMessage>>,
  inForce: Readonly<Record<string, ParameterValue>>,
  texts: Readonly<Record<string, string>>,
): ReadParameters {
  const faults: Record<string, ParameterFault> = {};
  const changes: Record<string, ParameterValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const read = readOne(spec, texts[name] ?? '');
    if ('fault' in read) faults[name] = read.fault;
    else if (read.value !== inForce[name]) changes[name] = read.value;
  }
  return { faults, changes: Object.keys(faults).length === 0 ? changes : null };
}

/** The parameters that a sentence of the server names, as `'fast'` or as a word. */
export const namedIn = (message: string, names: readonly string[]): readonly string[] => {
  const words = new Set(message.split(/[^A-Za-z0-9_]+/));
  return names.filter((name) => words.has(name));
};
