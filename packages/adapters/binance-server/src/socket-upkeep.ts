import type { ServerSocket } from '@monsta/ports';

export interface UpkeepLimits {
  readonly pingEveryMs: number;
  readonly pongWithinMs: number;
  /** After this time a connection is cut, as Binance does after a day. */
  readonly connectionMs: number;
  /** So long before the cut the client is told of it with `serverShutdown`. */
  readonly shutdownNoticeMs: number;
}

/** Pings that may wait for their pong; an older one's pong is then one that nobody asked for. */
const PINGS_WAITING_MAX = 8;

/** What is due on a connection: its end is near, it has reached its longest life, or a ping stayed without its pong for too long. */
export type UpkeepDue = 'notice' | 'expired' | 'unanswered' | null;

/** Pings a connection, and says when it must end. */
export class SocketUpkeep {
  readonly #socket: ServerSocket;
  readonly #limits: UpkeepLimits;
  readonly #openedMs: number;
  /** Payloads of the pings that wait for their pong, with when they were sent. */
  readonly #pings = new Map<string, number>();
  #lastPingMs: number;

  /** Times are of the monotonic clock. */
  constructor(socket: ServerSocket, limits: UpkeepLimits, nowMs: number) {
    this.#socket = socket;
    this.#limits = limits;
    this.#openedMs = nowMs;
    this.#lastPingMs = nowMs;
  }

  /** Only a pong that carries a ping's payload keeps the connection. */
  pong(payload: string): void {
    if (this.#pings.has(payload)) this.#pings.clear();
  }

  /** When something is due next, so far as is known now. */
  get dueMs(): number {
    const { connectionMs, shutdownNoticeMs, pongWithinMs, pingEveryMs } = this.#limits;
    const [waitingSinceMs = Infinity] = this.#pings.values();
    const noticeMs = this.#openedMs + connectionMs - shutdownNoticeMs;
    // The notice is given again until the connection ends.
    return Math.min(this.#lastPingMs + pingEveryMs, waitingSinceMs + pongWithinMs, noticeMs);
  }

  /** Pings where it is time, and says what else is due. */
  tend(nowMs: number): UpkeepDue {
    const { connectionMs, shutdownNoticeMs, pongWithinMs, pingEveryMs } = this.#limits;
    const ageMs = nowMs - this.#openedMs;
    if (ageMs >= connectionMs) return 'expired';
    const [waitingSinceMs = nowMs] = this.#pings.values();
    if (nowMs - waitingSinceMs >= pongWithinMs) return 'unanswered';
    if (nowMs - this.#lastPingMs >= pingEveryMs) {
      this.#lastPingMs = nowMs;
      const payload = String(Math.floor(nowMs));
      if (this.#pings.size < PINGS_WAITING_MAX) this.#pings.set(payload, nowMs);
      this.#socket.ping(payload);
    }
    return ageMs >= connectionMs - shutdownNoticeMs ? 'notice' : null;
  }
}
