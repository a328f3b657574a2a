import type { Amount, TimestampUs } from '@monsta/core';
import type { AccountMonitor } from './account-monitor.ts';
import { beginFlatten, stepFlatten, type FlattenState } from './flatten.ts';
import type { Answer, KernelAction } from './kernel-action.ts';
import type { KernelConfig, KernelInput } from './kernel-types.ts';
import type { Emit, OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import type { TradingGate } from './trading-gate.ts';

export type CommandInput = Extract<KernelInput, { kind: 'command' }>;

type Of<K extends KernelAction['kind']> = Extract<KernelAction, { kind: K }>;

const DONE: Answer = { error: null, orders: [], repeated: false, note: null };
const refused = (code: string, message: string): Answer => ({ ...DONE, error: { code, message } });

interface CommandDeskParts {
  readonly config: KernelConfig;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly gate: TradingGate;
  readonly monitor: AccountMonitor;
  readonly emit: Emit;
}

/** Carries out what a person asks for. Each command is answered once, when what it did is recorded. */
export class CommandDesk {
  readonly #parts: CommandDeskParts;
  #flatten: FlattenState | null = null;
  #moved = false;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
  }

  /** True while positions are being closed at the market. */
  get flattening(): boolean {
    return this.#flatten !== null;
  }

  get state(): FlattenState | null {
    return this.#flatten;
  }

  restore(state: FlattenState | null): void {
    this.#flatten = state;
  }

  /** True when something has to be recorded with the account. */
  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  handle({ id, actor, action }: CommandInput, nowUs: TimestampUs): void {
    const { emit, gate } = this.#parts;
    const answer = this.#carryOut(action, actor, nowUs);
    emit({ kind: 'reply', id, gate: gate.current(), ...answer });
  }

  #carryOut(action: KernelAction, actor: string, nowUs: TimestampUs): Answer {
    if (action.kind === 'set-state') return this.#setState(action, actor, nowUs);
    return refused('not_ready', `${action.kind} can not be carried out by this version`);
  }

  #setState({ state, reason, flatten }: Of<'set-state'>, actor: string, nowUs: TimestampUs): Answer {
    const { emit, gate, monitor } = this.#parts;
    if (flatten && state === 'ACTIVE')
      return refused('parameter_invalid', 'flatten goes with HALTED or REDUCING, not with ACTIVE');
    this.#moved = true;
    const message = `${actor} set trading to ${state}: ${reason}`;
    emit({ kind: 'note', level: 'warn', code: 'trading_state_set', message });
    if (state === 'ACTIVE') {
      this.#flatten = null;
      const lifted = { dailyLoss: gate.has('daily_loss'), drawdown: gate.has('drawdown') };
      gate.resume(reason, nowUs);
      monitor.resume(this.#equity(), lifted);
    } else {
      gate.raise({ code: 'user', state, reason, by: 'user', sinceUs: nowUs, lasting: true });
      this.#flatten = flatten ? beginFlatten(nowUs) : null;
    }
    if (flatten || state === 'HALTED') this.cancelAll(nowUs);
    return DONE;
  }

  cancelAll(nowUs: TimestampUs): void {
    const { portfolio, desk } = this.#parts;
    for (const order of portfolio.workingOrders()) desk.cancel(order, nowUs);
  }

  /** Brings flattening a step further. */
  settle(nowUs: TimestampUs): void {
    if (this.#flatten === null) return;
    const next = stepFlatten(this.#flatten, nowUs, this.#parts);
    if (next !== this.#flatten) this.#moved = true;
    this.#flatten = next;
  }

  #equity(): Amount | null {
    return this.#parts.portfolio.equity(this.#parts.config.quoteAsset);
  }
}
