import type { IncomingRequest, OutgoingResponse, ServerSocket, ServerSocketHandlers } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { createBinanceServer, type BinanceServer, type BinanceServerOptions } from './binance-server.ts';

/** 2025-03-01T12:00:00Z, at the start of a minute and of a five-minute window. */
export const START_MS = 1_740_830_400_000;

function request(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  remoteAddress = '10.0.0.1',
): IncomingRequest {
  const [path = '', rawQuery = ''] = target.split('?');
  return { method: 'GET', path, params: {}, rawQuery, headers, body: '', remoteAddress };
}

/** A client's end of a socket: everything sent to it is kept. */
export class TestSocket implements ServerSocket {
  readonly id = 1;
  readonly remoteAddress: string;
  readonly sent: (string | Uint8Array)[] = [];
  readonly pings: string[] = [];
  buffered = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  terminated = false;
  handlers: ServerSocketHandlers | null = null;

  constructor(remoteAddress = '10.0.0.1') {
    this.remoteAddress = remoteAddress;
  }

  bufferedBytes(): number {
    return this.buffered;
  }
  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }
  ping(payload = ''): void {
    this.pings.push(payload);
  }
  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }
  terminate(): void {
    this.terminated = true;
  }

  say(message: unknown): void {
    this.handlers?.onMessage(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** What came since the last call, parsed. */
  heard(): readonly Heard[] {
    return this.sent.splice(0).map((data) => {
      return JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)) as Heard;
    });
  }
}

export interface Heard {
  readonly stream?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly e?: string;
  readonly result?: unknown;
  readonly id?: unknown;
  readonly error?: { readonly code: number; readonly msg: string };
}

export interface World {
  readonly clock: VirtualClock;
  readonly server: BinanceServer;
  readonly get: (
    target: string,
    headers?: Readonly<Record<string, string>>,
    address?: string,
  ) => Promise<OutgoingResponse & { readonly json: unknown }>;
  readonly connect: (target: string) => TestSocket;
}

/** The server over the simulated market, on a clock that moves when told to. */
export function makeWorld(options: Partial<BinanceServerOptions> = {}): World {
  const clock = new VirtualClock(START_MS * 1_000);
  const { logger } = silentTelemetry();
  const model = createSimulatedExchange({ seed: 5, clock });
  const server = createBinanceServer({ model, clock, logger, ...options });
  return {
    clock,
    server,
    async get(target, headers, address) {
      const incoming = request(target, headers, address);
      const route = server.routes.find(({ path }) => path === incoming.path);
      const response = await (route === undefined ? server.notFound(incoming) : route.handle(incoming));
      const json: unknown = JSON.parse(typeof response.body === 'string' ? response.body : '');
      return { ...response, json };
    },
    connect(target) {
      const incoming = request(target);
      const route = server.webSockets.find(
        ({ path }) => path === incoming.path || (path.endsWith('/*') && incoming.path.startsWith(path.slice(0, -1))),
      );
      if (route === undefined) throw new Error(`no WebSocket route for ${target}`);
      const refusal = route.authorize?.(incoming) ?? null;
      if (refusal !== null) throw new Error(`refused with ${refusal.status}`);
      const socket = new TestSocket();
      socket.handlers = route.accept(socket, incoming);
      return socket;
    },
  };
}
