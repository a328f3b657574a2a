import {
  accountSchema,
  positionSchema,
  riskSchema,
  strategySchema,
  topics,
  tradingStateSchema,
  type AccountMessage,
  type AccountReply,
  type PositionMessage,
  type PositionsReply,
  type RiskMessage,
  type RiskReply,
  type StrategiesReply,
  type StrategyMessage,
  type TradingStateMessage,
} from '@monsta/contracts';
import { msFromUs, ok, type AccountId, type Result } from '@monsta/core';
import type { EventStream, Ledger, Logger, StreamMessage, Subscription } from '@monsta/ports';
import { z } from 'zod';
import type { ProgramStatus } from './program-status.ts';

export interface AccountViewDependencies {
  readonly stream: EventStream;
  readonly ledger: Pick<Ledger, 'account'>;
  readonly logger: Logger;
  readonly accountId: AccountId;
  readonly status: () => ProgramStatus;
}

const positionsSchema = z.array(positionSchema);
const strategiesSchema = z.array(strategySchema);

/** The account, its positions and the trading state as the trading role last told them on the event stream. */
export class AccountView {
  readonly #deps: AccountViewDependencies;
  readonly #subscriptions: Subscription[] = [];
  #account: AccountMessage | null = null;
  #positions: readonly PositionMessage[] | null = null;
  #strategies: readonly StrategyMessage[] | null = null;
  #risk: RiskMessage | null = null;
  #tradingState: TradingStateMessage | null = null;

  constructor(deps: AccountViewDependencies) {
    this.#deps = deps;
  }

  start(): Result<null> {
    const views: readonly [subject: string, take: (message: StreamMessage) => void][] = [
      [topics.account, this.#taking(accountSchema, (value) => (this.#account = value))],
      [topics.positions, this.#taking(positionsSchema, (value) => (this.#positions = value))],
      [topics.strategies, this.#taking(strategiesSchema, (value) => (this.#strategies = value))],
      [topics.risk, this.#taking(riskSchema, (value) => (this.#risk = value))],
      [topics.tradingState, this.#taking(tradingStateSchema, (value) => (this.#tradingState = value))],
    ];
    for (const [subject, onMessage] of views) {
      // Each message is the whole present state, so that only the newest matters.
      const subscribed = this.#deps.stream.subscribe({ subject, queueMax: 16, overflow: 'drop-oldest', onMessage });
      if (!subscribed.ok) return subscribed;
      this.#subscriptions.push(subscribed.value);
    }
    return ok(null);
  }

  stop(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  account(): AccountReply {
    if (this.#account !== null) return { ...this.#account, absence: null };
    return {
      accountId: this.#deps.accountId,
      kind: null,
      origin: this.#deps.status().origin,
      quoteAsset: null,
      balances: null,
      equity: null,
      dayStartMs: null,
      dayStartEquity: null,
      dayProfit: null,
      peakEquity: null,
      drawdown: null,
      slippage: null,
      timeMs: null,
      absence: this.#absence('the account'),
    };
  }

  positions(): PositionsReply {
    return this.#positions === null
      ? { items: null, nextCursor: null, absence: this.#absence('positions') }
      : { items: this.#positions, nextCursor: null, absence: null };
  }

  strategies(): StrategiesReply {
    return this.#strategies === null
      ? { items: null, nextCursor: null, absence: this.#absence('strategies') }
      : { items: this.#strategies, nextCursor: null, absence: null };
  }

  risk(): RiskReply {
    return this.#risk === null ? { risk: null, absence: this.#absence('risk') } : { risk: this.#risk, absence: null };
  }

  /** Before the trading role speaks, what the ledger last held: nothing is sent to a venue until it does. */
  async tradingState(): Promise<Result<TradingStateMessage>> {
    const mode = this.#deps.status().tradingMode;
    const silent = { mode, state: 'HALTED', by: 'system', sinceMs: null } as const;
    if (mode === 'off') return ok({ ...silent, reason: 'MONSTA runs without trading' });
    if (this.#tradingState !== null) return ok(this.#tradingState);
    const stored = await this.#deps.ledger.account(this.#deps.accountId);
    if (!stored.ok) return stored;
    if (stored.value === null) return ok({ ...silent, reason: 'the trading role has not started yet' });
    const { tradingState, tradingStateReason, tradingStateBy, updatedUs } = stored.value;
    return ok({
      mode,
      state: tradingState,
      reason: tradingStateReason,
      by: tradingStateBy,
      sinceMs: msFromUs(updatedUs),
    });
  }

  #absence(what: string): { readonly code: string; readonly reason: string } {
    return this.#deps.status().tradingMode === 'off'
      ? { code: 'trading_off', reason: 'MONSTA runs without trading' }
      : { code: 'not_reported', reason: `the trading role has not reported ${what} yet` };
  }

  #taking<T extends z.ZodType>(schema: T, take: (value: z.output<T>) => void): (message: StreamMessage) => void {
    return ({ subject, payload }) => {
      const parsed = schema.safeParse(payload);
      if (parsed.success) take(parsed.data);
      else this.#deps.logger.error('a message is not in its form', { subject, reason: z.prettifyError(parsed.error) });
    };
  }
}
