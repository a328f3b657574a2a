import { MS_PER_DAY } from '@monsta/core';
import type { FlagSpec } from '../cli/arguments.ts';

/** What was typed: one text, or several where a flag may be given several times. */
type Typed = string | readonly string[];

/** A flag that stands for a part of a backtest's specification. */
export interface SpecFlag extends FlagSpec {
  /** Where in the specification, e.g. `costs.slippage`. */
  readonly path: string;
  /** What the specification holds there; undefined where it can't be read. */
  read(typed: Typed): unknown;
  /** What it should have been, for a person. */
  readonly expects?: string;
}

export const flag = (
  path: string,
  value: string,
  help: string,
  read: SpecFlag['read'],
  expects?: string,
): SpecFlag => ({ type: 'string', path, value, help, read, ...(expects === undefined ? {} : { expects }) });

const first = (typed: Typed): string => (typeof typed === 'string' ? typed : (typed[0] ?? ''));

export const asText = (typed: Typed): string => first(typed).trim();
export const asTexts = (typed: Typed): readonly string[] => (typeof typed === 'string' ? [typed] : typed);

export function asNumber(typed: Typed): number | undefined {
  const text = asText(typed);
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : value;
}

export function asJson(typed: Typed): object | undefined {
  try {
    const value: unknown = JSON.parse(first(typed));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?)?$/;

/** A time in UTC as epoch milliseconds; a day alone is its first moment, or as an end the first of the next. */
export const asDay =
  (side: 'start' | 'end') =>
  (typed: Typed): number | undefined => {
    const text = asText(typed);
    if (/^\d{10,}$/.test(text)) return Number(text);
    if (!TIME.test(text)) return undefined;
    const day = text.length === 10;
    const ms = Date.parse(day ? text : `${text.replace(' ', 'T').replace(/Z$/, '')}Z`);
    // 2024-02-31 is read as a day of March.
    if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10))) return undefined;
    return day && side === 'end' ? ms + MS_PER_DAY : ms;
  };
