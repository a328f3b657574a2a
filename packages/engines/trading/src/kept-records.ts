import type { KernelOutput } from './kernel-types.ts';
import { isDenied } from './risk.ts';

/**
 * Which records the kernel makes. They are for who keeps them: nothing that it does later follows from one, so that it decides, sends and books the same with all of them and with
 * none. Orders, fills, trips that ended, requests, replies and notes are said always.
 */
export interface KeptRecords {
  /** `denials`: only those in which risk or the kernel refused something that was asked for. */
  readonly decisions: 'all' | 'denials' | 'none';
  /** What a restart goes on from and what people look back on, as the ledger has it: `strategy`, `position`, `round-trip`, `equity`, `balances` and `account`. */
  readonly ledger: boolean;
}

export const ALL_RECORDS: KeptRecords = { decisions: 'all', ledger: true };

function isOfLedger(kind: KernelOutput['kind']): boolean {
  switch (kind) {
    case 'strategy':
    case 'position':
    case 'round-trip':
    case 'equity':
    case 'balances':
    case 'account':
      return true;
    default:
      return false;
  }
}

/** Whether a decision is kept that tells of these answers. */
export const keepsDecisionOn = (answered: readonly { readonly risk: unknown }[], { decisions }: KeptRecords): boolean =>
  decisions === 'all' || (decisions === 'denials' && answered.some(({ risk }) => isDenied(risk)));

/** Whether an output is said at all. Who makes a record that costs something asks before. */
export function isKept(output: KernelOutput, { decisions, ledger }: KeptRecords): boolean {
  if (output.kind === 'decision')
    return decisions === 'all' || (decisions === 'denials' && isDenied(output.decision.risk));
  return ledger || !isOfLedger(output.kind);
}
