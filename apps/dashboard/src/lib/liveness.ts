import type { SocketState } from '@monsta/client';
import type { FeedMessage } from '@monsta/contracts';

/** Whether the figures on the page are live, and if not, what stands in the way: the way to the server first, then the feed behind it. */
export type Liveness =
  | { readonly kind: 'live' }
  | { readonly kind: 'connection'; readonly state: 'connecting' | 'reconnecting' | 'closed' }
  | { readonly kind: 'feed'; readonly status: Exclude<FeedMessage['status'], 'live'>; readonly reason: string | null }
  | { readonly kind: 'unknown' };

export function livenessOf(socket: SocketState, wasOpen: boolean, feed: FeedMessage | undefined): Liveness {
  if (socket === 'closed') return { kind: 'connection', state: 'closed' };
  if (socket !== 'open') return { kind: 'connection', state: wasOpen ? 'reconnecting' : 'connecting' };
  if (feed === undefined) return { kind: 'unknown' };
  return feed.status === 'live' ? { kind: 'live' } : { kind: 'feed', status: feed.status, reason: feed.reason };
}
