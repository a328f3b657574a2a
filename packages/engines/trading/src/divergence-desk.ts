import type { AccountId, TimestampUs } from '@monsta/core';
import type { Emit } from './kernel-types.ts';
import type { DivergenceFound } from './reconcile.ts';
import type { TradingGate } from './trading-gate.ts';

/** Divergences that are known to stand; more than these are told once there is room, when some of them are gone. */
const STANDING_MAX = 1_000;

/** A divergence that the last comparison found. `told`: it is on record; else the next comparison has to find it too. */
interface Standing {
  readonly id: string;
  readonly told: boolean;
}

interface DivergenceDeskParts {
  readonly config: { readonly accountId: AccountId };
  readonly gate: TradingGate;
  readonly emit: Emit;
}

/** Tells each divergence that comparisons with the venue find once for as long as it stands, over restarts too; again only when it had been gone in between. */
export class DivergenceDesk {
  readonly #parts: DivergenceDeskParts;
  #standing: readonly Standing[] = [];
  #moved = false;

  constructor(parts: DivergenceDeskParts) {
    this.#parts = parts;
  }

  /** Durable, and all there is. */
  get state(): readonly Standing[] {
    return this.#standing;
  }

  restore(state: readonly Standing[]): void {
    this.#standing = state;
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** What a comparison has found: all that is wrong now. */
  compared(found: readonly DivergenceFound[], nowUs: TimestampUs): void {
    const before = new Map(this.#standing.map(({ id, told }) => [id, told]));
    const kept = found.filter(({ id }) => before.has(id));
    const come = found.filter(({ id }) => !before.has(id));
    const standing = [...kept, ...come].slice(0, STANDING_MAX).map((each): Standing => {
      const known = before.get(each.id);
      if (known === true) return { id: each.id, told: true };
      const certain = each.grade === 'seen' || known === false;
      if (certain) this.#tell(each, nowUs);
      return { id: each.id, told: certain };
    });
    if (before.size === 0 && standing.length === 0) return;
    this.#moved ||= standing.length !== before.size || standing.some(({ id, told }) => before.get(id) !== told);
    this.#standing = standing;
  }

  #tell({ id, code, message, grade }: DivergenceFound, nowUs: TimestampUs): void {
    const { emit, gate, config } = this.#parts;
    // When it comes back it is another one.
    const divergence = { id: `${id}:${nowUs}`, code, message, accountId: config.accountId, tsUs: nowUs };
    emit({ kind: 'divergence', divergence });
    if (grade !== 'breach') return;
    gate.raise({
      code: 'order_divergence',
      state: 'REDUCING',
      reason: `ledger and venue differ (${message}); only exits until a person resumes`,
      by: 'system',
      sinceUs: nowUs,
      lasting: true,
    });
  }
}
