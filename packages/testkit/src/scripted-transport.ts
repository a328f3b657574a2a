import { err, ok, type Result } from '@monsta/core';
import type {
  Clock,
  HttpRequest,
  HttpResponse,
  Timer,
  Transport,
  WebSocketConnection,
  WebSocketHandlers,
} from '@monsta/ports';
import { bytesOfBody, pourInto, sinkOf } from './body-sink.ts';

/** What the scripted server does with a request. `delayMs` passes on the script's clock before it happens. */
export type ScriptedReply =
  | {
      readonly status: number;
      readonly body?: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  /** The connection is refused: the request never arrived. */
  | { readonly fail: 'refused'; readonly delayMs?: number }
  /** The other side's certificate is not trusted: nothing was sent, and the same call fails again. */
  | { readonly fail: 'untrusted'; readonly delayMs?: number }
  /** The connection is cut after the request was sent: whether it took effect is unknown. */
  | { readonly fail: 'cut'; readonly delayMs?: number }
  /** Never answered. */
  | { readonly fail: 'silence' };

/** What the scripted server does with a WebSocket that wants to open. */
export type ScriptedWelcome = 'open' | 'refuse' | 'silence';

export interface ScriptedServer {
  handle(request: HttpRequest): ScriptedReply;
  /** Called for every new socket; returns whether it opens. Frames may be sent once `onOpen` ran. */
  welcome?(socket: ScriptedSocket): ScriptedWelcome;
}

export interface ScriptedTransportOptions {
  readonly clock: Clock;
  readonly server: ScriptedServer;
  /** Time a message, a request or a handshake takes one way. */
  readonly latencyMs?: number;
  readonly responseBytesMax?: number;
}

const ABNORMAL = 1006;
const NO_STATUS = 1005;

/** One WebSocket, seen from the server's side. */
export class ScriptedSocket {
  readonly url: string;
  /** Texts the client sent, in order. */
  readonly received: string[] = [];
  /** Called for each text the client sends. */
  onText: ((text: string) => void) | null = null;
  onOpened: (() => void) | null = null;
  /** Pings the client sent. */
  pings = 0;
  readonly #clock: Clock;
  readonly #handlers: WebSocketHandlers;
  readonly #latencyMs: number;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #openTimer: Timer | null = null;

  constructor(url: string, handlers: WebSocketHandlers, clock: Clock, latencyMs: number) {
    this.url = url;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  get state(): 'connecting' | 'open' | 'closing' | 'closed' {
    return this.#state;
  }

  /** Sends a text frame; it arrives after the script's latency, unless the socket is cut before. */
  send(text: string): void {
    this.#deliver(() => this.#handlers.onMessage(text));
  }

  ping(): void {
    this.#deliver(() => this.#handlers.onPing?.());
  }

  /** Closes with a handshake: the client sees this code. */
  close(code: number, reason = ''): void {
    this.#deliver(() => this.end(code, reason));
  }

  /** Breaks the connection now; frames under way are lost. */
  cut(reason = 'connection reset'): void {
    this.end(ABNORMAL, reason);
  }

  /** Used by the transport: the handshake, its deadline, and the end. */
  begin(welcome: ScriptedWelcome, openTimeoutMs: number): void {
    this.#openTimer = this.#clock.setTimer(openTimeoutMs, () =>
      this.end(ABNORMAL, `not open within ${openTimeoutMs} ms`),
    );
    if (welcome === 'silence') return;
    this.#clock.setTimer(this.#latencyMs, () => {
      if (this.#state !== 'connecting') return;
      if (welcome === 'refuse') {
        this.end(ABNORMAL, 'Unexpected server response: 403');
        return;
      }
      this.#openTimer?.cancel();
      this.#state = 'open';
      this.#handlers.onOpen();
      this.onOpened?.();
    });
  }

  end(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#openTimer?.cancel();
    this.#handlers.onClose(code, reason);
  }

  clientSend(text: string): boolean {
    if (this.#state !== 'open') return false;
    this.#clock.setTimer(this.#latencyMs, () => {
      if (this.#state !== 'open') return;
      this.received.push(text);
      this.onText?.(text);
    });
    return true;
  }

  clientClose(code: number | undefined, reason: string): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    const connecting = this.#state === 'connecting';
    this.#state = 'closing';
    this.#clock.setTimer(this.#latencyMs, () =>
      connecting ? this.end(ABNORMAL, 'closed before it was open') : this.end(code ?? NO_STATUS, reason),
    );
  }

  #deliver(arrive: () => void): void {
    if (this.#state !== 'open') return;
    this.#clock.setTimer(this.#latencyMs, () => {
      if (this.#state === 'open') arrive();
    });
  }
}

/** `Transport` to a server that is a script, on any clock: nothing leaves the process. */
export class ScriptedTransport implements Transport {
  /** Every request that was made, in order. */
  readonly requests: HttpRequest[] = [];
  /** Every WebSocket that was asked for, in order. */
  readonly sockets: ScriptedSocket[] = [];
  readonly #clock: Clock;
  readonly #server: ScriptedServer;
  readonly #latencyMs: number;
  readonly #responseBytesMax: number;
  readonly #abortAll = new AbortController();

  constructor({ clock, server, latencyMs = 1, responseBytesMax = 64 * 1024 * 1024 }: ScriptedTransportOptions) {
    this.#clock = clock;
    this.#server = server;
    this.#latencyMs = latencyMs;
    this.#responseBytesMax = responseBytesMax;
  }

  /** The socket opened last; throws when there is none. */
  get lastSocket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('ScriptedTransport: no WebSocket was opened');
    return socket;
  }

  /** Sockets that are open now. */
  get openSockets(): readonly ScriptedSocket[] {
    return this.sockets.filter((socket) => socket.state === 'open');
  }

  request(request: HttpRequest): Promise<Result<HttpResponse>> {
    const unknown = request.method === 'GET' ? 'retryable' : 'unknown_outcome';
    if (this.#abortAll.signal.aborted || request.signal?.aborted === true) {
      return Promise.resolve(
        err('transport_aborted', `${request.method} ${request.url} was aborted before it was sent`, {
          retry: 'retryable',
        }),
      );
    }
    this.requests.push(request);
    const reply = this.#server.handle(request);
    return new Promise((resolve) => {
      const timers: Timer[] = [];
      const finish = (result: Result<HttpResponse>): void => {
        for (const timer of timers) timer.cancel();
        request.signal?.removeEventListener('abort', abort);
        this.#abortAll.signal.removeEventListener('abort', abort);
        resolve(result);
      };
      const abort = (): void =>
        finish(err('transport_aborted', `${request.method} ${request.url} was aborted`, { retry: unknown }));
      request.signal?.addEventListener('abort', abort);
      this.#abortAll.signal.addEventListener('abort', abort);
      timers.push(
        this.#clock.setTimer(request.timeoutMs, () =>
          finish(
            err(
              'transport_timeout',
              `${request.method} ${request.url} was not answered within ${request.timeoutMs} ms`,
              { retry: unknown },
            ),
          ),
        ),
      );
      if ('fail' in reply && reply.fail === 'silence') return;
      timers.push(
        this.#clock.setTimer(2 * this.#latencyMs + (reply.delayMs ?? 0), () => {
          void this.#answer(request, reply).then(finish);
        }),
      );
    });
  }

  connect(url: string, handlers: WebSocketHandlers, options: { readonly openTimeoutMs: number }): WebSocketConnection {
    const socket = new ScriptedSocket(url, handlers, this.#clock, this.#latencyMs);
    this.sockets.push(socket);
    socket.begin(
      this.#abortAll.signal.aborted ? 'refuse' : (this.#server.welcome?.(socket) ?? 'open'),
      options.openTimeoutMs,
    );
    return {
      send: (text) => socket.clientSend(text),
      ping: () => {
        if (socket.state === 'open') socket.pings += 1;
      },
      close: (code, reason = '') => socket.clientClose(code, reason),
    };
  }

  close(): Promise<void> {
    this.#abortAll.abort();
    for (const socket of this.sockets) socket.end(ABNORMAL, 'transport closed');
    return Promise.resolve();
  }

  async #answer(
    request: HttpRequest,
    reply: Exclude<ScriptedReply, { readonly fail: 'silence' }>,
  ): Promise<Result<HttpResponse>> {
    const what = `${request.method} ${request.url}`;
    if ('fail' in reply) {
      const cut = request.method === 'GET' ? 'retryable' : 'unknown_outcome';
      const [how, retry] = (
        {
          refused: ['connection refused', 'retryable'],
          untrusted: ['the certificate is not trusted', 'permanent'],
          cut: ['connection reset', cut],
        } as const
      )[reply.fail];
      return err('transport_failed', `${what} failed: ${how}`, { retry });
    }
    const headers = Object.fromEntries(
      Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { status } = reply;
    const bytes = bytesOfBody(reply.body ?? '');
    const sink = sinkOf(request, status);
    if (sink !== null) {
      const poured = await pourInto(sink, bytes, what);
      return poured.ok ? ok({ status, headers, body: '' }) : poured;
    }
    if (bytes.length > this.#responseBytesMax) {
      return err('transport_failed', `${what}: the answer is larger than ${this.#responseBytesMax} bytes`, {
        retry: request.method === 'GET' ? 'permanent' : 'unknown_outcome',
      });
    }
    return ok({ status, headers, body: new TextDecoder().decode(bytes) });
  }
}
