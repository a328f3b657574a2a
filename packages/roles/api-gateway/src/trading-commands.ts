import {
  internalSubjects,
  tradingReplySchema,
  type TradingAction,
  type TradingCommand,
  type TradingReply,
} from '@monsta/contracts';
import { childTraceparent, err, ok, type Random, type Result } from '@monsta/core';
import type { Clock, EventStream, Subscription } from '@monsta/ports';

export interface TradingCommandsOptions {
  readonly stream: EventStream;
  readonly clock: Clock;
  /** Begins traces. */
  readonly random: Random;
  readonly timeoutMs: number;
  readonly pendingMax: number;
}

/** Asks the trading role and waits for its answer, which comes only once the change is durable. */
export class TradingCommands {
  readonly #options: TradingCommandsOptions;
  readonly #pending = new Map<string, (reply: TradingReply | null) => void>();
  readonly #epoch: string;
  #count = 0;
  #subscription: Subscription | null = null;

  constructor(options: TradingCommandsOptions) {
    this.#options = options;
    this.#epoch = options.clock.nowUs().toString(36);
  }

  start(): Result<null> {
    const subscribed = this.#options.stream.subscribe({
      subject: internalSubjects.tradingReplies,
      queueMax: 4 * this.#options.pendingMax,
      overflow: 'drop-oldest',
      onMessage: ({ payload }) => {
        const parsed = tradingReplySchema.safeParse(payload);
        if (parsed.success) this.#pending.get(parsed.data.id)?.(parsed.data);
      },
    });
    if (!subscribed.ok) return subscribed;
    this.#subscription = subscribed.value;
    return ok(null);
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  /** `traceparent`: the caller's W3C trace context, gone on with; null begins one. Faults: those of the trading role, `too_many_requests`, `not_ready`, and `outcome_unknown` when no answer came in time. */
  async ask(action: TradingAction, actor: string, traceparent: string | null): Promise<Result<TradingReply>> {
    const { stream, clock, random, timeoutMs, pendingMax } = this.#options;
    if (this.#pending.size >= pendingMax)
      return err('too_many_requests', `${pendingMax} changes are under way; wait for their answers`, {
        retry: 'retryable',
        retryAfterMs: timeoutMs,
      });
    this.#count += 1;
    const id = `${this.#epoch}-${this.#count}`;
    const command: TradingCommand = { id, actor, action };
    const answer = new Promise<TradingReply | null>((resolve) => {
      const timer = clock.setTimer(timeoutMs, () => resolve(null));
      this.#pending.set(id, (reply) => {
        timer.cancel();
        resolve(reply);
      });
    });
    const sent = stream.publish(internalSubjects.tradingCommands, command, {
      tsEventUs: clock.nowUs(),
      traceparent: childTraceparent(traceparent, random),
    });
    if (!sent.ok) {
      this.#pending.get(id)?.(null);
      this.#pending.delete(id);
      return err('not_ready', 'the change could not be sent to the trading role; nothing was changed', {
        retry: 'retryable',
        cause: sent.fault,
      });
    }
    const reply = await answer;
    this.#pending.delete(id);
    if (reply === null)
      return err(
        'outcome_unknown',
        `the trading role gave no answer within ${timeoutMs} ms; the change may or may not have been made: read the state again before you repeat it`,
        { retry: 'unknown_outcome' },
      );
    if (reply.error === null) return ok(reply);
    const { code, message, details } = reply.error;
    return err(code, message, details === undefined ? {} : { details });
  }
}
