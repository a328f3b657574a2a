import { z } from 'zod';

/** A time in milliseconds with its default, at most a day. */
export const ms = (fallback: number) => z.number().int().min(1).max(86_400_000).default(fallback);

/** What every connection of streams is set by, of market data and of the account. */
export const streamConnectionFields = {
  silenceMaxMs: ms(30_000).describe(
    'a connection without any frame or ping for this long is dead; the venue pings every 20 s',
  ),
  openTimeoutMs: ms(10_000).describe(
    'how long opening a connection, and subscribing on it where that is needed, may take',
  ),
  connectionAgeMaxMs: ms(23 * 3_600_000).describe(
    'a connection this old is taken over by a new one; the venue cuts it at 24 h',
  ),
  handoverMs: ms(3_000).describe('both connections deliver for this long when one takes over from the other'),
  reconnectDelayMinMs: ms(500).describe('first wait before connecting again; it doubles, with jitter'),
  reconnectDelayMaxMs: ms(30_000).describe('longest wait before connecting again'),
  connectionStableMs: ms(60_000).describe(
    'a connection that lived this long starts the next series of waits from the shortest',
  ),
};

export type StreamConnectionConfig = z.infer<z.ZodObject<typeof streamConnectionFields>>;
