import { alertChannelTerms, notifierConfigSchema } from '@monsta/notifier/config';
import { z } from 'zod';

const CHANNEL_KINDS = ['webhook', 'telegram', 'smtp'] as const;

/** The environment variable that may hold a channel's secret. */
export const alertSecretVariable = (channel: string): string =>
  `MONSTA_ALERTS_SECRET_${channel.toUpperCase().replaceAll('-', '_')}`;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

const channelSchema = z.strictObject({
  ...alertChannelTerms,
  kind: z.enum(CHANNEL_KINDS).describe('what it goes by'),
  secretFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'file, readable by its owner only: a bot’s token, the password of the mail server, or what a webhook is signed with; null: the environment variable MONSTA_ALERTS_SECRET_NAME, if there is one',
    ),
  url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe('of a webhook; for telegram another server of the Bot API in the place of https://api.telegram.org'),
  chatId: z
    .string()
    .regex(/^(-?\d{1,20}|@\w{3,64})$/, 'the number of a chat, or @name of a public channel')
    .nullable()
    .default(null)
    .describe('of telegram: whom the bot writes to'),
  host: z.string().min(1).max(255).nullable().default(null).describe('of smtp: the mail server'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(null)
    .describe('of smtp; null: 465 with tls, 587 with starttls, 25 without'),
  security: z
    .enum(['tls', 'starttls', 'none'])
    .default('tls')
    .describe('of smtp: encrypted from the start, or from STARTTLS on; none sends in the clear'),
  user: z.string().min(1).max(255).nullable().default(null).describe('of smtp; null: without logging in'),
  from: z
    .string()
    .regex(/^[^\r\n]*@[^\r\n]+$/, 'an address, e.g. MONSTA <alerts@example.org>')
    .nullable()
    .default(null)
    .describe('of smtp: the sender'),
  to: z
    .array(z.string().regex(/^[^\r\n,]*@[^\r\n,]+$/, 'an address'))
    .max(20)
    .default([])
    .describe('of smtp: who gets the message'),
});

/** Which keys belong to which kind, and which of them it can't do without. */
const KEYS = {
  webhook: { own: ['url'], needed: ['url'] },
  telegram: { own: ['url', 'chatId'], needed: ['chatId'] },
  smtp: { own: ['host', 'port', 'user', 'from', 'to'], needed: ['host', 'from', 'to'] },
} as const satisfies Record<string, { readonly own: readonly string[]; readonly needed: readonly string[] }>;
const ALL_KEYS = [...new Set(Object.values(KEYS).flatMap(({ own }) => own))];

type ChannelConfig = z.infer<typeof channelSchema>;

const isAbsent = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);

/** What is wrong with one channel, at which of its keys. */
function channelFaults(channel: ChannelConfig): readonly (readonly [key: string, message: string])[] {
  const { kind, security, host, user } = channel;
  const { own, needed }: { readonly own: readonly string[]; readonly needed: readonly string[] } = KEYS[kind];
  const faults: (readonly [string, string])[] = [];
  for (const key of ALL_KEYS) {
    if (!own.includes(key) && !isAbsent(channel[key])) faults.push([key, `does not belong to a channel by ${kind}`]);
    if (needed.includes(key) && isAbsent(channel[key])) faults.push([key, `a channel by ${kind} needs it`]);
  }
  if (kind === 'smtp' && security === 'none' && user !== null && !LOOPBACK.test(host ?? ''))
    faults.push(['security', 'a password is sent in the clear to this machine only: use tls or starttls']);
  return faults;
}

/** Alerts: what is worth one, and who is told how. */
export const alertsSchema = z
  .strictObject({
    language: z
      .enum(['en', 'ko'])
      .default('en')
      .describe('of the messages; reasons that the kernel gives stay English'),
    disconnectAfterMs: z
      .number()
      .int()
      .min(0)
      .max(86_400_000)
      .default(60_000)
      .describe('a feed, or the account’s reports, may be gone this long before it is told'),
    channels: z
      .array(channelSchema)
      .max(20)
      .default([])
      .describe('ways to a person: webhook, telegram and smtp; see alerts.md'),
    sending: notifierConfigSchema.prefault({}).describe('repeats, limits and retries'),
  })
  .superRefine(({ channels }, context) => {
    const variables = new Set<string>();
    for (const [index, channel] of channels.entries()) {
      for (const [key, message] of channelFaults(channel))
        context.addIssue({ code: 'custom', path: ['channels', index, key], message });
      const variable = alertSecretVariable(channel.name);
      if (variables.has(variable)) {
        const message = `another channel has this name, or one that reads the same in ${variable}`;
        context.addIssue({ code: 'custom', path: ['channels', index, 'name'], message });
      }
      variables.add(variable);
    }
  });
export type AlertsConfig = z.output<typeof alertsSchema>;
