import { z } from 'zod';

/** How the fan-out treats its clients. Every limit is per process. */
export const webSocketServerConfigSchema = z.strictObject({
  originsAllowed: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe('pages of other origins that may connect, e.g. https://desk.example'),
  connectionsMax: z.number().int().min(1).max(100_000).default(20_000),
  connectionsPerAddressMax: z.number().int().min(1).max(100_000).default(200),
  subscriptionsPerClientMax: z.number().int().min(1).max(10_000).default(200),
  requestsPerSecondMax: z.number().min(1).max(10_000).default(10),
  requestsBurstMax: z.number().int().min(1).max(10_000).default(50),
  messageBytesMax: z.number().int().min(256).max(1_048_576).default(16_384),
  batchDelayMs: z.number().int().min(1).max(5_000).default(100),
  batchMessagesMax: z.number().int().min(1).max(10_000).default(100),
  slowBytes: z.number().int().min(1_024).default(262_144).describe('more unsent bytes than this: the client is slow'),
  slowMsMax: z.number().int().min(100).default(15_000).describe('slow for longer than this: the client is cut'),
  pendingMessagesMax: z.number().int().min(1).default(2_000),
  pingIntervalMs: z.number().int().min(100).default(20_000).describe('a client that misses one is cut at the next'),
  streamQueueMax: z.number().int().min(1).default(10_000),
});
export type WebSocketServerConfig = z.infer<typeof webSocketServerConfigSchema>;
