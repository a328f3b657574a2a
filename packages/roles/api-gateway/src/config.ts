import { z } from 'zod';

const hostName = z
  .string()
  .regex(/^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/i, 'a host name without port, e.g. monsta.lan')
  .max(253);

/** The gateway's settings. Bound to loopback unless told otherwise. */
export const apiGatewayConfigSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  port: z.number().int().min(0).max(65_535).default(8080).describe('0 takes any free port'),
  hostsAllowed: z
    .array(hostName)
    .default([])
    .describe('names under which MONSTA may be called besides loopback; others are refused (DNS rebinding)'),
  originsAllowed: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe('pages of other origins that may change something'),
  bodyBytesMax: z.number().int().min(256).max(16_777_216).default(65_536).describe('largest request body'),
  commandTimeoutMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(5_000)
    .describe('how long the trading role may take to answer a change'),
  commandsPendingMax: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(16)
    .describe('changes under way at once; one more is refused'),
  statusIntervalMs: z.number().int().min(100).default(5_000).describe('how often the status topic is published'),
  wrongTokensMax: z.number().int().min(1).default(10).describe('wrong tokens an address may send at once'),
  wrongTokensPerMinute: z.number().min(0.1).default(10).describe('and how many more each minute'),
  stopGraceMs: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(2_000)
    .describe('how long open requests may take to end at a stop'),
});
export type ApiGatewayConfig = z.infer<typeof apiGatewayConfigSchema>;
