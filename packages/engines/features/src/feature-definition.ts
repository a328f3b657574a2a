import type { FeatureGraph } from './feature-graph.ts';
import type { Column } from './nodes/node.ts';

/**
 * What a feature is made of.
 * - `window`: of the newest bars alone, exactly `warmUpBars` of them.
 * - `recursive`: a recursion by origin, reckoned over exactly `warmUpBars` bars, so that it does not depend on where the history begins; `tolerance` says how far the endless recursion may be.
 * - `calendar`: of the bar's time.
 * - `cross-asset`: of another instrument's bars of the same times, too.
 * - `flow`, `depth`: of trades and of the book, where they are known.
 * - `user`: somebody's own.
 */
export type FeatureKind = 'window' | 'recursive' | 'calendar' | 'cross-asset' | 'flow' | 'depth' | 'user';

/** What a parameter may be; whole numbers unless said otherwise. */
export interface ParameterRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly fraction?: true;
}

export type Parameters = Readonly<Record<string, number>>;

/** A feature with its parameters still open. */
export interface FeatureFamily {
  readonly name: string;
  /** Rises when the same parameters give other numbers. */
  readonly version: number;
  readonly kind: FeatureKind;
  /** What it is, as a formula. */
  readonly formula: string;
  /** Who defined it. */
  readonly source: string;
  readonly unit: string;
  readonly range: string;
  readonly parameters: Readonly<Record<string, ParameterRange>>;
  /** True: needs the other instrument's name, `of`. */
  readonly ofOther: boolean;
  /** Contiguous closed bars from the first on which it is known. */
  warmUpBars(parameters: Parameters): number;
  /** What is wrong between the parameters; null: nothing. */
  fault(parameters: Parameters): string | null;
  /** How far from the endless recursion, in its unit; null where there is none. */
  tolerance(parameters: Parameters): number | null;
  build(graph: FeatureGraph, parameters: Parameters, other: string): Column;
}

interface FamilyText<Name extends string> {
  readonly name: string;
  readonly version?: number;
  readonly kind?: FeatureKind;
  readonly formula: string;
  readonly source: string;
  readonly unit: string;
  readonly range: string;
  readonly parameters: Readonly<Record<Name, ParameterRange>>;
  readonly ofOther?: boolean;
  warmUpBars(parameters: Readonly<Record<Name, number>>): number;
  fault?(parameters: Readonly<Record<Name, number>>): string | null;
  tolerance?(parameters: Readonly<Record<Name, number>>): number;
  build(graph: FeatureGraph, parameters: Readonly<Record<Name, number>>, other: string): Column;
}

/** A family whose functions know their parameters by name. */
export function family<Name extends string>(text: FamilyText<Name>): FeatureFamily {
  // Declarations are filled in and checked against `parameters` before any of these is called.
  const typed = (parameters: Parameters): Readonly<Record<Name, number>> => parameters;
  return {
    version: 1,
    kind: 'window',
    ofOther: false,
    ...text,
    warmUpBars: (parameters) => text.warmUpBars(typed(parameters)),
    fault: (parameters) => text.fault?.(typed(parameters)) ?? null,
    tolerance: (parameters) => text.tolerance?.(typed(parameters)) ?? null,
    build: (graph, parameters, other) => text.build(graph, typed(parameters), other),
  };
}

/** The longest window, in bars of its interval. */
export const WINDOW_BARS_MAX = 2_000;

/** A window's length as a parameter. */
export const bars = (preset: number, min = 1): ParameterRange => ({ default: preset, min, max: WINDOW_BARS_MAX });

/** A feature ready to be reckoned: one column. */
export interface FeatureDefinition {
  /** The column's name: family, parameters, `x4` for bars four times as long. */
  readonly name: string;
  readonly family: string;
  readonly version: number;
  readonly kind: FeatureKind;
  readonly parameters: Parameters;
  /** Bars of the run to one of the feature; 1: the run's own. */
  readonly times: number;
  /** The other instrument; null where there is none. */
  readonly of: string | null;
  readonly formula: string;
  readonly source: string;
  readonly unit: string;
  readonly range: string;
  /** In bars of the run. */
  readonly warmUpBars: number;
  readonly tolerance: number | null;
  /** What the numbers depend on, as text: another text, other numbers. */
  readonly identity: string;
  build(graph: FeatureGraph): Column;
}
