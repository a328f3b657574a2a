import { err, ok, type Result, type RetryClass } from '@monsta/core';
import type { HttpRequest, HttpResponse } from '@monsta/ports';
import { request as send, type Dispatcher } from 'undici';

/** Errors raised before a byte of the request was sent: nothing can have happened on the other side. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
]);

class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

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

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** One exchange over the dispatcher, whole within its deadline. */
export async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  bytesMax: number,
  closing: AbortSignal,
): Promise<Result<HttpResponse>> {
  const what = `${request.method} ${request.url.split('?')[0] ?? ''}`;
  const unsafe: RetryClass = request.method === 'GET' ? 'retryable' : 'unknown_outcome';
  const isAborted = (): boolean => closing.aborted || request.signal?.aborted === true;
  if (isAborted()) {
    return err('transport_aborted', `${what} was aborted before it was sent`, { retry: 'retryable' });
  }
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeoutMs);
  try {
    const response = await send(request.url, {
      dispatcher,
      method: request.method,
      ...(request.headers === undefined ? {} : { headers: request.headers }),
      ...(request.body === undefined ? {} : { body: request.body }),
      signal: AbortSignal.any([deadline.signal, closing, ...(request.signal === undefined ? [] : [request.signal])]),
    });
    const body = await readBody(response.body, bytesMax);
    return ok({ status: response.statusCode, headers: plainHeaders(response.headers), body });
  } catch (error) {
    if (error instanceof BodyTooLarge) return err('transport_failed', `${what}: ${error.message}`, { cause: error });
    if (isAborted()) {
      return err('transport_aborted', `${what} was aborted`, { retry: unsafe, cause: error });
    }
    if (deadline.signal.aborted) {
      return err('transport_timeout', `${what} was not answered within ${request.timeoutMs} ms`, {
        retry: unsafe,
        cause: error,
      });
    }
    const retry = NEVER_SENT.has(codeOf(error)) ? 'retryable' : unsafe;
    const message = error instanceof Error ? error.message || codeOf(error) : String(error);
    return err('transport_failed', `${what} failed: ${message}`, { retry, cause: error });
  } finally {
    clearTimeout(timer);
  }
}
