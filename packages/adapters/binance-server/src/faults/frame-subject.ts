/** What an outgoing frame is. `key`: what falls silent when just this is frozen. */
export type FrameSubject =
  | { readonly channel: 'stream'; readonly subjects: readonly string[]; readonly key: string }
  | { readonly channel: 'user-data'; readonly subjects: readonly string[]; readonly key: string }
  | { readonly channel: 'answer'; readonly id: string }
  | { readonly channel: 'other' };

interface Payload {
  readonly stream?: unknown;
  readonly subscriptionId?: unknown;
  readonly event?: unknown;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly e?: unknown;
  readonly s?: unknown;
  readonly k?: unknown;
  readonly A?: unknown;
  readonly lastUpdateId?: unknown;
}

const OTHER: FrameSubject = { channel: 'other' };
const decoder = new TextDecoder();

export const frameText = (frame: string | Uint8Array): string =>
  typeof frame === 'string' ? frame : decoder.decode(frame);

const isRecord = (value: unknown): value is Payload => typeof value === 'object' && value !== null;

/** Ids are compared as JSON: `1` and `"1"` are two. */
export const idText = (id: unknown): string => JSON.stringify(id) ?? 'null';

/** The kind of stream that a raw payload belongs to, as a test on the stream's name after the `@`. */
function kindOf(payload: Payload): ((kind: string) => boolean) | null {
  const { e, k, lastUpdateId, A } = payload;
  if (typeof e === 'string') {
    if (e === 'kline' && isRecord(k)) {
      const { i } = k as { readonly i?: unknown };
      return (kind) => kind.startsWith(`kline_${String(i)}`);
    }
    if (e === 'depthUpdate') return (kind) => /^depth(@|$)/.test(kind);
    if (e === '24hrTicker') return (kind) => kind === 'ticker';
    if (e === '24hrMiniTicker') return (kind) => kind === 'miniTicker';
    const window = /^(\d+[hd])Ticker$/.exec(e)?.[1];
    if (window !== undefined) return (kind) => kind === `ticker_${window}`;
    return (kind) => kind.startsWith(e);
  }
  if (lastUpdateId !== undefined) return (kind) => /^depth\d/.test(kind);
  return A === undefined ? null : (kind) => kind === 'bookTicker';
}

/** A raw frame does not name its stream: those of the connection's streams that it can belong to. */
function candidates(payload: Payload, names: ReadonlySet<string>): readonly string[] {
  const fits = kindOf(payload);
  if (fits === null) return [];
  const symbol = typeof payload.s === 'string' ? payload.s.toLowerCase() : null;
  return [...names].filter((name) => {
    const at = name.indexOf('@');
    return (symbol === null || name.slice(0, at) === symbol) && fits(name.slice(at + 1));
  });
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever reads it decides what a text that is no JSON means.
    return undefined;
  }
}

/** What a frame is, read from its text. `names` are the streams that the connection is subscribed to. */
export function frameSubject(frame: string | Uint8Array, names: ReadonlySet<string>): FrameSubject {
  const payload = parseJson(frameText(frame));
  if (Array.isArray(payload)) {
    // Only the streams of all symbols send lists.
    const [first] = payload as readonly unknown[];
    const fits = isRecord(first) ? kindOf(first) : null;
    const lists = [...names].filter((name) => name.startsWith('!') && fits?.(name.slice(1, -'@arr'.length)) === true);
    return lists.length === 0 ? OTHER : { channel: 'stream', subjects: lists, key: lists.join(' ') };
  }
  if (!isRecord(payload)) return OTHER;
  const { stream, subscriptionId, event, e } = payload;
  if (isRecord(event)) {
    // Without a subscription it is the server's own word: `serverShutdown`.
    if (subscriptionId === undefined) return OTHER;
    const type = typeof event.e === 'string' ? event.e : '';
    return { channel: 'user-data', subjects: [type], key: `user-data ${idText(subscriptionId)}` };
  }
  if (typeof stream === 'string') {
    return stream === '!serverShutdown' ? OTHER : { channel: 'stream', subjects: [stream], key: stream };
  }
  if (e === 'serverShutdown') return OTHER;
  if ('id' in payload || payload.result !== undefined || payload.error !== undefined)
    return { channel: 'answer', id: idText(payload.id) };
  const subjects = names.size === 1 ? [...names] : candidates(payload, names);
  return subjects.length === 0 ? OTHER : { channel: 'stream', subjects, key: subjects.join(' ') };
}
