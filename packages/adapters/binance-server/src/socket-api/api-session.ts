import { timestampUs, type TimestampUs } from '@monsta/core';
import type { ServerSocket } from '@monsta/ports';
import type { ApiDesk, ApiReply, ApiRequest, Credentials } from '../api-desk.ts';
import type { ApiMethod } from '../api-method.ts';
import type { Caller } from '../trading/caller.ts';
import { BinanceError, Parameters } from '../parameters.ts';
import type { RequestLimits } from '../request-limits.ts';
import { SocketUpkeep, type UpkeepLimits } from '../socket-upkeep.ts';
import type { ApiKeys } from '../trading/api-keys.ts';
import type { UserDataHub } from '../user-data/user-data-hub.ts';
import { wireTime, type TimeUnit } from '../wire.ts';
import { readRequestFrame, signedText, type RequestFrame } from './request-frames.ts';
import { responseFrame } from './response-frames.ts';
import { refusing, sessionMethods, type Logon, type SessionState } from './session-methods.ts';
import { SessionSubscriptions } from './session-subscriptions.ts';

const NORMAL = 1000;
const POLICY_VIOLATION = 1008;
const BANNED = 418;

/** What an error repeats of a name that means nothing here. */
const NAME_SHOWN_MAX = 60;
const unknownMethod = (name: string): BinanceError =>
  new BinanceError(-5000, `Method v3/${name.slice(0, NAME_SHOWN_MAX)} is invalid`, 404);

/** What is asked of a connection in the URL that opens it. */
export interface SessionWishes {
  readonly unit: TimeUnit;
  readonly showsRateLimits: boolean;
}

export interface ApiSessionOptions extends SessionWishes {
  readonly socket: ServerSocket;
  readonly desk: ApiDesk;
  readonly methods: ReadonlyMap<string, ApiMethod>;
  /** Null where the model takes no orders. */
  readonly trading: { readonly keys: ApiKeys; readonly userData: UserDataHub } | null;
  readonly socketLimits: UpkeepLimits & { readonly bufferedBytesMax: number };
  readonly requestLimits: RequestLimits;
  /** On the monotonic clock. */
  readonly nowMs: number;
}

/** One connection to the WebSocket API: its requests, who it has proven to be, and the user data that it listens to. */
export class ApiSession {
  readonly #options: ApiSessionOptions;
  readonly #own: ReadonlyMap<string, ApiMethod>;
  readonly #state: SessionState;
  readonly #upkeep: SocketUpkeep;
  /** The request that is being answered. */
  #params: RequestFrame['params'] = {};
  #noticed = false;
  #closed = false;

  constructor(options: ApiSessionOptions) {
    const { socket, desk, trading, unit, socketLimits, nowMs } = options;
    this.#options = options;
    this.#upkeep = new SocketUpkeep(socket, socketLimits, nowMs);
    this.#state = {
      connectedUs: desk.nowUs(),
      showsRateLimits: options.showsRateLimits,
      subscriptions:
        trading === null
          ? null
          : new SessionSubscriptions({
              hub: trading.userData,
              unit,
              send: (frame) => this.#send(frame),
              overflowed: () => this.#cut(),
            }),
      logon: null,
      identify: (parameters, permission) =>
        desk.identify({ parameters, credentials: this.#signed(), remoteAddress: socket.remoteAddress }, { permission }),
      permit: ({ apiKey }, permission) => {
        trading?.keys.find(apiKey, permission, socket.remoteAddress);
      },
      kindOf: ({ apiKey }) => trading?.keys.get(apiKey)?.proof.kind ?? 'HMAC',
    };
    this.#own = new Map(sessionMethods(this.#state).map((method) => [method.socket ?? '', method]));
  }

  get closed(): boolean {
    return this.#closed;
  }

  receive(text: string): void {
    if (this.#closed) return;
    const read = readRequestFrame(text);
    if ('error' in read) {
      this.#send(`{"id":${read.id},"status":${read.error.status},"error":${JSON.stringify(read.error.body())}}`);
      return;
    }
    this.#answer(read.frame);
  }

  #answer({ id, method: name, params }: RequestFrame): void {
    const { desk, socket, unit } = this.#options;
    this.#params = params;
    const parameters = Parameters.fromJson(params);
    const known = this.#own.get(name) ?? this.#options.methods.get(name) ?? refusing(name, unknownMethod(name));
    const wishes = this.#wishes(parameters, known);
    const fault = wishes.error;
    const method = fault === null ? known : refusing(name, fault, (asked) => known.weight(asked));
    const { credentials } = wishes;
    const asked: ApiRequest = {
      method,
      parameters,
      credentials,
      remoteAddress: socket.remoteAddress,
      unit: () => unit,
      door: 'socket',
    };
    const prepared = desk.prepared(asked);
    const perform = (): void => this.#perform(id, asked, wishes.showsRateLimits);
    if (prepared === null) perform();
    else void prepared.then(perform);
  }

  #perform(id: RequestFrame['id'], asked: ApiRequest, wish: boolean | null): void {
    const { desk, requestLimits } = this.#options;
    const { credentials } = asked;
    const reply = desk.perform(asked);
    if (credentials.kind === 'session' && this.#isRevoked(reply, credentials.caller)) {
      this.#revoke(reply);
      return;
    }
    const nowUs = desk.nowUs();
    const showsRateLimits = wish ?? this.#state.showsRateLimits;
    this.#send(responseFrame({ id, reply, limits: requestLimits, showsRateLimits, nowUs }));
    this.#state.subscriptions?.tellEnded(nowUs);
    // A banned address is cut off as soon as it has been told.
    if (reply.error?.status === BANNED) this.#end(POLICY_VIOLATION, 'disconnected');
  }

  /** What a request says of itself beside its method's own parameters: how it is signed, and whether it wants to see the limits. */
  #wishes(
    parameters: Parameters,
    { security }: Pick<ApiMethod, 'security'>,
  ): {
    readonly credentials: Credentials;
    readonly showsRateLimits: boolean | null;
    readonly error: BinanceError | null;
  } {
    const logon: Logon | null = this.#state.logon;
    const session: Credentials | null = logon === null ? null : { kind: 'session', caller: logon.caller };
    try {
      const showsRateLimits = parameters.optionalFlag('returnRateLimits');
      const apiKey = parameters.optionalText('apiKey');
      if (apiKey === null && session !== null) return { credentials: session, showsRateLimits, error: null };
      // Without a session the key is a parameter like others, and one that can't be left out.
      if (security === 'SIGNED') parameters.text('apiKey');
      return { credentials: this.#signed(), showsRateLimits, error: null };
    } catch (thrown) {
      if (!(thrown instanceof BinanceError)) throw thrown;
      return { credentials: this.#signed(), showsRateLimits: null, error: thrown };
    }
  }

  #signed(): Credentials {
    const params = this.#params;
    return { kind: 'signed', apiKey: params['apiKey'] ?? null, text: () => signedText(params) };
  }

  /** True where the session's key is no longer one that could have opened it. */
  #isRevoked({ error }: ApiReply, { apiKey }: Caller): boolean {
    if (error?.code !== -2015) return false;
    const { trading, socket } = this.#options;
    const addresses = trading?.keys.get(apiKey)?.addresses;
    return addresses === undefined || (addresses !== null && !addresses.includes(socket.remoteAddress));
  }

  /** The session's key is no longer good: the session is forgotten, with the user data that it opened. */
  #revoke({ error }: ApiReply): void {
    this.#state.logon = null;
    this.#state.subscriptions?.closeOfSession();
    this.#send(JSON.stringify({ id: null, status: error?.status, error: error?.body() }));
    this.#state.subscriptions?.tellEnded(this.#options.desk.nowUs());
  }

  #send(frame: string): void {
    if (this.#closed) return;
    const { socket, socketLimits } = this.#options;
    if (socket.bufferedBytes() + frame.length > socketLimits.bufferedBytesMax) {
      // Too slow to be told anything: a close frame would wait behind all the rest.
      this.#cut();
      return;
    }
    socket.send(frame);
  }

  pong(payload: string): void {
    this.#upkeep.pong(payload);
  }

  /** When something is due next. */
  get dueMs(): number {
    return this.#upkeep.dueMs;
  }

  /** Pings and cuts that are due. */
  tend(nowMs: number): void {
    if (this.#closed) return;
    switch (this.#upkeep.tend(nowMs)) {
      case 'expired':
        this.#end(NORMAL, 'the connection has reached its longest life');
        return;
      case 'unanswered':
        this.#cut();
        return;
      case 'notice':
        this.announceShutdown(timestampUs(this.#options.desk.nowUs()));
        return;
      case null:
    }
  }

  /** Tells the client, once, that its connection is about to end. */
  announceShutdown(venueUs: TimestampUs): void {
    if (this.#noticed) return;
    this.#noticed = true;
    this.#send(JSON.stringify({ event: { e: 'serverShutdown', E: wireTime(venueUs, this.#options.unit) } }));
  }

  /** The connection is gone. */
  left(): void {
    this.#closed = true;
    this.#state.subscriptions?.drop();
  }

  #end(code: number, reason: string): void {
    this.left();
    this.#options.socket.close(code, reason);
  }

  #cut(): void {
    this.left();
    this.#options.socket.terminate();
  }
}
