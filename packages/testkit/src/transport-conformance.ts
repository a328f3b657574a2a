import type { BodySink, HttpResponse, Transport, WebSocketConnection } from '@monsta/ports';
import type { Result } from '@monsta/core';
import { describe, expect, it } from 'vitest';

/**
 * A transport and a server that it reaches. The server answers
 * `GET /hello` 200 `hello` with `X-Test: Yes`; `GET /status/418` 418; `POST /echo` the body; `/silence` never;
 * `/cut` by cutting the connection once the request is there; `/large` with more than `responseBytesMax` bytes; `/bytes` with `TRANSPORT_BYTES`;
 * and on WebSockets: `/echo` sends every text back; `/ping` pings once open; `/bye` closes with 4001 `bye`;
 * `/cut` breaks the connection once open; `/refuse` answers 403; `/silence` never answers.
 */
export interface TransportRig {
  readonly transport: Transport;
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  /** A URL of nobody: connections are refused. */
  readonly refusedUrl: string;
  /** Lets time pass until the condition holds; throws when it does not within some seconds. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** What `GET /bytes` answers: no text, and longer than the rig's `responseBytesMax`, which a sink is not bound to. */
export const TRANSPORT_BYTES: Uint8Array = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256);

/** Keeps what it takes; throws at the piece of that number, from 1. */
class KeepingSink implements BodySink {
  readonly bytesMax: number;
  readonly stallMs = 1_000;
  readonly #failAt: number;
  readonly #pieces: Uint8Array[] = [];

  constructor({
    bytesMax = 1_000_000,
    failAt = Infinity,
  }: { readonly bytesMax?: number; readonly failAt?: number } = {}) {
    this.bytesMax = bytesMax;
    this.#failAt = failAt;
  }

  readonly take = async (piece: Uint8Array): Promise<void> => {
    await Promise.resolve();
    this.#pieces.push(Uint8Array.from(piece));
    if (this.#pieces.length >= this.#failAt) throw new Error('the disk is full');
  };

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

class Watcher {
  opened = 0;
  pings = 0;
  readonly texts: string[] = [];
  readonly closes: (readonly [number, string])[] = [];
  onOpen(): void {
    this.opened += 1;
  }
  onMessage(text: string): void {
    this.texts.push(text);
  }
  onPing(): void {
    this.pings += 1;
  }
  onClose(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }
}

async function settled<T>(rig: TransportRig, promise: Promise<T>): Promise<T> {
  let done = false;
  void promise.then(() => (done = true));
  await rig.until(() => done);
  return promise;
}

const codeOf = (result: Result<HttpResponse>): readonly [string, string] =>
  result.ok ? ['ok', String(result.value.status)] : [result.fault.code, result.fault.retry];

/** What every `Transport` must keep. */
export function transportConformance(name: string, make: () => Promise<TransportRig>): void {
  const rigged = (test: (rig: TransportRig) => Promise<void>) => async () => {
    const rig = await make();
    try {
      await test(rig);
    } finally {
      await rig.stop();
    }
  };
  const open = async (rig: TransportRig, path: string): Promise<readonly [Watcher, WebSocketConnection]> => {
    const watcher = new Watcher();
    const connection = rig.transport.connect(rig.webSocketUrl + path, watcher, { openTimeoutMs: 300 });
    await rig.until(() => watcher.opened + watcher.closes.length > 0);
    return [watcher, connection];
  };
  const get = (rig: TransportRig, path: string, timeoutMs = 2_000): Promise<Result<HttpResponse>> =>
    settled(rig, rig.transport.request({ method: 'GET', url: rig.httpUrl + path, timeoutMs }));

  describe(`${name} keeps the promises of a transport over HTTP`, () => {
    it(
      'gives status, body and headers under lower-case names',
      rigged(async (rig) => {
        const reply = await get(rig, '/hello');
        expect(reply).toMatchObject({ ok: true, value: { status: 200, body: 'hello', headers: { 'x-test': 'Yes' } } });
      }),
    );

    it(
      'gives any HTTP status as a value',
      rigged(async (rig) => {
        expect(codeOf(await get(rig, '/status/418'))).toEqual(['ok', '418']);
      }),
    );

    it(
      'gives a body to a sink byte for byte, and leaves no text of it',
      rigged(async (rig) => {
        const into = new KeepingSink();
        const url = `${rig.httpUrl}/bytes`;
        const reply = await settled(rig, rig.transport.request({ method: 'GET', url, timeoutMs: 2_000, into }));
        expect(reply).toMatchObject({ ok: true, value: { status: 200, body: '' } });
        expect(Buffer.compare(into.bytes, TRANSPORT_BYTES)).toBe(0);
      }),
    );

    it(
      'keeps the body of a refusal out of the sink',
      rigged(async (rig) => {
        const into = new KeepingSink();
        const url = `${rig.httpUrl}/status/418`;
        expect(
          codeOf(await settled(rig, rig.transport.request({ method: 'GET', url, timeoutMs: 2_000, into }))),
        ).toEqual(['ok', '418']);
        expect(into.bytes).toHaveLength(0);
      }),
    );

    it.each([
      ['is longer than the sink takes', { bytesMax: 99_999 }],
      ['the sink throws at', { failAt: 1 }],
    ])('ends an exchange whose body %s, for good', async (_name, how) => {
      await rigged(async (rig) => {
        const into = new KeepingSink(how);
        const url = `${rig.httpUrl}/bytes`;
        const reply = await settled(rig, rig.transport.request({ method: 'GET', url, timeoutMs: 2_000, into }));
        expect(codeOf(reply)).toEqual(['transport_failed', 'permanent']);
      })();
    });

    it(
      'sends a body',
      rigged(async (rig) => {
        const url = `${rig.httpUrl}/echo`;
        const reply = await settled(
          rig,
          rig.transport.request({ method: 'POST', url, body: 'a=1&b=가', timeoutMs: 2_000 }),
        );
        expect(reply).toMatchObject({ ok: true, value: { body: 'a=1&b=가' } });
      }),
    );

    it(
      'ends at the deadline: to be retried for a GET, of unknown outcome for a POST',
      rigged(async (rig) => {
        expect(codeOf(await get(rig, '/silence', 60))).toEqual(['transport_timeout', 'retryable']);
        const url = `${rig.httpUrl}/silence`;
        const reply = await settled(rig, rig.transport.request({ method: 'POST', url, body: 'x', timeoutMs: 60 }));
        expect(codeOf(reply)).toEqual(['transport_timeout', 'unknown_outcome']);
      }),
    );

    it(
      'calls a POST that was cut off of unknown outcome, and a refused one safe to retry',
      rigged(async (rig) => {
        const post = (url: string): Promise<Result<HttpResponse>> =>
          settled(rig, rig.transport.request({ method: 'POST', url, body: 'x', timeoutMs: 2_000 }));
        expect(codeOf(await post(`${rig.httpUrl}/cut`))).toEqual(['transport_failed', 'unknown_outcome']);
        expect(codeOf(await post(`${rig.refusedUrl}/echo`))).toEqual(['transport_failed', 'retryable']);
        expect(codeOf(await get(rig, '/cut'))).toEqual(['transport_failed', 'retryable']);
      }),
    );

    it(
      'refuses an answer larger than its limit: in vain to ask again for a GET, of unknown outcome for a POST',
      rigged(async (rig) => {
        expect(codeOf(await get(rig, '/large'))).toEqual(['transport_failed', 'permanent']);
        const url = `${rig.httpUrl}/large`;
        const reply = await settled(rig, rig.transport.request({ method: 'POST', url, body: 'x', timeoutMs: 2_000 }));
        expect(codeOf(reply)).toEqual(['transport_failed', 'unknown_outcome']);
      }),
    );

    it(
      'ends when its signal aborts',
      rigged(async (rig) => {
        const stop = new AbortController();
        const request = rig.transport.request({
          method: 'GET',
          url: `${rig.httpUrl}/silence`,
          timeoutMs: 5_000,
          signal: stop.signal,
        });
        stop.abort();
        expect(codeOf(await settled(rig, request))).toEqual(['transport_aborted', 'retryable']);
        const again = rig.transport.request({
          method: 'GET',
          url: `${rig.httpUrl}/hello`,
          timeoutMs: 5_000,
          signal: stop.signal,
        });
        expect(codeOf(await settled(rig, again))).toEqual(['transport_aborted', 'retryable']);
      }),
    );

    it(
      'ends what is under way when it closes',
      rigged(async (rig) => {
        const request = rig.transport.request({ method: 'GET', url: `${rig.httpUrl}/silence`, timeoutMs: 5_000 });
        await rig.transport.close();
        expect((await settled(rig, request)).ok).toBe(false);
      }),
    );
  });

  describe(`${name} keeps the promises of a transport over WebSocket`, () => {
    it(
      'opens, sends and receives text in order',
      rigged(async (rig) => {
        const [watcher, connection] = await open(rig, '/echo');
        expect(watcher.opened).toBe(1);
        for (const text of ['one', 'two', '셋']) expect(connection.send(text)).toBe(true);
        await rig.until(() => watcher.texts.length === 3);
        expect(watcher.texts).toEqual(['one', 'two', '셋']);
      }),
    );

    it(
      'tells of a ping',
      rigged(async (rig) => {
        const [watcher] = await open(rig, '/ping');
        await rig.until(() => watcher.pings > 0);
        expect(watcher.pings).toBe(1);
      }),
    );

    it(
      'tells the code and reason of a close, once',
      rigged(async (rig) => {
        const [watcher, connection] = await open(rig, '/bye');
        await rig.until(() => watcher.closes.length > 0);
        connection.close();
        expect(watcher.closes).toEqual([[4001, 'bye']]);
        expect(connection.send('late')).toBe(false);
      }),
    );

    it(
      'calls a broken connection 1006',
      rigged(async (rig) => {
        const [watcher] = await open(rig, '/cut');
        await rig.until(() => watcher.closes.length > 0);
        expect(watcher.closes.map(([code]) => code)).toEqual([1006]);
      }),
    );

    it.each(['/refuse', '/silence'])('calls a connection that never opened (%s) 1006', (path) =>
      rigged(async (rig) => {
        const [watcher, connection] = await open(rig, path);
        expect(watcher.opened).toBe(0);
        expect(watcher.closes.map(([code]) => code)).toEqual([1006]);
        expect(connection.send('x')).toBe(false);
      })(),
    );

    it(
      'calls a refused connection 1006',
      rigged(async (rig) => {
        const watcher = new Watcher();
        rig.transport.connect(`${rig.refusedUrl.replace('http', 'ws')}/refuse`, watcher, { openTimeoutMs: 300 });
        await rig.until(() => watcher.closes.length > 0);
        expect(watcher.closes.map(([code]) => code)).toEqual([1006]);
      }),
    );

    it(
      'closes on our side with our code',
      rigged(async (rig) => {
        const [watcher, connection] = await open(rig, '/echo');
        connection.close(4002, 'done');
        connection.close(4002, 'done');
        await rig.until(() => watcher.closes.length > 0);
        expect(watcher.closes).toHaveLength(1);
        expect(watcher.closes[0]?.[0]).toBe(4002);
      }),
    );

    it(
      'can be closed before it is open',
      rigged(async (rig) => {
        const watcher = new Watcher();
        rig.transport.connect(`${rig.webSocketUrl}/silence`, watcher, { openTimeoutMs: 5_000 }).close();
        await rig.until(() => watcher.closes.length > 0);
        expect(watcher.opened).toBe(0);
        expect(watcher.closes.map(([code]) => code)).toEqual([1006]);
      }),
    );

    it(
      'closes every socket when it closes',
      rigged(async (rig) => {
        const [watcher] = await open(rig, '/echo');
        await rig.transport.close();
        await rig.until(() => watcher.closes.length > 0);
        expect(watcher.closes).toHaveLength(1);
      }),
    );
  });
}
