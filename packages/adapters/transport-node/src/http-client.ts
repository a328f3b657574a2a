import { err, ok, type Result } from '@monsta/core';
import type { BodySink, HttpRequest, HttpResponse } from '@monsta/ports';
import { request as call, type Dispatcher } from 'undici';
import { certificateAdvice, codesOf } from './trust.ts';

class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

async function readBody(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new BodyTooLarge(`the answer is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

/** The sink would not have it. */
class SinkFailed extends Error {
  override readonly name = 'SinkFailed';
}

/** Ends an exchange in which nothing comes for too long. */
class StallWatch {
  readonly #stalled = new AbortController();
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  get signal(): AbortSignal {
    return this.#stalled.signal;
  }

  /** From now on something has to come. */
  watch(): void {
    this.rest();
    this.#timer = setTimeout(() => this.#stalled.abort(), this.#stallMs);
  }

  /** Nothing is waited for. */
  rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

async function pour(body: AsyncIterable<Buffer>, sink: BodySink, stall: StallWatch): Promise<void> {
  let bytes = 0;
  stall.watch();
  for await (const chunk of body) {
    stall.rest();
    bytes += chunk.length;
    if (bytes > sink.bytesMax) throw new BodyTooLarge(`the answer is larger than ${sink.bytesMax} bytes`);
    try {
      await sink.take(chunk);
    } catch (thrown) {
      throw new SinkFailed(messageOf(thrown), { cause: thrown });
    }
    stall.watch();
  }
}

const isPoured = (status: number): boolean => status === 200 || status === 206;

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/**
 * The dispatcher, telling when it begins to write the request to a connection. Before that nothing of it has left: the connection, the tunnel through a proxy
 * and its TLS come first, and so does the wait for a free one. After that it may have arrived, whatever becomes of the connection; undici writes no request
 * twice.
 */
function telling(dispatcher: Dispatcher, onSend: () => void): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart(controller, context) {
          onSend();
          handler.onRequestStart?.(controller, context);
        },
        onResponseStart: (...told) => handler.onResponseStart?.(...told),
        onResponseData: (...told) => handler.onResponseData?.(...told),
        onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
        onResponseError: (...told) => handler.onResponseError?.(...told),
      }),
  );
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codesOf(error).join(', ') || error.name;
}

export interface ExchangeTerms {
  readonly dispatcher: Dispatcher;
  /** Longest body that is read. */
  readonly bytesMax: number;
  /** The transport ends. */
  readonly closing: AbortSignal;
  /** Nothing of the request is held any more; may be after the exchange has ended. */
  onReleased(): void;
}

interface Written {
  isSent: boolean;
}

async function send(
  request: HttpRequest,
  terms: ExchangeTerms,
  signal: AbortSignal,
  written: Written,
  stall: StallWatch | null,
): Promise<HttpResponse> {
  const response = await call(request.url, {
    dispatcher: telling(terms.dispatcher, () => (written.isSent ||= !signal.aborted)),
    method: request.method,
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(request.body === undefined ? {} : { body: request.body }),
    signal,
  });
  const { statusCode: status } = response;
  const headers = plainHeaders(response.headers);
  if (request.into === undefined || stall === null || !isPoured(status))
    return { status, headers, body: await readBody(response.body, terms.bytesMax) };
  await pour(response.body, request.into, stall);
  return { status, headers, body: '' };
}

/**
 * `work`, or the signal's end. undici notices the signal only once it has a connection for the request, which may be long after; what it has not begun to write
 * by then it never writes.
 */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** One exchange over the dispatcher, whole within its deadline. */
export async function exchange(request: HttpRequest, terms: ExchangeTerms): Promise<Result<HttpResponse>> {
  const what = `${request.method} ${request.url.split('?')[0] ?? ''}`;
  const isAborted = (): boolean => terms.closing.aborted || request.signal?.aborted === true;
  if (isAborted()) {
    terms.onReleased();
    return err('transport_aborted', `${what} was aborted before it was sent`, { retry: 'retryable' });
  }
  const written: Written = { isSent: false };
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeoutMs);
  const stall = request.into === undefined ? null : new StallWatch(request.into.stallMs);
  const signal = AbortSignal.any([
    deadline.signal,
    ...(stall === null ? [] : [stall.signal]),
    terms.closing,
    ...(request.signal === undefined ? [] : [request.signal]),
  ]);
  try {
    const work = send(request, terms, signal, written, stall);
    const release = (): void => terms.onReleased();
    work.then(release, release);
    return ok(await untilAborted(work, signal));
  } catch (error) {
    const mayHaveArrived = written.isSent && request.method !== 'GET';
    const retry = mayHaveArrived ? 'unknown_outcome' : 'retryable';
    if (error instanceof BodyTooLarge) {
      const isFutile = mayHaveArrived ? 'unknown_outcome' : 'permanent';
      return err('transport_failed', `${what}: ${error.message}`, { retry: isFutile, cause: error });
    }
    if (error instanceof SinkFailed)
      return err('transport_failed', `${what}: what it answers could not be taken: ${error.message}`, { cause: error });
    if (isAborted()) return err('transport_aborted', `${what} was aborted`, { retry, cause: error });
    if (stall?.signal.aborted === true)
      return err('transport_timeout', `${what}: nothing more came for ${request.into?.stallMs ?? 0} ms`, {
        retry,
        cause: error,
      });
    if (deadline.signal.aborted) {
      const lack = written.isSent ? 'answered' : 'sent, for want of a connection,';
      return err('transport_timeout', `${what} was not ${lack} within ${request.timeoutMs} ms`, {
        retry,
        cause: error,
      });
    }
    const advice = certificateAdvice(error);
    if (advice !== null) {
      return err('transport_failed', `${what} failed: ${messageOf(error)}; ${advice}`, { cause: error });
    }
    return err('transport_failed', `${what} failed: ${messageOf(error)}`, { retry, cause: error });
  } finally {
    clearTimeout(timer);
    stall?.rest();
  }
}
