import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { err, ok, type Result } from '@monsta/core';
import type { AlertChannel } from '@monsta/notifier';
import { createSmtpNotifier } from '@monsta/notifier-smtp';
import { createTelegramNotifier } from '@monsta/notifier-telegram';
import { createWebhookNotifier } from '@monsta/notifier-webhook';
import type { Clock, Notifier, Transport } from '@monsta/ports';
import { alertSecretVariable, type AlertsConfig } from '../config/alerts.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { certificatesOf, type Environment } from './transport.ts';

type ChannelConfig = AlertsConfig['channels'][number];

const TELEGRAM = 'https://api.telegram.org';
const SECRET_BYTES_MAX = 4_096;
/** Reading, writing and running, for the group and for everybody. */
const FOR_OTHERS = 0o077;
const PORTS = { tls: 465, starttls: 587, none: 25 } as const;
const TOKEN = /^\d{1,20}:[\w-]{5,200}$/;

function readSecretFile(path: string): Result<string> {
  let handle: number;
  try {
    // A named pipe would keep the open waiting for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return err(
      'alert_secret_missing',
      `the file ${path} can’t be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.size > SECRET_BYTES_MAX)
      return err('alert_secret_malformed', `${path} is no file of at most ${SECRET_BYTES_MAX} bytes`);
    if ((stat.mode & FOR_OTHERS) !== 0)
      return err('alert_secret_exposed', `others may read or change ${path}; make it yours alone: chmod 600 '${path}'`);
    return ok(readFileSync(handle, 'utf8'));
  } finally {
    closeSync(handle);
  }
}

/** The secret of a channel from its file or the environment; null where there is none. */
function secretOf({ name, secretFile }: ChannelConfig, environment: Environment): Result<string | null> {
  const variable = alertSecretVariable(name);
  const given = environment[variable];
  if (secretFile !== null && given !== undefined)
    return err(
      'config_invalid',
      `both secret_file and ${variable} name the secret of channel ${name}; take one of them away`,
    );
  const read = secretFile === null ? ok(given ?? null) : readSecretFile(secretFile);
  if (!read.ok || read.value === null) return read;
  const secret = read.value.trim();
  // What others send us of it is redacted wherever it stands, which a few letters would make a riddle of.
  if (secret.length < 5 || /[\r\n\0]/.test(secret))
    return err('alert_secret_malformed', `the secret of channel ${name} is not one line of at least 5 characters`);
  return ok(secret);
}

export interface AlertChannelsContext {
  readonly config: MonstaConfig;
  readonly environment: Environment;
  readonly transport: Transport;
  readonly clock: Clock;
}

function notifierOf(channel: ChannelConfig, secret: string | null, context: AlertChannelsContext): Result<Notifier> {
  const { transport, clock, config } = context;
  const { name, kind, url, chatId, host, port, security, user, from, to } = channel;
  const where = `secret_file of the channel, or the environment variable ${alertSecretVariable(name)}`;
  if (kind === 'webhook') return ok(createWebhookNotifier({ name, url: url ?? '', secret, transport, clock }));
  if (kind === 'telegram') {
    if (secret === null) return err('alert_secret_missing', `channel ${name} needs the token of its bot: ${where}`);
    if (!TOKEN.test(secret))
      return err(
        'alert_secret_malformed',
        `the secret of channel ${name} is no token of a bot, as BotFather gives it: 123456:AA…`,
      );
    return ok(
      createTelegramNotifier({ name, baseUrl: url ?? TELEGRAM, token: secret, chatId: chatId ?? '', transport }),
    );
  }
  if (user !== null && secret === null)
    return err('alert_secret_missing', `channel ${name} needs the password of ${user}: ${where}`);
  const certificates = config.transport.caFile === null ? ok([]) : certificatesOf(config.transport.caFile);
  if (!certificates.ok) return certificates;
  const login = user === null || secret === null ? null : { user, password: secret };
  return ok(
    createSmtpNotifier({
      name,
      host: host ?? '',
      port: port ?? PORTS[security],
      security,
      login,
      from: from ?? '',
      to,
      certificates: certificates.value,
      clock,
    }),
  );
}

/** The channels as configured. Faults: `config_invalid`, `alert_secret_missing`, `alert_secret_exposed`, `alert_secret_malformed`, `ca_file_invalid`. */
export function openAlertChannels(context: AlertChannelsContext): Result<readonly AlertChannel[]> {
  const channels: AlertChannel[] = [];
  for (const channel of context.config.alerts.channels) {
    const secret = secretOf(channel, context.environment);
    if (!secret.ok) return secret;
    const notifier = notifierOf(channel, secret.value, context);
    if (!notifier.ok) return notifier;
    const { minSeverity, kinds, perHourMax, burstMax } = channel;
    channels.push({ notifier: notifier.value, minSeverity, kinds, perHourMax, burstMax });
  }
  return ok(channels);
}
