import type { Random } from '@monsta/core';
import type { Clock, Counter, Logger, Metrics, Timer, Transport, WebSocketConnection } from '@monsta/ports';
import { Backoff } from './backoff.ts';
import type { StreamConnectionConfig } from './stream-connection-config.ts';

/** Says what must be said on a connection that has just opened, then hears what is answered until it has called `done`: with null, or with why the connection is of no use. */
export type Handshake = (
  send: (text: string) => boolean,
  done: (refusal: string | null) => void,
) => (text: string) => void;

export interface StreamConnectionParts {
  readonly url: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: StreamConnectionConfig;
  /** What is said on a new connection before it counts as open; left out, it counts as soon as it is. */
  readonly handshake?: Handshake;
  /** A connection on which no text comes for this long is replaced though it pings; left out, text may be rare. */
  readonly frameSilenceMaxMs?: number;
  onText(text: string): void;
  /** Data flows again after none did. Not called when one connection takes over from another without a break. */
  onUp(): void;
  /** No connection is left; frames may be lost until `onUp`. */
  onDown(reason: string): void;
  /** How many of its connections are open now. */
  onOpenCount(count: number): void;
}

/** One WebSocket of the stream. */
interface Link {
  readonly connection: WebSocketConnection;
  /** Hears the answers of the handshake while that is under way. */
  greeted: ((text: string) => void) | null;
  open: boolean;
  gone: boolean;
  openedMs: number;
  lastSeenMs: number;
  /** When it opened or the last text frame came. */
  lastFrameMs: number;
  /** Text frames received. */
  frames: number;
  retireMs: number;
}

/** How often a connection that is being opened, or taken over, is looked at; one that flows, when it could be silent or old. */
const WATCH_MS = 500;

/**
 * Keeps one combined stream flowing: reconnects with backoff and jitter, cuts a connection that has gone silent, and
 * replaces one that is to end (24 h, `serverShutdown`) by a new one while both deliver for a while; who listens drops
 * what comes twice by its ids.
 */
export class StreamConnection {
  readonly #parts: StreamConnectionParts;
  readonly #connects: Counter;
  #current: Link | null = null;
  #next: Link | null = null;
  readonly #backoff: Backoff;
  /** No new connection is opened to take over before this time: the last one failed. */
  #replaceNotBeforeMs = 0;
  #retry: Timer | null = null;
  #watch: Timer | null = null;
  #up = false;
  #stopped = true;

  constructor(parts: StreamConnectionParts) {
    this.#parts = parts;
    const { reconnectDelayMinMs, reconnectDelayMaxMs } = parts.config;
    this.#backoff = new Backoff({ minMs: reconnectDelayMinMs, maxMs: reconnectDelayMaxMs }, parts.random);
    this.#connects = parts.metrics.counter({
      name: 'monsta_binance_stream_connects_total',
      help: 'WebSocket connections to the venue by why they were opened',
      labels: ['why'],
    });
  }

  start(): void {
    this.#stopped = false;
    this.#current = this.#open('start');
    this.#scheduleWatch();
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#watch?.cancel();
    for (const link of [this.#current, this.#next]) {
      if (link === null) continue;
      link.gone = true;
      link.connection.close(1000, 'client stops');
    }
    this.#current = null;
    this.#next = null;
    this.#up = false;
    this.#parts.onOpenCount(0);
  }

  /** Opens a new connection that takes over from the present one; used before the venue ends that. */
  replace(why: string): void {
    if (this.#stopped || this.#next !== null || this.#current?.open !== true) return;
    if (this.#parts.clock.monotonicMs() < this.#replaceNotBeforeMs) return;
    this.#parts.logger.info('a new connection takes over', { why });
    this.#next = this.#open(why);
    this.#scheduleWatch();
  }

  /** Gives up every connection and opens a new one: what they deliver is not to be trusted. */
  restart(reason: string): void {
    for (const link of [this.#next, this.#current]) {
      if (link === null) continue;
      link.connection.close(1000, 'client starts anew');
      this.#gone(link, reason);
    }
  }

  #open(why: string): Link {
    const { clock, config, random, transport, url } = this.#parts;
    this.#connects.add(1, { why });
    const nowMs = clock.monotonicMs();
    // Not every client at the same moment: up to a tenth earlier than the age asked for.
    const retireMs = config.connectionAgeMaxMs * (1 - 0.1 * random.next());
    const handlers = {
      onOpen: () => this.#greet(link),
      onMessage: (text: string) => {
        if (link.gone) return;
        link.lastSeenMs = clock.monotonicMs();
        link.lastFrameMs = link.lastSeenMs;
        if (link.greeted !== null) {
          link.greeted(text);
          return;
        }
        link.frames += 1;
        this.#parts.onText(text);
      },
      onPing: () => {
        link.lastSeenMs = clock.monotonicMs();
      },
      onClose: (code: number, reason: string) =>
        this.#gone(link, `closed with ${code}${reason === '' ? '' : ` (${reason})`}`),
    };
    const connection = transport.connect(url, handlers, { openTimeoutMs: config.openTimeoutMs });
    const link: Link = {
      connection,
      greeted: null,
      open: false,
      gone: false,
      openedMs: nowMs,
      lastSeenMs: nowMs,
      lastFrameMs: nowMs,
      frames: 0,
      retireMs,
    };
    return link;
  }

  #greet(link: Link): void {
    const { clock, config, handshake } = this.#parts;
    if (handshake === undefined) {
      this.#opened(link);
      return;
    }
    const giveUp = (reason: string): void => {
      if (link.gone) return;
      link.connection.close(1000, reason);
      this.#gone(link, reason);
    };
    const deadline = clock.setTimer(config.openTimeoutMs, () => giveUp('the handshake had no answer'));
    link.greeted = () => undefined;
    link.greeted = handshake(
      (text) => link.connection.send(text),
      (refusal) => {
        deadline.cancel();
        link.greeted = null;
        if (refusal === null) this.#opened(link);
        else giveUp(refusal);
      },
    );
  }

  #opened(link: Link): void {
    if (link.gone) return;
    const nowMs = this.#parts.clock.monotonicMs();
    link.open = true;
    link.openedMs = nowMs;
    link.lastSeenMs = nowMs;
    link.lastFrameMs = nowMs;
    this.#count();
    if (this.#up) return;
    this.#up = true;
    this.#parts.onUp();
  }

  #gone(link: Link, reason: string): void {
    if (link.gone) return;
    link.gone = true;
    const { clock, config, logger } = this.#parts;
    const livedMs = link.open ? clock.monotonicMs() - link.openedMs : 0;
    if (livedMs >= config.connectionStableMs) this.#backoff.reset();
    if (link === this.#next) {
      this.#next = null;
      const delayMs = this.#backoff.next();
      this.#replaceNotBeforeMs = clock.monotonicMs() + delayMs;
      logger.warn('the connection that was to take over failed', { reason, againAfterMs: delayMs });
    } else if (link === this.#current) {
      this.#current = this.#next;
      this.#next = null;
    }
    this.#count();
    if (this.#current === null) this.#reconnect();
    if (this.#up && this.#current?.open !== true) {
      this.#up = false;
      logger.warn('connection to the venue lost', { reason });
      this.#parts.onDown(reason);
    } else if (!link.open && this.#current === null) logger.warn('no connection to the venue', { reason });
  }

  #reconnect(): void {
    if (this.#stopped || this.#retry !== null) return;
    this.#retry = this.#parts.clock.setTimer(this.#backoff.next(), () => {
      this.#retry = null;
      if (!this.#stopped && this.#current === null) this.#current = this.#open('reconnect');
    });
  }

  #scheduleWatch(): void {
    this.#watch?.cancel();
    this.#watch = this.#parts.clock.setTimer(
      Math.max(WATCH_MS, this.#dueMs() - this.#parts.clock.monotonicMs()),
      () => {
        if (this.#stopped) return;
        this.#look();
        this.#scheduleWatch();
      },
    );
  }

  /** When the one connection there is could be silent or old, unless something comes before; at once while one is being opened or taken over. */
  #dueMs(): number {
    const { config, frameSilenceMaxMs = Infinity } = this.#parts;
    const link = this.#current;
    if (link === null || !link.open || this.#next !== null) return 0;
    const silentMs = Math.min(link.lastSeenMs + config.silenceMaxMs, link.lastFrameMs + frameSilenceMaxMs);
    // Silence is longer than its limit, not as long.
    return Math.min(silentMs + 1, link.openedMs + link.retireMs);
  }

  #look(): void {
    const { clock, config } = this.#parts;
    const nowMs = clock.monotonicMs();
    for (const link of [this.#current, this.#next]) {
      if (link === null || !link.open || nowMs - link.lastSeenMs <= config.silenceMaxMs) continue;
      link.connection.close(1000, 'no frame and no ping');
      // A peer that is gone never answers the close.
      this.#gone(link, `no frame and no ping for ${config.silenceMaxMs} ms`);
    }
    this.#renewWhatIsSilent(nowMs);
    const current = this.#current;
    const next = this.#next;
    if (current !== null && current.open && nowMs - current.openedMs >= current.retireMs) this.replace('age');
    if (current === null || next === null || !next.open) return;
    // One that has shaken hands delivers what there is, be it nothing.
    if (next.frames === 0 && this.#parts.handshake === undefined) return;
    if (nowMs - next.openedMs < config.handoverMs) return;
    current.gone = true;
    current.connection.close(1000, 'replaced');
    this.#current = next;
    this.#next = null;
    this.#count();
  }

  /** Pings show that the connection lives, not that the streams do: where nothing else comes, another one may get more. */
  #renewWhatIsSilent(nowMs: number): void {
    const { frameSilenceMaxMs } = this.#parts;
    if (frameSilenceMaxMs === undefined) return;
    const isSilent = (link: Link | null): link is Link =>
      link !== null && link.open && nowMs - link.lastFrameMs > frameSilenceMaxMs;
    const next = this.#next;
    if (isSilent(next)) {
      next.connection.close(1000, 'no frame');
      this.#gone(next, `no frame for ${frameSilenceMaxMs} ms`);
    }
    if (isSilent(this.#current)) this.replace('silent');
  }

  #count(): void {
    this.#parts.onOpenCount([this.#current, this.#next].filter((link) => link?.open === true && !link.gone).length);
  }
}
