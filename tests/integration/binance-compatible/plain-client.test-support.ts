import { createHmac, sign, type KeyObject } from 'node:crypto';
import WebSocket from 'ws';
import type { Addresses } from './other-clients.test-support.ts';

/** How requests are signed. */
export type Proof =
  | { readonly apiKey: string; readonly apiSecret: string }
  | { readonly apiKey: string; readonly privateKey: KeyObject };

export type Values = Readonly<Record<string, string | number | boolean>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Where the parameters go; `mixed`: every other one. */
  readonly place?: 'query' | 'body' | 'mixed';
  readonly headers?: Readonly<Record<string, string>>;
}

function signatureOf(proof: Proof, text: string): string {
  if ('apiSecret' in proof) return createHmac('sha256', proof.apiSecret).update(text).digest('hex');
  const algorithm = proof.privateKey.asymmetricKeyType === 'rsa' ? 'sha256' : null;
  return sign(algorithm, Buffer.from(text), proof.privateKey).toString('base64');
}

const form = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

/** A client written from the documentation alone: `fetch`, signatures, and bare sockets. */
export class PlainClient {
  readonly #addresses: Addresses;
  readonly #proof: Proof | null;

  constructor(addresses: Addresses, proof: Proof | null = null) {
    this.#addresses = addresses;
    this.#proof = proof;
  }

  /** A request that anybody may make, below `/api/v3`. */
  async ask(path: string, values: Values = {}, asked: Asked = {}): Promise<Answer> {
    return this.#send(path, form(values), '', asked);
  }

  /** The same, signed. `timestamp` is the machine's own time unless given. */
  async signed(path: string, values: Values = {}, asked: Asked = {}): Promise<Answer> {
    const proof = this.#proof;
    if (proof === null) throw new Error('this client has no key');
    const given = Object.entries({ ...values, timestamp: values['timestamp'] ?? Date.now() });
    const inQuery = given.filter((_pair, at) => asked.place !== 'body' && (asked.place !== 'mixed' || at % 2 === 0));
    const inBody = given.filter((pair) => !inQuery.includes(pair));
    const query = form(Object.fromEntries(inQuery));
    const body = form(Object.fromEntries(inBody));
    const signature = `signature=${encodeURIComponent(signatureOf(proof, query + body))}`;
    return this.#send(path, body === '' ? `${query}&${signature}` : query, body === '' ? '' : `${body}&${signature}`, {
      ...asked,
      headers: { 'X-MBX-APIKEY': proof.apiKey, ...asked.headers },
    });
  }

  /** A POST of texts as they are, with the signature at the end of the body. */
  async signedText(path: string, query: string, body: string, apiKey: string): Promise<Answer> {
    if (this.#proof === null) throw new Error('this client has no key');
    const signature = signatureOf(this.#proof, query + body);
    const headers = { 'X-MBX-APIKEY': apiKey };
    return this.#send(path, query, `${body}&signature=${signature}`, { method: 'POST', headers });
  }

  async #send(path: string, query: string, body: string, { method = 'GET', headers = {} }: Asked): Promise<Answer> {
    const url = `${this.#addresses.restUrl}/api/v3/${path}${query === '' ? '' : `?${query}`}`;
    const form_ = body === '' ? {} : { body };
    const type = body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, { method, headers: { ...type, ...headers }, ...form_ });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as unknown };
  }

  /** Parameters for the WebSocket API: sorted by name, joined without encoding, signed with the key among them. */
  signedParams(values: Values = {}): Values {
    const proof = this.#proof;
    if (proof === null) throw new Error('this client has no key');
    const all = { timestamp: Date.now(), ...values, apiKey: proof.apiKey };
    const text = Object.entries(all)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    return { ...all, signature: signatureOf(proof, text) };
  }

  open(path: string): Promise<PlainSocket> {
    return PlainSocket.open(`${this.#addresses.wsUrl}${path}`);
  }
}

export type Frame = Readonly<Record<string, unknown>>;

/** A socket that keeps what it hears and can wait for more. */
export class PlainSocket {
  readonly heard: Frame[] = [];
  readonly #socket: WebSocket;
  #waiting: { readonly wanted: (frame: Frame) => boolean; readonly resolve: (frame: Frame) => void }[] = [];
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      this.heard.push(frame);
      const [met, waiting] = [
        this.#waiting.filter(({ wanted }) => wanted(frame)),
        this.#waiting.filter(({ wanted }) => !wanted(frame)),
      ];
      this.#waiting = waiting;
      for (const { resolve } of met) resolve(frame);
    });
  }

  static open(url: string): Promise<PlainSocket> {
    const socket = new WebSocket(url);
    const client = new PlainSocket(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** The first frame that is wanted, of those heard and those to come. */
  next(wanted: (frame: Frame) => boolean): Promise<Frame> {
    const already = this.heard.find((frame) => wanted(frame));
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
  }

  /** Sends a request and waits for its answer. */
  ask(method: string, params?: Values | readonly string[]): Promise<Frame> {
    this.#id += 1;
    const id = this.#id;
    this.say(JSON.stringify(params === undefined ? { id, method } : { id, method, params }));
    return this.next((frame) => frame['id'] === id);
  }

  close(): Promise<number> {
    return new Promise((resolve) => {
      this.#socket.once('close', (code) => resolve(code));
      this.#socket.close();
    });
  }
}
