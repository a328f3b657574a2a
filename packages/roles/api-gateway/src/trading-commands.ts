import {
  internalSubjects,
  tradingStateSchema,
  type TradingCommand,
  type TradingStateChange,
  type TradingStateMessage,
} from '@monsta/contracts';
import { childTraceparent, err, ok, type Random, type Result } from '@monsta/core';
import type { Clock, EventStream, Subscription } from '@monsta/ports';
import { z } from 'zod';

const replySchema = z.object({
  id: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  state: tradingStateSchema.nullable(),
});
type Reply = z.infer<typeof replySchema>;

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
  readonly #pending = new Map<string, (reply: Reply) => void>();
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
        const parsed = replySchema.safeParse(payload);
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
  async setState(
    change: TradingStateChange,
    actor: string,
    traceparent: string | null,
  ): Promise<Result<TradingStateMessage>> {
    const { stream, clock, random, timeoutMs, pendingMax } = this.#options;
    if (this.#pending.size >= pendingMax)
      return err('too_many_requests', `${pendingMax} changes are under way; wait for their answers`, {
        retry: 'retryable',
        retryAfterMs: timeoutMs,
      });
    this.#count += 1;
    const id = `${this.#epoch}-${this.#count}`;
    const command: TradingCommand = { id, kind: 'set-state', actor, ...change };
    const answer = new Promise<Reply | null>((resolve) => {
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
      this.#pending.get(id)?.({ id, error: null, state: null });
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
        `the trading role gave no answer within ${timeoutMs} ms; the change may or may not have been made: read /api/v1/trading/state`,
        { retry: 'unknown_outcome' },
      );
    if (reply.error !== null) return err(reply.error.code, reply.error.message);
    if (reply.state === null) return err('internal', 'the trading role answered without a state');
    return ok(reply.state);
  }
}
