import { z } from 'zod';

/** How the fan-out treats its clients. Every limit is per process. */
export const webSocketServerConfigSchema = z.strictObject({
  originsAllowed: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe('pages of other origins that may connect, e.g. https://desk.example'),
  connectionsMax: z.number().int().min(1).max(100_000).default(20_000).describe('clients at once'),
  connectionsPerAddressMax: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .describe('clients at once from one address'),
  subscriptionsPerClientMax: z.number().int().min(1).max(10_000).default(200).describe('topics of one client'),
  requestsPerSecondMax: z
    .number()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('messages a client may send, in the long run'),
  requestsBurstMax: z.number().int().min(1).max(10_000).default(50).describe('messages a client may send at once'),
  messageBytesMax: z.number().int().min(256).max(1_048_576).default(16_384).describe('longest message of a client'),
  batchDelayMs: z
    .number()
    .int()
    .min(1)
    .max(5_000)
    .default(100)
    .describe('a batch leaves this long after its first message …'),
  batchMessagesMax: z.number().int().min(1).max(10_000).default(100).describe('… or when it holds this many'),
  slowBytes: z.number().int().min(1_024).default(262_144).describe('more unsent bytes than this: the client is slow'),
  slowMsMax: z.number().int().min(100).default(15_000).describe('slow for longer than this: the client is cut'),
  pendingMessagesMax: z
    .number()
    .int()
    .min(1)
    .default(2_000)
    .describe('messages waiting for a client; with more it is cut'),
  pingIntervalMs: z.number().int().min(100).default(20_000).describe('a client that misses one is cut at the next'),
  streamQueueMax: z
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('messages of a subject that may wait to be sent out; with more the oldest are dropped'),
});
export type WebSocketServerConfig = z.infer<typeof webSocketServerConfigSchema>;
