import type {
  IncomingRequest,
  OutgoingResponse,
  ServerSocket,
  ServerSocketHandlers,
  WebSocketRoute,
} from '@monsta/ports';
import { isAt, type ArmedRule, type Strike, type Traffic } from './fault-injector.ts';
import { FaultyConnection } from './faulty-connection.ts';
import { closedResponse, faultResponse, type FaultTools } from './faulty-route.ts';
import { parseJson } from './frame-subject.ts';
import { clueInParameters, type OrderClue } from './order-clue.ts';
import { requestFate, type RequestFate } from './request-fate.ts';

interface SocketRequest {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const changesAnswer = ({ after, duplicate }: RequestFate): boolean =>
  after.fills.length > 0 || after.delayMs > 0 || after.end !== null || duplicate !== null;

/** What a client sends on one connection, with the faults before the server's handlers. */
class IncomingMessages {
  readonly #connection: FaultyConnection;
  readonly #tools: FaultTools;
  readonly #handlers: ServerSocketHandlers;

  constructor(connection: FaultyConnection, tools: FaultTools, handlers: ServerSocketHandlers) {
    this.#connection = connection;
    this.#tools = tools;
    this.#handlers = handlers;
  }

  receive(text: string): void {
    const connection = this.#connection;
    const channel = connection.isApi ? 'ws-api' : 'subscription';
    const watched = this.#tools.injector.watches(channel);
    const logsOn = connection.isApi && text.includes('session.log');
    // Subscriptions and who has logged on are followed always: a rule may come later.
    const parsed = watched || logsOn || !connection.isApi ? parseJson(text) : undefined;
    const request: SocketRequest | null = isObject(parsed) ? parsed : null;
    const method = typeof request?.method === 'string' ? request.method : null;
    if (request === null || method === null || !watched) {
      this.#forward(text, request);
      return;
    }
    const strikes = this.#tools.injector.strikeAll(connection.traffic(channel, [method]));
    if (strikes.length === 0) {
      this.#forward(text, request);
      return;
    }
    const fate = requestFate(strikes);
    const clue = clueInParameters(request.params, connection.sessionKey);
    for (const strike of fate.before.fills) this.#tools.fills.fill(strike, clue);
    const go = (): void => this.#go(text, request, fate, clue);
    if (fate.before.delayMs === 0) go();
    else connection.out.later(fate.before.delayMs, go);
  }

  #go(text: string, request: SocketRequest, fate: RequestFate, clue: OrderClue): void {
    const fault = fate.before.end?.fault;
    if (fault === undefined) {
      if (changesAnswer(fate)) this.#connection.expect(request.id, fate, clue);
      this.#forward(text, request);
    } else if (fault.kind === 'cut') this.#connection.cut(fault);
    else if (fault.kind !== 'silence') this.#connection.refuse({ id: request.id }, fault);
  }

  #forward(text: string, request: SocketRequest | null): void {
    const { streams, isApi } = this.#connection;
    if (request?.method === 'session.logon')
      this.#connection.sessionKey = clueInParameters(request.params, null).apiKey;
    if (request?.method === 'session.logout') this.#connection.sessionKey = null;
    const names = Array.isArray(request?.params) ? (request.params as readonly unknown[]) : [];
    for (const name of isApi ? [] : names) {
      if (typeof name !== 'string') continue;
      if (request?.method === 'SUBSCRIBE') streams.add(name);
      if (request?.method !== 'UNSUBSCRIBE') continue;
      streams.delete(name);
      this.#connection.left(name);
    }
    this.#handlers.onMessage(text);
  }
}

/** The sockets of a server, with the faults of `tools` on both their ways. */
export class FaultySockets {
  readonly #tools: FaultTools;
  readonly #open = new Set<FaultyConnection>();
  #opened = 0;

  constructor(tools: FaultTools) {
    this.#tools = tools;
  }

  /** The route with faults around it. Without a rule every frame passes as it is. */
  wrap(route: WebSocketRoute): WebSocketRoute {
    return {
      path: route.path,
      messageBytesMax: route.messageBytesMax,
      authorize: (request) => this.#refusal(request) ?? route.authorize?.(request) ?? null,
      accept: (socket, request) => this.#accept(route, socket, request),
    };
  }

  #paths({ path, rawQuery }: IncomingRequest): readonly string[] {
    return rawQuery === '' ? [path] : [path, `${path}?${rawQuery}`];
  }

  #refusal(request: IncomingRequest): OutgoingResponse | null {
    const { injector, originHeaders, closed } = this.#tools;
    if (closed()) return closedResponse(originHeaders);
    if (!injector.watches('connection')) return null;
    const traffic: Traffic = {
      channel: 'connection',
      httpMethod: null,
      subjects: this.#paths(request),
      connection: this.#opened + 1,
      to: request.remoteAddress,
    };
    const [strike] = injector.strikeAll(traffic, ({ kind }) => kind === 'refuse');
    if (strike === undefined || strike.fault.kind !== 'refuse') return null;
    strike.record.note = `not opened; answered ${strike.fault.status}`;
    return faultResponse(strike.fault, strike.armed.rule.id, originHeaders);
  }

  #accept(route: WebSocketRoute, socket: ServerSocket, request: IncomingRequest): ServerSocketHandlers {
    const { injector } = this.#tools;
    this.#opened += 1;
    const connection = new FaultyConnection(
      socket,
      this.#tools,
      this.#opened,
      this.#paths(request),
      this.#tools.streamsInUrl(request),
    );
    this.#open.add(connection);
    if (injector.watches('connection')) {
      const strikes = injector.strikeAll(
        connection.traffic('connection', connection.paths),
        (fault) => 'moment' in fault && fault.moment === 'open',
      );
      for (const strike of strikes) this.#suffer(connection, strike);
    }
    const handlers = route.accept(connection, request);
    const incoming = new IncomingMessages(connection, this.#tools, handlers);
    return {
      onMessage: (text) => incoming.receive(text),
      onPing: () => handlers.onPing?.(),
      onPong: (payload) => handlers.onPong?.(payload),
      onClose: (code, reason) => {
        connection.out.end();
        this.#open.delete(connection);
        handlers.onClose(code, reason);
      },
    };
  }

  #suffer(connection: FaultyConnection, { fault, record }: Strike): void {
    if (fault.kind !== 'cut-connection' && fault.kind !== 'freeze-connection') return;
    const happen = (): void => {
      if (fault.kind === 'freeze-connection') connection.freeze(null, fault, record);
      else connection.cut(fault);
    };
    const afterMs = fault.moment === 'open' ? fault.afterOpenMs : 0;
    record.note = fault.kind === 'cut-connection' ? `cut after ${afterMs} ms` : `frozen after ${afterMs} ms`;
    // A cut while the connection opens would come before the server knows it.
    if (afterMs > 0 || (fault.moment === 'open' && fault.kind === 'cut-connection'))
      connection.out.later(afterMs, happen);
    else happen();
  }

  /** Strikes the connections that are open now, in the order in which they opened. */
  strikeOpen(armed: ArmedRule): void {
    for (const connection of this.#open) {
      const traffic = connection.traffic('connection', connection.paths);
      if (!isAt(armed.rule, traffic)) continue;
      const strike = this.#tools.injector.strikeWith(armed, traffic);
      if (strike !== null) this.#suffer(connection, strike);
    }
  }

  /** Ends all that lasts on open connections. */
  release(): void {
    for (const connection of this.#open) connection.release();
  }

  closeAll(code: number, reason: string): void {
    for (const connection of this.#open) connection.close(code, reason);
  }
}
