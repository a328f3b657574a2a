import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeAlert, topics } from '@monsta/contracts';
import {
  accountId,
  err,
  expectOk,
  ok,
  seededRandom,
  timestampUs,
  type Alert,
  type Err,
  type Result,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Ledger, Notifier } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { onTestFinished } from 'vitest';
import type { AlertChannel } from './channel.ts';
import { notifierConfigSchema } from './config.ts';
import { createNotifierRole, type NotifierOptions } from './notifier.ts';

const ACCOUNT = accountId('paper:simulated');

/** The other side of a channel: takes messages, or answers with the fault it is told to. */
class Person implements Notifier {
  readonly name: string;
  readonly #clock: VirtualClock;
  readonly read: { readonly alert: Alert; readonly atMs: number }[] = [];
  tries = 0;
  fault: Err | null = null;
  /** How long an answer takes. */
  delayMs = 0;

  constructor(name: string, clock: VirtualClock) {
    this.name = name;
    this.#clock = clock;
  }

  async send(alert: Alert): Promise<Result<null>> {
    this.tries += 1;
    if (this.delayMs > 0) await this.#clock.sleep(this.delayMs);
    if (this.fault !== null) return this.fault;
    this.read.push({ alert, atMs: this.#clock.monotonicMs() });
    return ok(null);
  }

  get titles(): readonly string[] {
    return this.read.map(({ alert }) => alert.title);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export const busy = err('notifier_unavailable', 'not now', { retry: 'retryable' });

export const alertOf = (id: string, over: Partial<Alert> = {}): Alert => ({
  id,
  tsUs: timestampUs(1_700_000_000_000_000),
  kind: 'denied',
  severity: 'warning',
  title: id,
  text: `${id} happened`,
  details: null,
  ...over,
});

export async function openLedger(): Promise<Ledger> {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-notifier-'));
  const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'ledger.sqlite') }));
  onTestFinished(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return ledger;
}

interface WorldOptions {
  readonly ledger?: Ledger;
  readonly clock?: VirtualClock;
  readonly channel?: Partial<AlertChannel>;
  readonly config?: Partial<NotifierOptions['config']>;
  readonly language?: 'en' | 'ko';
  readonly names?: readonly string[];
}

/** A notifier on a stream and a ledger of its own, on virtual time. */
export async function startWorld(options: WorldOptions = {}) {
  const clock = options.clock ?? new VirtualClock();
  const ledger = options.ledger ?? (await openLedger());
  const telemetry = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'test' });
  const people = (options.names ?? ['phone']).map((name) => new Person(name, clock));
  const [person] = people;
  if (person === undefined) throw new Error('a world has at least one channel');
  const role = createNotifierRole({
    stream,
    ledger,
    clock,
    random: seededRandom(1),
    telemetry,
    config: { ...notifierConfigSchema.parse({}), ...options.config },
    accountId: ACCOUNT,
    channels: people.map((notifier) => ({
      notifier,
      minSeverity: 'info',
      kinds: null,
      perHourMax: 60,
      burstMax: 10,
      ...options.channel,
    })),
    language: options.language ?? 'en',
  });
  expectOk(await role.start());
  onTestFinished(() => stream.close());
  const tell = async (...alerts: readonly Alert[]): Promise<void> => {
    for (const alert of alerts) expectOk(stream.publish(topics.alerts, encodeAlert(alert), { tsEventUs: alert.tsUs }));
    expectOk(await stream.drain(10_000));
    await clock.settle();
  };
  /** Status of each alert on each channel, in the order of the alerts. */
  const kept = async (): Promise<readonly string[]> => {
    const page = expectOk(await ledger.alerts(ACCOUNT, { limit: 1_000, cursor: null }));
    return page.items
      .toReversed()
      .flatMap(({ id, deliveries }) => deliveries.map(({ channel, status }) => `${id} ${channel} ${status}`));
  };
  return { clock, ledger, telemetry, stream, role, person, people, tell, kept };
}
