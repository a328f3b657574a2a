import { ALERT_KINDS, ALERT_SEVERITIES } from '@monsta/core';
import { z } from 'zod';

const wholeMs = (least: number, most: number) => z.number().int().min(least).max(most);

/** What of all alerts goes through a channel, and how much of it. */
export const alertChannelTerms = {
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a name in small letters, digits, - and _, e.g. phone')
    .describe('of the channel; no two have the same'),
  minSeverity: z.enum(ALERT_SEVERITIES).default('info').describe('the least that is sent through it'),
  kinds: z
    .array(z.enum(ALERT_KINDS))
    .min(1)
    .nullable()
    .default(null)
    .describe('the kinds of alerts that are sent through it; null: all'),
  perHourMax: z
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('messages an hour; what is more is told as a number, critical alerts excepted'),
  burstMax: z.number().int().min(1).max(1_000).default(10).describe('messages at once, before the hourly rate counts'),
};

/** How alerts are brought to persons. */
export const notifierConfigSchema = z.strictObject({
  repeatWindowMs: wholeMs(0, 86_400_000)
    .default(300_000)
    .describe('the same alert again within this time is counted, and told as a number at the end of it'),
  sendWithinMs: wholeMs(1_000, 604_800_000)
    .default(3_600_000)
    .describe('an alert that could not be sent for this long, or is older at a start, is marked as not sent'),
  queueMax: z
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(1_000)
    .describe('alerts that may wait for a channel; with more, the least urgent are told as a number'),
  timeoutMs: wholeMs(100, 120_000).default(15_000).describe('how long sending one message may take'),
  retryMsMin: wholeMs(10, 600_000).default(1_000).describe('first wait before a message is tried again'),
  retryMsMax: wholeMs(10, 3_600_000).default(60_000).describe('longest wait before a message is tried again'),
  breakerFailures: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe('failures in a row, after which a channel is left alone for breaker_ms'),
  breakerMs: wholeMs(10, 3_600_000).default(120_000).describe('how long it is left alone, then tried with one message'),
});
export type NotifierConfig = z.infer<typeof notifierConfigSchema>;
