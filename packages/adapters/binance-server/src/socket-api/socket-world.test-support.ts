import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { msFromUs } from '@monsta/core';
import { TestSocket } from '../server.test-support.ts';
import type { AccountCredentials } from '../trading/demo-accounts.ts';
import { hmacHex, type TradingWorld } from '../trading/trading-world.test-support.ts';

export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer of the WebSocket API. */
export interface Answer {
  readonly id: unknown;
  readonly status: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly msg: string; readonly data?: unknown };
  readonly rateLimits?: readonly {
    readonly rateLimitType: string;
    readonly interval: string;
    readonly count: number;
  }[];
}

/** An event of user data. */
export interface UserEvent {
  readonly subscriptionId: number;
  readonly event: Readonly<Record<string, unknown>>;
}

const isEvent = (frame: object): frame is UserEvent => 'event' in frame;

/** The text that a request signs, spelled out as a client would. */
const paramsText = (params: Params): string =>
  Object.entries(params)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('&');

/** A client's connection to the WebSocket API. */
export class ApiClient {
  readonly socket: TestSocket;
  readonly #world: TradingWorld;
  #id = 0;

  constructor(world: TradingWorld, socket: TestSocket) {
    this.#world = world;
    this.socket = socket;
  }

  /** Sends a frame as it is and returns what came: answers and events. */
  raw(text: string): readonly (Answer | UserEvent)[] {
    this.socket.say(text);
    return this.heard();
  }

  heard(): readonly (Answer | UserEvent)[] {
    return this.socket.heard() as readonly (Answer | UserEvent)[];
  }

  /** The events that came since the last call, when all that was caused has been told. */
  async events(): Promise<readonly UserEvent[]> {
    await Promise.resolve();
    return this.heard().filter(isEvent);
  }

  ask(method: string, params?: Params): Answer {
    this.#id += 1;
    const [answer] = this.raw(JSON.stringify({ id: this.#id, method, params })).filter(
      (frame): frame is Answer => !isEvent(frame),
    );
    if (answer === undefined) throw new Error(`no answer to ${method}`);
    return answer;
  }

  /** Asks with a key and an HMAC signature. */
  signed(who: AccountCredentials, method: string, params: Params = {}): Answer {
    const all = { ...params, apiKey: who.apiKey, timestamp: this.now() };
    return this.ask(method, { ...all, signature: hmacHex(who.apiSecret, paramsText(all)) });
  }

  now(): number {
    return msFromUs(this.#world.model.nowUs());
  }
}

/** Opens a connection; throws with the status where it is refused. */
export function connectApi(world: TradingWorld, query = '', address = '127.0.0.1'): ApiClient {
  const route = world.server.webSockets.find(({ path }) => path === '/ws-api/v3');
  if (route === undefined) throw new Error('no WebSocket API');
  const request = {
    method: 'GET',
    path: '/ws-api/v3',
    params: {},
    rawQuery: query,
    headers: {},
    body: '',
    remoteAddress: address,
  };
  const refusal = route.authorize?.(request) ?? null;
  if (refusal !== null) throw new Error(`refused with ${refusal.status}: ${String(refusal.body)}`);
  const socket = new TestSocket(address);
  socket.handlers = route.accept(socket, request);
  return new ApiClient(world, socket);
}

/** An Ed25519 key of an account, registered as a client would. */
export interface Ed25519Key {
  readonly apiKey: string;
  readonly privateKey: KeyObject;
}

export async function registerEd25519(
  world: TradingWorld,
  who: AccountCredentials,
  permissions?: readonly string[],
): Promise<Ed25519Key> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const response = await world.send('POST', '/sim/keys', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      account: who.account,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      ...(permissions === undefined ? {} : { permissions }),
    }),
  });
  const { apiKey } = response.json as { readonly apiKey?: string };
  if (apiKey === undefined) throw new Error(`no key: ${String(response.body)}`);
  return { apiKey, privateKey };
}

/** Parameters with their Ed25519 signature. */
export function signEd25519(key: Ed25519Key, params: Params): Params {
  const all = { ...params, apiKey: key.apiKey };
  return { ...all, signature: sign(null, Buffer.from(paramsText(all)), key.privateKey).toString('base64') };
}
