import {
  isAtLeast,
  timestampUs,
  type Alert,
  type AlertDelivery,
  type AlertKind,
  type AlertSeverity,
  type Fault,
  type Random,
} from '@monsta/core';
import type { Clock, Logger, Notifier, Timer } from '@monsta/ports';
import type { NotifierConfig } from './config.ts';
import type { NotifierMetrics } from './metrics.ts';
import { reasons, sumAlert, type AlertLanguage } from './words.ts';

/** A way to a person, and what of all alerts goes through it. */
export interface AlertChannel {
  readonly notifier: Notifier;
  readonly minSeverity: AlertSeverity;
  /** Null: all. */
  readonly kinds: readonly AlertKind[] | null;
  readonly perHourMax: number;
  readonly burstMax: number;
}

export interface ChannelParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: NotifierMetrics;
  readonly config: NotifierConfig;
  readonly language: AlertLanguage;
  /** Something became of an alert. */
  readonly settled: (alert: Alert, delivery: AlertDelivery) => void;
}

interface Waiting {
  readonly alert: Alert;
  /** Our monotonic time after which it is too old. */
  readonly endMs: number;
}

const HOUR_MS = 3_600_000;
/** Alerts that a sum remembers singly; what is more is counted by the oldest of them. */
const HELD_MAX = 10_000;

/**
 * One channel: a bounded line, one message at a time. Critical alerts go first and are never held back by the rate; what the rate or the line has no room for is summed up
 * in one message. After a failure it waits, longer each time; after several in a row it is left alone for a while.
 */
export class Channel {
  readonly name: string;
  readonly #channel: AlertChannel;
  readonly #parts: ChannelParts;
  readonly #waiting: Waiting[] = [];
  readonly #held: Alert[] = [];
  #tokens: number;
  #refilledMs: number;
  #failures = 0;
  #notBeforeMs = 0;
  #timer: Timer | null = null;
  #sending: Promise<void> | null = null;
  #open = true;

  constructor(channel: AlertChannel, parts: ChannelParts) {
    this.name = channel.notifier.name;
    this.#channel = channel;
    this.#parts = parts;
    this.#tokens = channel.burstMax;
    this.#refilledMs = parts.clock.monotonicMs();
  }

  /** True when alerts of the kind and severity go through it. */
  wants({ kind, severity }: Alert): boolean {
    const { minSeverity, kinds } = this.#channel;
    return isAtLeast(severity, minSeverity) && (kinds === null || kinds.includes(kind));
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** True while a message is on its way. */
  get busy(): boolean {
    return this.#sending !== null;
  }

  /** Puts an alert in line; `ageMs`: how old it is. */
  offer(alert: Alert, ageMs: number): void {
    const { clock, config } = this.#parts;
    if (this.#waiting.length >= config.queueMax) this.#makeRoom();
    const entry = { alert, endMs: clock.monotonicMs() + config.sendWithinMs - ageMs };
    // Behind all that are as urgent: in order within a severity.
    const at = this.#waiting.findLastIndex((other) => isAtLeast(other.alert.severity, alert.severity)) + 1;
    this.#waiting.splice(at, 0, entry);
    this.#wake();
  }

  /** Takes nothing more out of its line. What is on its way may still arrive. */
  stop(): void {
    this.#open = false;
    this.#timer?.cancel();
  }

  /** The least urgent is at the end of the line; the oldest of its severity gives way. */
  #makeRoom(): void {
    const least = this.#waiting.at(-1)?.alert.severity;
    const at = this.#waiting.findIndex(({ alert }) => alert.severity === least);
    const [gone] = this.#waiting.splice(at, 1);
    if (gone === undefined) return;
    if (gone.alert.severity === 'critical') this.#settle(gone.alert, 'failed', reasons.full);
    else this.#hold(gone.alert);
  }

  #hold(alert: Alert): void {
    if (this.#held.length >= HELD_MAX) this.#held.shift();
    this.#held.push(alert);
    this.#settle(alert, 'summed_up', reasons.summedUp);
  }

  #settle(alert: Alert, status: AlertDelivery['status'], reason: string | null): void {
    const { metrics, clock, settled } = this.#parts;
    metrics.deliveries.add(1, { channel: this.name, status });
    metrics.waiting.set(this.#waiting.length, { channel: this.name });
    settled(alert, { channel: this.name, status, tsUs: clock.nowUs(), reason });
  }

  #refill(): void {
    const { burstMax, perHourMax } = this.#channel;
    const nowMs = this.#parts.clock.monotonicMs();
    this.#tokens = Math.min(burstMax, this.#tokens + ((nowMs - this.#refilledMs) * perHourMax) / HOUR_MS);
    this.#refilledMs = nowMs;
  }

  #wake(): void {
    this.#parts.metrics.waiting.set(this.#waiting.length, { channel: this.name });
    if (!this.#open || this.#sending !== null) return;
    this.#timer?.cancel();
    this.#timer = null;
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#expire(nowMs);
    if (nowMs < this.#notBeforeMs) {
      if (this.#waiting.length + this.#held.length > 0) this.#sleep(this.#notBeforeMs - nowMs);
      return;
    }
    const next = this.#next();
    if (next === null) return;
    this.#sending = this.#send(next.alert, next.done).finally(() => {
      this.#sending = null;
      this.#wake();
    });
  }

  #sleep(ms: number): void {
    this.#timer = this.#parts.clock.setTimer(Math.max(1, ms), () => this.#wake());
  }

  #expire(nowMs: number): void {
    const { sendWithinMs } = this.#parts.config;
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1) {
      const entry = this.#waiting[at];
      if (entry === undefined || nowMs < entry.endMs) continue;
      this.#waiting.splice(at, 1);
      this.#settle(entry.alert, 'expired', reasons.expired(sendWithinMs));
    }
  }

  /** What is to be sent now, and what to do once that has been taken; null while there is nothing, or no leave. */
  #next(): { readonly alert: Alert; readonly done: () => void } | null {
    this.#refill();
    const head = this.#waiting[0];
    if (head !== undefined && head.alert.severity === 'critical') return this.#first(head);
    if (this.#tokens >= 1) {
      if (this.#held.length > 0) return this.#sum();
      return head === undefined ? null : this.#first(head);
    }
    for (const { alert } of this.#waiting.splice(0)) this.#hold(alert);
    if (this.#held.length > 0) this.#sleep(((1 - this.#tokens) * HOUR_MS) / this.#channel.perHourMax);
    return null;
  }

  #first(entry: Waiting): { readonly alert: Alert; readonly done: () => void } {
    return {
      alert: entry.alert,
      done: () => {
        // It may have given way to others meanwhile, and be told of as a number.
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
      },
    };
  }

  #sum(): { readonly alert: Alert; readonly done: () => void } {
    const { clock, language } = this.#parts;
    const held = [...this.#held];
    return { alert: sumAlert(held, clock.nowUs(), language), done: () => void this.#held.splice(0, held.length) };
  }

  async #send(alert: Alert, done: () => void): Promise<void> {
    const { clock, config, metrics, logger } = this.#parts;
    const beganMs = clock.monotonicMs();
    const sent = await this.#channel.notifier.send(alert, config.timeoutMs);
    metrics.seconds.observe((clock.monotonicMs() - beganMs) / 1_000, { channel: this.name });
    if (sent.ok) {
      this.#failures = 0;
      this.#tokens = Math.max(0, this.#tokens - 1);
      done();
      this.#settle(alert, 'sent', null);
      return;
    }
    this.#failed(sent.fault);
    if (sent.fault.retry !== 'permanent') return;
    done();
    this.#settle(alert, 'failed', `${sent.fault.code}: ${sent.fault.message}`);
    logger.error('an alert could not be sent', {
      channel: this.name,
      alert: alert.id,
      code: sent.fault.code,
      reason: sent.fault.message,
    });
  }

  /** Of an unknown outcome it is sent again: told twice is better than not at all. */
  #failed({ code, message, retry, retryAfterMs }: Fault): void {
    const { clock, config, metrics, random, logger } = this.#parts;
    metrics.attempts.add(1, { channel: this.name, code });
    this.#failures += 1;
    const broken = this.#failures >= config.breakerFailures;
    const backoffMs = Math.min(config.retryMsMax, config.retryMsMin * 2 ** Math.min(this.#failures - 1, 20));
    const waitMs = broken ? config.breakerMs : retry === 'permanent' ? 0 : backoffMs;
    // Up to half of it less, so that what failed together is not tried together again.
    const spreadMs = waitMs * (1 - random.next() / 2);
    this.#notBeforeMs = clock.monotonicMs() + Math.max(spreadMs, retryAfterMs ?? 0);
    if (this.#failures === config.breakerFailures)
      logger.warn('a channel of alerts keeps failing and is left alone for a while', {
        channel: this.name,
        code,
        reason: message,
        ms: config.breakerMs,
      });
  }
}

/** A delivery that is still to come. */
export const queuedOn = (channel: string, us: number): AlertDelivery => ({
  channel,
  status: 'queued',
  tsUs: timestampUs(us),
  reason: null,
});
