import type { InstrumentId, StrategyId } from '@monsta/core';
import type { Observation } from './probe.ts';

/** Something that came out otherwise where only what must not matter was changed. */
export interface Finding {
  readonly kind: 'ask' | 'indicator';
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  /** The indicator; of an ask, the handler. */
  readonly name: string;
  /** When it was said. */
  readonly atMs: number;
  /** What was changed: the future cut off, or replaced by garbage, behind `changedMs`; or how many bars of history there were. */
  readonly change: 'truncated' | 'garbage' | 'history';
  /** The last moment that was left as it was; of `history` the number of bars before the start. */
  readonly changed: number;
  /** What was said with all the data, and then. */
  readonly whole: string;
  readonly altered: string;
}

const nameOf = ({ kind, strategyId, instrument, name }: Finding): string =>
  `${kind}:${strategyId}:${instrument}:${name}`;

/** Of each kind, strategy, instrument and name the earliest. */
export class FirstFindings {
  readonly #first = new Map<string, Finding>();

  add(finding: Finding): void {
    const known = this.#first.get(nameOf(finding));
    if (known === undefined || finding.atMs < known.atMs) this.#first.set(nameOf(finding), finding);
  }

  get all(): readonly Finding[] {
    return [...this.#first.values()];
  }
}

const said = (asks: readonly string[]): string => (asks.length === 0 ? 'nothing' : asks.join('; '));

const keyOf = ({ strategyId, instrument, handler, atMs }: Observation): string =>
  `${strategyId}:${instrument}:${handler}:${atMs}`;

/** What was observed in one run, to be compared with another's. */
export class Observed {
  readonly #all = new Map<string, Observation[]>();
  #count = 0;

  add(observation: Observation): void {
    const key = keyOf(observation);
    const same = this.#all.get(key);
    if (same === undefined) this.#all.set(key, [observation]);
    else same.push(observation);
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The first differences of each kind and name within a span of time (both ends included). At its very end only bars are compared: what follows from the next open, or rings then,
   * is not there where the data ends.
   */
  differences(
    other: Observed,
    fromMs: number,
    toMs: number,
    how: Pick<Finding, 'change' | 'changed'>,
  ): readonly Finding[] {
    const found = new FirstFindings();
    const note = (finding: Finding): void => found.add(finding);
    for (const key of new Set([...this.#all.keys(), ...other.#all.keys()])) {
      const [mine, theirs] = [this.#all.get(key) ?? [], other.#all.get(key) ?? []];
      const [any] = [...mine, ...theirs];
      if (any === undefined || any.atMs < fromMs || any.atMs > toMs) continue;
      if (any.atMs === toMs && any.handler !== 'onBar') continue;
      const { strategyId, instrument, handler, atMs } = any;
      const at = { strategyId, instrument, atMs, ...how };
      const [whole, altered] = [said(mine.flatMap(({ asks }) => asks)), said(theirs.flatMap(({ asks }) => asks))];
      if (whole !== altered) note({ kind: 'ask', name: handler, whole, altered, ...at });
      for (const [name, value] of mine[0]?.indicators ?? []) {
        const now = theirs[0]?.indicators.get(name);
        if (now !== undefined && now !== value) note({ kind: 'indicator', name, whole: value, altered: now, ...at });
      }
    }
    return found.all;
  }
}
