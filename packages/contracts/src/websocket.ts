import { z } from 'zod';

/** What a client may send on `/ws`, in the form crypto developers know. */
export const clientRequestSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('SUBSCRIBE'),
    params: z.array(z.string()).min(1).max(200),
    id: z.union([z.number().int(), z.string().max(64)]),
  }),
  z.strictObject({
    method: z.literal('UNSUBSCRIBE'),
    params: z.array(z.string()).min(1).max(200),
    id: z.union([z.number().int(), z.string().max(64)]),
  }),
  z.strictObject({ method: z.literal('LIST_SUBSCRIPTIONS'), id: z.union([z.number().int(), z.string().max(64)]) }),
]);
export type ClientRequest = z.infer<typeof clientRequestSchema>;
export type RequestId = number | string | null;

/** `result` is null for SUBSCRIBE and UNSUBSCRIBE, the topics for LIST_SUBSCRIPTIONS. */
export interface ServerReply {
  readonly id: RequestId;
  readonly result: null | readonly string[];
}
export interface ServerRefusal {
  readonly id: RequestId;
  readonly error: { readonly code: string; readonly message: string };
}

/**
 * A message of a topic. `seq` counts up by one per topic within an `epoch` (one life of the server); `snapshot` marks the present state
 * sent right after subscribing. On conflated topics `seq` may jump: the latest is all there is to know.
 */
export interface TopicMessage {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly snapshot?: true;
  readonly data: unknown;
}

/** A frame holds one reply or refusal, or an array of topic messages (a batch), in order. */
export type ServerFrame = ServerReply | ServerRefusal | readonly TopicMessage[];
