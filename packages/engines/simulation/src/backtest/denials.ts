import type { KernelOutput } from '@monsta/trading';
import type { DenialCounts } from './outcome.ts';

/** Counts what was refused, by the rule of risk or the venue's word that refused it. */
export class Denials {
  readonly #counts = new Map<string, number>();

  heard(output: KernelOutput): void {
    if (output.kind === 'decision') for (const rule of rulesOf(output.decision.risk)) this.#count(rule);
    else if (output.kind === 'order' && output.order.status === 'rejected')
      this.#count(output.order.reasonCode ?? 'rejected');
  }

  #count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
  }

  /** For `goOn`. */
  state(): readonly (readonly [rule: string, count: number])[] {
    return [...this.#counts];
  }

  goOn(state: readonly (readonly [rule: string, count: number])[]): void {
    for (const [rule, count] of state) this.#counts.set(rule, count);
  }

  /** By rule, in the order of their names. */
  get counts(): DenialCounts {
    return Object.fromEntries([...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}

interface Answer {
  readonly result?: unknown;
  readonly rule?: unknown;
  readonly answers?: readonly Answer[];
}

/** Of several answers each is looked at. */
function rulesOf(risk: unknown): readonly string[] {
  if (typeof risk !== 'object' || risk === null) return [];
  const answer = risk as Answer;
  return (answer.answers ?? [answer]).flatMap(({ result, rule }) =>
    result === 'denied' && typeof rule === 'string' ? [rule] : [],
  );
}
