import { errorBody, errorMapping, type ClientRequest } from '@monsta/contracts';
import { err, fault, ok, type Fault, type Interval, type Result } from '@monsta/core';
import { Fanout } from '@monsta/fanout';
import { isOriginAllowed } from '@monsta/identity';
import type {
  Clock,
  EventStream,
  IncomingRequest,
  Logger,
  Metrics,
  OutgoingResponse,
  Readiness,
  Role,
  ServerSocket,
  ServerSocketHandlers,
  StreamMessage,
  Subscription,
  Timer,
  WebSocketRoute,
} from '@monsta/ports';
import { readRequest, readTopics } from './client-requests.ts';
import type { WebSocketServerConfig } from './config.ts';
import { Connection } from './connection.ts';
import { webSocketMetrics, type WebSocketMetrics } from './metrics.ts';
import { CLIENT_SUBJECTS, conflationKey, policyOf, TopicPolicies } from './topic-policies.ts';
import { UpstreamSequences } from './upstream.ts';

/** The present state of topics at the start, in wire form; several entries of one topic are several keys (models). */
export type SnapshotSource = () => Promise<Result<readonly { readonly topic: string; readonly data: unknown }[]>>;

export interface WebSocketServerDependencies {
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: WebSocketServerConfig;
  /** Symbols that may be subscribed to, as of now. */
  readonly knownInstruments: () => ReadonlySet<string>;
  /** Of which bars are collected. */
  readonly intervals: readonly Interval[];
  /** What topics hold before the first message comes by; without it they begin empty. */
  readonly snapshots?: SnapshotSource;
}

export interface WebSocketServerRole extends Role {
  /** For the HTTP server that carries the sockets. */
  readonly routes: readonly WebSocketRoute[];
}

/** Sweeps per ping interval: each looks after its share of the sockets, so that pings don't come all at once. */
const SWEEPS = 10;

const refusal = (of: Pick<Fault, 'code' | 'message'>): OutgoingResponse => ({
  status: errorMapping(of.code).http,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(errorBody(of)),
});

class WebSocketServer implements WebSocketServerRole {
  readonly name = 'websocket-server';
  readonly routes: readonly WebSocketRoute[];
  readonly #deps: WebSocketServerDependencies;
  readonly #config: WebSocketServerConfig;
  readonly #fanout: Fanout;
  readonly #policies = new TopicPolicies();
  readonly #upstream = new UpstreamSequences();
  readonly #metrics: WebSocketMetrics;
  readonly #connections = new Map<number, Connection>();
  readonly #byAddress = new Map<string, number>();
  readonly #subscriptions: Subscription[] = [];
  #phase: 'new' | 'running' | 'draining' = 'new';
  #flushTimer: { readonly dueMs: number; readonly timer: Timer } | null = null;
  #sweepTimer: Timer | null = null;
  #sweep = 0;
  #streamFault: string | null = null;

  constructor(deps: WebSocketServerDependencies) {
    this.#deps = deps;
    this.#config = deps.config;
    const { batchDelayMs, batchMessagesMax, slowBytes, slowMsMax, pendingMessagesMax } = deps.config;
    this.#fanout = new Fanout({
      // Two lives of the server can't begin in the same microsecond.
      epoch: deps.clock.nowUs().toString(36),
      batchDelayMs,
      batchMessagesMax,
      slowBytes,
      slowMsMax,
      pendingMessagesMax,
    });
    this.#metrics = webSocketMetrics(deps.metrics);
    this.routes = [
      {
        path: '/ws',
        messageBytesMax: deps.config.messageBytesMax,
        authorize: (request) => this.#authorize(request),
        accept: (socket) => this.#accept(socket),
      },
    ];
  }

  async start(): Promise<Result<null>> {
    for (const subject of CLIENT_SUBJECTS) {
      const subscribed = this.#deps.stream.subscribe({
        subject,
        queueMax: this.#config.streamQueueMax,
        overflow: 'drop-oldest',
        onMessage: (message) => this.#publish(message),
        onEnd: (code, reason) => {
          if (this.#phase !== 'running') return;
          this.#streamFault = `the event stream ended '${subject}': ${code}: ${reason}`;
          this.#deps.logger.error('subscription ended', { subject, code, reason });
        },
      });
      if (!subscribed.ok) return subscribed;
      this.#subscriptions.push(subscribed.value);
    }
    await this.#seed();
    this.#phase = 'running';
    this.#scheduleSweep();
    return ok(null);
  }

  readiness(): Readiness {
    if (this.#streamFault !== null) return { ready: false, waitingFor: [this.#streamFault] };
    return this.#phase === 'running'
      ? { ready: true, waitingFor: [] }
      : { ready: false, waitingFor: [this.#phase === 'new' ? 'not started' : 'stopping'] };
  }

  /** Sends what waits, says goodbye to every client (1001) and takes no more. */
  drain(): Promise<void> {
    if (this.#phase === 'running') this.#fanout.flush(this.#deps.clock.monotonicMs());
    this.#phase = 'draining';
    for (const connection of this.#connections.values())
      connection.closeWith('shutting_down', 'the server is stopping; connect again');
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.drain();
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
    this.#flushTimer?.timer.cancel();
    this.#flushTimer = null;
    this.#sweepTimer?.cancel();
    this.#sweepTimer = null;
    for (const connection of [...this.#connections.values()]) {
      connection.socket.terminate();
      this.#forget(connection.socket);
    }
  }

  async #seed(): Promise<void> {
    if (this.#deps.snapshots === undefined) return;
    const loaded = await this.#deps.snapshots();
    if (!loaded.ok) {
      this.#deps.logger.warn('topics begin without their present state', {
        code: loaded.fault.code,
        reason: loaded.fault.message,
      });
      return;
    }
    const byTopic = Map.groupBy(loaded.value, ({ topic }) => topic);
    for (const [topic, entries] of byTopic) {
      const policy = this.#policies.of(topic);
      if (policy === null) continue;
      this.#fanout.seed(
        topic,
        policy,
        entries.map(({ data }) => ({ key: conflationKey(topic, data), data })),
      );
    }
  }

  #publish(message: StreamMessage): void {
    const policy = this.#policies.of(message.subject);
    if (policy === null) return;
    const arrival = this.#upstream.observe(message);
    if (arrival.repeated) return;
    this.#metrics.published.add();
    if (arrival.lost > 0) this.#metrics.lost.add(arrival.lost);
    this.#fanout.publish(
      {
        topic: message.subject,
        policy,
        key: policy.conflated ? conflationKey(message.subject, message.payload) : '',
        data: message.payload,
        lostBefore: arrival.lost,
      },
      this.#deps.clock.monotonicMs(),
    );
    this.#arm();
  }

  /** Sets the timer for the engine's next due time. */
  #arm(): void {
    const dueMs = this.#fanout.nextDueMs();
    if (dueMs === null || (this.#flushTimer !== null && this.#flushTimer.dueMs <= dueMs)) return;
    this.#flushTimer?.timer.cancel();
    const delayMs = Math.max(0, dueMs - this.#deps.clock.monotonicMs());
    const timer = this.#deps.clock.setTimer(delayMs, () => {
      this.#flushTimer = null;
      const nowMs = this.#deps.clock.monotonicMs();
      // A timer may wake a fraction of a millisecond early.
      this.#fanout.advance(Math.max(nowMs, dueMs));
      this.#arm();
    });
    this.#flushTimer = { dueMs, timer };
  }

  #authorize(request: IncomingRequest): OutgoingResponse | null {
    const refused = this.#refusalOf(request);
    if (refused === null) return null;
    this.#metrics.refused.add(1, { code: refused.code });
    return refusal(refused);
  }

  #refusalOf({ headers, remoteAddress }: IncomingRequest): Fault | null {
    if (this.#phase !== 'running') return fault('not_ready', 'live data is not available yet; try again');
    if (!isOriginAllowed(headers, this.#config.originsAllowed))
      return fault('origin_forbidden', 'pages of this origin may not connect; list it under originsAllowed');
    return this.#placeFor(remoteAddress);
  }

  #placeFor(remoteAddress: string): Fault | null {
    if (this.#connections.size >= this.#config.connectionsMax)
      return fault('too_many_requests', `all ${this.#config.connectionsMax} places are taken; try again later`);
    if ((this.#byAddress.get(remoteAddress) ?? 0) >= this.#config.connectionsPerAddressMax)
      return fault(
        'too_many_requests',
        `an address may hold ${this.#config.connectionsPerAddressMax} connections at a time`,
      );
    return null;
  }

  #accept(socket: ServerSocket): ServerSocketHandlers {
    const { clock } = this.#deps;
    const connection = new Connection(socket, this.#config.requestsBurstMax, clock.monotonicMs());
    const full = this.#phase === 'running' ? this.#placeFor(socket.remoteAddress) : fault('shutting_down', 'stopping');
    if (full !== null) {
      connection.closeWith(full.code, full.message);
      return { onMessage: () => undefined, onClose: () => undefined };
    }
    this.#connections.set(socket.id, connection);
    this.#byAddress.set(socket.remoteAddress, (this.#byAddress.get(socket.remoteAddress) ?? 0) + 1);
    this.#fanout.addClient(socket.id, connection);
    this.#metrics.connections.set(this.#connections.size);
    return {
      onMessage: (text) => {
        connection.awaitsSign = false;
        this.#receive(connection, text);
      },
      onPong: () => {
        connection.awaitsSign = false;
      },
      onClose: () => this.#forget(socket),
    };
  }

  #forget(socket: ServerSocket): void {
    this.#fanout.removeClient(socket.id);
    if (!this.#connections.delete(socket.id)) return;
    const rest = (this.#byAddress.get(socket.remoteAddress) ?? 1) - 1;
    if (rest === 0) this.#byAddress.delete(socket.remoteAddress);
    else this.#byAddress.set(socket.remoteAddress, rest);
    this.#metrics.connections.set(this.#connections.size);
  }

  #receive(connection: Connection, text: string): void {
    const { requestsPerSecondMax, requestsBurstMax, slowBytes } = this.#config;
    if (!connection.takeRequest(this.#deps.clock.monotonicMs(), requestsPerSecondMax, requestsBurstMax)) {
      connection.closeWith('too_many_requests', `more than ${requestsPerSecondMax} messages a second`);
      return;
    }
    // Who asks but does not read the answers would otherwise fill our memory with them.
    if (connection.bufferedBytes() > 2 * slowBytes) {
      connection.cut('answers are not being read');
      return;
    }
    const read = readRequest(text);
    if (!('request' in read)) {
      connection.refuse(read.id, read.fault);
      return;
    }
    const refused = this.#handle(connection, read.request);
    if (refused !== null) connection.refuse(read.request.id, refused);
    this.#arm();
  }

  /** Carries a request out and replies, or returns why not; then nothing of it was done. */
  #handle(connection: Connection, request: ClientRequest): Fault | null {
    const { id: client } = connection.socket;
    if (request.method === 'LIST_SUBSCRIPTIONS') {
      connection.reply(request.id, this.#fanout.subscriptions(client));
      return null;
    }
    const topics = readTopics(request.params, this.#deps.knownInstruments(), this.#deps.intervals);
    if (!topics.ok) return topics.fault;
    if (request.method === 'UNSUBSCRIBE') {
      this.#fanout.unsubscribe(client, request.params);
      connection.reply(request.id, null);
      return null;
    }
    const present = new Set(this.#fanout.subscriptions(client));
    const added = topics.value.filter(({ name }) => !present.has(name)).length;
    const { subscriptionsPerClientMax } = this.#config;
    if (present.size + added > subscriptionsPerClientMax) {
      return err(
        'too_many_subscriptions',
        `a connection may hold ${subscriptionsPerClientMax} topics; it has ${present.size}, and ${added} more were asked for`,
      ).fault;
    }
    connection.reply(request.id, null);
    this.#fanout.subscribe(
      client,
      topics.value.map((topic) => ({ name: topic.name, policy: policyOf(topic) })),
      this.#deps.clock.monotonicMs(),
    );
    return null;
  }

  #scheduleSweep(): void {
    this.#sweepTimer = this.#deps.clock.setTimer(this.#config.pingIntervalMs / SWEEPS, () => {
      this.#sweep = (this.#sweep + 1) % SWEEPS;
      for (const connection of [...this.#connections.values()]) {
        if (connection.socket.id % SWEEPS !== this.#sweep) continue;
        if (connection.awaitsSign) {
          // Nothing came back since the last ping: no close handshake would be answered either.
          connection.socket.terminate();
          this.#forget(connection.socket);
          continue;
        }
        connection.awaitsSign = true;
        connection.socket.ping();
      }
      this.#metrics.observe(this.#fanout.counts());
      this.#scheduleSweep();
    });
  }
}

/** The role that fans the event stream out to WebSocket clients at `/ws`. */
export function createWebSocketServer(dependencies: WebSocketServerDependencies): WebSocketServerRole {
  return new WebSocketServer(dependencies);
}
