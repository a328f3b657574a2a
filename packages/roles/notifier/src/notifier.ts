import { alertSchema, decodeAlert, topics, type AlertTestReply } from '@monsta/contracts';
import {
  ALERT_SEVERITIES,
  err,
  ok,
  type AccountId,
  type Alert,
  type AlertDelivery,
  type AlertRecord,
  type Random,
  type Result,
} from '@monsta/core';
import type {
  Clock,
  EventStream,
  Ledger,
  Readiness,
  Role,
  StreamMessage,
  Subscription,
  Telemetry,
  Timer,
} from '@monsta/ports';
import { Channel, queuedOn, type AlertChannel } from './channel.ts';
import type { NotifierConfig } from './config.ts';
import { notifierMetrics, type NotifierMetrics } from './metrics.ts';
import { Repeats } from './repeats.ts';
import { sendTest } from './test-message.ts';
import { reasons, repeatedAlert, withDeliveries, type AlertLanguage } from './words.ts';

export interface NotifierOptions {
  readonly stream: EventStream;
  readonly ledger: Pick<Ledger, 'alerts' | 'putAlerts' | 'putAlertDeliveries'>;
  readonly clock: Clock;
  /** Spreads retries. */
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly config: NotifierConfig;
  readonly accountId: AccountId;
  readonly channels: readonly AlertChannel[];
  readonly language: AlertLanguage;
}

export interface NotifierRole extends Role {
  /** Sends a test message through a channel, or through each (null), past lines and limits. Fault `not_found` for a channel that there is not. */
  test(channel: string | null): Promise<Result<AlertTestReply['items']>>;
}

/** Ids of alerts that are remembered, so that one told again is known. */
const IDS_MAX = 5_000;
/** Alerts that are read at a start. */
const READ_AT_START = 1_000;
/** How long messages under way are waited for at a stop. */
const DRAIN_MS = 2_000;

/**
 * Takes alerts from the stream, keeps them, and brings them to persons. What it took is in the ledger before it is sent; what had not been sent when the program ended is sent
 * at the next start, if it is young enough. Nobody waits for it.
 */
class NotifierRoleOfAccount implements NotifierRole {
  readonly name = 'notifier';
  readonly #options: NotifierOptions;
  readonly #metrics: NotifierMetrics;
  readonly #channels: readonly Channel[];
  readonly #repeats: Repeats;
  readonly #known = new Set<string>();
  /** Alerts of which something is still to come, by id. */
  readonly #records = new Map<string, AlertRecord>();
  #state: 'new' | 'running' | 'draining' | 'stopped' = 'new';
  #subscription: Subscription | null = null;
  #repeatTimer: Timer | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#metrics = notifierMetrics(options.telemetry.metrics);
    this.#repeats = new Repeats(options.config.repeatWindowMs);
    const { clock, random, config, language } = options;
    const { logger } = options.telemetry;
    const parts = { clock, random, config, language, logger, metrics: this.#metrics };
    this.#channels = options.channels.map(
      (channel) => new Channel(channel, { ...parts, settled: (alert, delivery) => this.#settled(alert.id, delivery) }),
    );
  }

  async start(): Promise<Result<null>> {
    if (this.#state !== 'new') return err('state_conflict', `the notifier can't be started: it is ${this.#state}`);
    const { stream, telemetry, config } = this.#options;
    const recovered = await this.#recover();
    if (!recovered.ok) return recovered;
    const subscribed = stream.subscribe({
      subject: topics.alerts,
      queueMax: config.queueMax,
      overflow: 'drop-oldest',
      onMessage: (message) => this.#receive(message),
    });
    if (!subscribed.ok) return subscribed;
    this.#subscription = subscribed.value;
    this.#state = 'running';
    telemetry.logger.info('alerts are taken', { channels: this.#channels.map(({ name }) => name) });
    return ok(null);
  }

  readiness(): Readiness {
    const ready = this.#state === 'running';
    return { ready, waitingFor: ready ? [] : [`a start: the notifier is ${this.#state}`] };
  }

  async drain(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'draining';
    const { clock, stream } = this.#options;
    // What the others said while they stopped is in the stream.
    await stream.drain(DRAIN_MS);
    this.#subscription?.unsubscribe();
    this.#repeatTimer?.cancel();
    const endMs = clock.monotonicMs() + DRAIN_MS;
    while (this.#channels.some(({ busy }) => busy) && clock.monotonicMs() < endMs) await clock.sleep(10);
  }

  async stop(): Promise<void> {
    await this.drain();
    this.#state = 'stopped';
    for (const channel of this.#channels) channel.stop();
    await Promise.all(this.#options.channels.map(({ notifier }) => notifier.close()));
    await this.#writing;
  }

  test(channel: string | null): Promise<Result<AlertTestReply['items']>> {
    const { channels, clock, config, language, accountId } = this.#options;
    const notifiers = channels.map(({ notifier }) => notifier);
    return sendTest(notifiers, channel, { clock, timeoutMs: config.timeoutMs, language, about: { accountId } });
  }

  /** Takes up what the last life of the program left. */
  async #recover(): Promise<Result<null>> {
    const { ledger, accountId, clock, config } = this.#options;
    const page = await ledger.alerts(accountId, { limit: READ_AT_START, cursor: null });
    if (!page.ok) return page;
    const left: { readonly channel: Channel; readonly record: AlertRecord; readonly ageMs: number }[] = [];
    for (const record of page.value.items.toReversed()) {
      this.#remember(record.id);
      const takenUs = Math.min(...record.deliveries.map(({ tsUs }) => tsUs));
      if (Number.isFinite(takenUs))
        this.#repeats.restore(record, (clock.nowUs() - takenUs) / 1_000, clock.monotonicMs());
      for (const delivery of record.deliveries) {
        if (delivery.status !== 'queued') continue;
        this.#records.set(record.id, this.#records.get(record.id) ?? record);
        const ageMs = Math.max(0, (clock.nowUs() - delivery.tsUs) / 1_000);
        const channel = this.#channels.find(({ name }) => name === delivery.channel);
        if (channel === undefined) this.#giveUp(record.id, delivery, reasons.gone);
        else if (ageMs >= config.sendWithinMs) this.#giveUp(record.id, delivery, reasons.expired(config.sendWithinMs));
        else left.push({ channel, record, ageMs });
      }
    }
    // A free channel sends the first that it is offered.
    for (const severity of ALERT_SEVERITIES.toReversed())
      for (const { channel, record, ageMs } of left) if (record.severity === severity) channel.offer(record, ageMs);
    return ok(null);
  }

  #giveUp(id: string, { channel }: AlertDelivery, reason: string): void {
    this.#metrics.deliveries.add(1, { channel, status: 'expired' });
    this.#options.telemetry.logger.warn('an alert of an earlier life of the program is not sent any more', {
      alert: id,
      channel,
      reason,
    });
    this.#settled(id, { channel, status: 'expired', tsUs: this.#options.clock.nowUs(), reason });
  }

  async #receive({ payload }: StreamMessage): Promise<void> {
    const parsed = alertSchema.safeParse(payload);
    if (!parsed.success) {
      this.#metrics.refused.add(1, { code: 'message_malformed' });
      return;
    }
    const alert = decodeAlert(parsed.data);
    if (this.#known.has(alert.id)) return;
    this.#remember(alert.id);
    if (!this.#repeats.take(alert, this.#options.clock.monotonicMs())) {
      this.#metrics.repeats.add();
    } else {
      await this.#tell(alert);
    }
    this.#watchRepeats();
  }

  async #tell(alert: Alert): Promise<void> {
    const { ledger, accountId, clock, telemetry } = this.#options;
    this.#metrics.taken.add(1, { kind: alert.kind });
    const channels = this.#channels.filter((channel) => channel.wants(alert));
    const record = withDeliveries(
      alert,
      channels.map(({ name }) => queuedOn(name, clock.nowUs())),
    );
    if (channels.length > 0) this.#records.set(alert.id, record);
    const kept = await ledger.putAlerts(accountId, [record]);
    if (!kept.ok) {
      // A person is told all the same; only a restart would not know of it.
      this.#metrics.refused.add(1, { code: kept.fault.code });
      telemetry.logger.error('an alert could not be kept', {
        alert: alert.id,
        code: kept.fault.code,
        reason: kept.fault.message,
      });
    }
    for (const channel of channels) channel.offer(alert, 0);
  }

  #watchRepeats(): void {
    const { clock, config, language } = this.#options;
    const nextMs = this.#repeats.nextMs;
    this.#repeatTimer?.cancel();
    if (nextMs === null || this.#state !== 'running') return;
    this.#repeatTimer = clock.setTimer(Math.max(0, nextMs - clock.monotonicMs()), () => {
      for (const { first, last, times } of this.#repeats.ended(clock.monotonicMs())) {
        const told = repeatedAlert(first, last, times, config.repeatWindowMs, clock.nowUs(), language);
        this.#remember(told.id);
        void this.#tell(told);
      }
      this.#watchRepeats();
    });
  }

  #settled(id: string, delivery: AlertDelivery): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const deliveries = record.deliveries.map((each) => (each.channel === delivery.channel ? delivery : each));
    if (deliveries.some(({ status }) => status === 'queued')) this.#records.set(id, { ...record, deliveries });
    else this.#records.delete(id);
    const { ledger, accountId, telemetry } = this.#options;
    this.#writing = this.#writing.then(async () => {
      const written = await ledger.putAlertDeliveries(accountId, [{ id, deliveries }]);
      if (!written.ok)
        telemetry.logger.error('what became of an alert could not be kept; after a restart it may be sent again', {
          alert: id,
          code: written.fault.code,
          reason: written.fault.message,
        });
    });
  }

  #remember(id: string): void {
    this.#known.add(id);
    for (const oldest of this.#known) {
      if (this.#known.size <= IDS_MAX) break;
      this.#known.delete(oldest);
    }
  }
}

/** The role that brings the alerts of one account to persons. */
export function createNotifierRole(options: NotifierOptions): NotifierRole {
  return new NotifierRoleOfAccount(options);
}
