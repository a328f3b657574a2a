import { msFromUs } from '@monsta/core';
import type { Clock, IncomingRequest, Logger, OutgoingResponse, Timer, WebSocketRoute } from '@monsta/ports';
import type { ApiDesk } from '../api-desk.ts';
import type { ApiMethod } from '../api-method.ts';
import { BinanceError } from '../parameters.ts';
import type { RequestCounter, RequestLimits } from '../request-limits.ts';
import { errorResponse } from '../rest-routes.ts';
import type { SocketLimits } from '../stream-socket.ts';
import { parseTimeUnit, timeUnitError } from '../time-unit.ts';
import type { ApiKeys } from '../trading/api-keys.ts';
import type { UserDataHub } from '../user-data/user-data-hub.ts';
import { ApiSession, type SessionWishes } from './api-session.ts';

/** Sessions are looked at when something is due, and no more often than this. */
const TEND_EVERY_MS = 1_000;
/** What opening a connection costs the address. */
const CONNECTION_WEIGHT = 2;

export interface SocketApiOptions {
  readonly desk: ApiDesk;
  readonly methods: readonly ApiMethod[];
  /** Null where the model takes no orders. */
  readonly trading: { readonly keys: ApiKeys; readonly userData: UserDataHub } | null;
  readonly counter: RequestCounter;
  readonly requestLimits: RequestLimits;
  readonly socketLimits: SocketLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly originHeaders: Readonly<Record<string, string>>;
  /** Whether a further connection may open, of this or another kind; a response refuses it. */
  admit(request: IncomingRequest): OutgoingResponse | null;
}

/** What the URL asks for: `timeUnit`, `returnRateLimits`, `responseFormat`. Throws `BinanceError`. */
function wishesOf({ rawQuery }: IncomingRequest): SessionWishes {
  const query = new URLSearchParams(rawQuery);
  const unit = parseTimeUnit(query.get('timeUnit') ?? 'MILLISECOND');
  if (unit === null) throw timeUnitError();
  if (query.get('responseFormat') === 'sbe') throw new BinanceError(-1155, 'SBE is not enabled.');
  return { unit, showsRateLimits: query.get('returnRateLimits') !== 'false' };
}

/** The door `/ws-api/v3`: the methods of the API over WebSocket connections. */
export class SocketApi {
  readonly route: WebSocketRoute;
  readonly #options: SocketApiOptions;
  readonly #methods: ReadonlyMap<string, ApiMethod>;
  readonly #sessions = new Set<ApiSession>();
  #tending: Timer | null = null;

  constructor(options: SocketApiOptions) {
    this.#options = options;
    this.#methods = new Map(
      options.methods.flatMap((method) => (method.socket === null ? [] : [[method.socket, method]])),
    );
    this.route = {
      path: '/ws-api/v3',
      messageBytesMax: options.socketLimits.messageBytesMax,
      authorize: (request) => this.#authorize(request),
      accept: (socket, request) => {
        const { clock, logger, desk, trading, socketLimits, requestLimits } = options;
        const session = new ApiSession({
          ...wishesOf(request),
          socket,
          desk,
          methods: this.#methods,
          trading,
          socketLimits,
          requestLimits,
          nowMs: clock.monotonicMs(),
        });
        this.#sessions.add(session);
        this.#tend();
        return {
          onMessage: (text) => session.receive(text),
          onPong: (payload) => session.pong(payload),
          onClose: (code) => {
            session.left();
            this.#sessions.delete(session);
            if (this.#sessions.size === 0) this.close();
            logger.debug('WebSocket API client left', { id: socket.id, code });
          },
        };
      },
    };
  }

  /** Connections that are open. */
  get size(): number {
    return this.#sessions.size;
  }

  announceShutdown(): void {
    for (const session of this.#sessions) session.announceShutdown(this.#options.desk.nowUs());
  }

  close(): void {
    this.#tending?.cancel();
    this.#tending = null;
  }

  #authorize(request: IncomingRequest): OutgoingResponse | null {
    const { originHeaders, counter, clock } = this.#options;
    try {
      wishesOf(request);
    } catch (thrown) {
      if (thrown instanceof BinanceError) return errorResponse(thrown, originHeaders);
      throw thrown;
    }
    const refused = this.#options.admit(request);
    if (refused !== null) return refused;
    const charge = counter.charge(request.remoteAddress, CONNECTION_WEIGHT, msFromUs(clock.nowUs()));
    if (charge.error === null) return null;
    return errorResponse(charge.error, { ...originHeaders, 'retry-after': String(charge.retryAfterSeconds) });
  }

  /** One timer for all sessions, running while there are any. */
  #tend(): void {
    if (this.#tending !== null) return;
    const { clock } = this.#options;
    // A session that comes later has nothing due before one that is there.
    const dueMs = Math.min(...[...this.#sessions].map((session) => session.dueMs));
    this.#tending = clock.setTimer(Math.max(TEND_EVERY_MS, dueMs - clock.monotonicMs()), () => {
      this.#tending = null;
      const nowMs = clock.monotonicMs();
      for (const session of this.#sessions) session.tend(nowMs);
      if (this.#sessions.size > 0) this.#tend();
    });
  }
}
