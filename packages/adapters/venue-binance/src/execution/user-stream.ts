import { msFromUs, type TimestampUs } from '@monsta/core';
import type { Logger } from '@monsta/ports';
import { isObject, type JsonObject } from '../json-reader.ts';
import { KEY_REFUSED } from '../rest-answers.ts';
import { signedSocketParameters, type BinanceCredentials } from '../signing.ts';
import { StreamConnection, type StreamConnectionParts } from '../stream-connection.ts';

export interface UserStreamParts extends Omit<StreamConnectionParts, 'handshake' | 'onText'> {
  readonly credentials: BinanceCredentials;
  readonly recvWindowMs: number;
  /** Now on the venue's clock. */
  readonly nowUs: () => TimestampUs;
  /** The venue says that our time is wrong. */
  readonly onClockRefused: () => void;
  /** The venue says that the key, its signature or its permissions are not good. */
  readonly onKeyRefused: (code: number, message: string) => void;
  /** One event of the account. */
  readonly onEvent: (event: JsonObject) => void;
}

const METHOD = 'userDataStream.subscribe.signature';
const WRONG_TIME = -1021;

function parsed(text: string, logger: Logger): JsonObject | null {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {
    // Told below.
  }
  logger.warn('a frame of the user stream is no JSON object', { text: text.slice(0, 80) });
  return null;
}

/**
 * The account's own events, by a signed subscription on the venue's WebSocket API: subscribed anew on each connection, which is kept, renewed and replaced as those of market
 * data are. What was missed in between is for who listens to find.
 */
export class UserStream {
  readonly #parts: UserStreamParts;
  readonly #connection: StreamConnection;
  #requests = 0;

  constructor(parts: UserStreamParts) {
    this.#parts = parts;
    this.#connection = new StreamConnection({
      ...parts,
      handshake: (send, done) => this.#subscribe(send, done),
      onText: (text) => this.#receive(text),
    });
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  /** What it delivers is not to be trusted: it is opened anew. */
  restart(reason: string): void {
    this.#connection.restart(reason);
  }

  #subscribe(send: (text: string) => boolean, done: (refusal: string | null) => void): (text: string) => void {
    const { credentials, recvWindowMs, nowUs } = this.#parts;
    this.#requests += 1;
    const id = `subscribe-${this.#requests}`;
    const time = { recvWindow: recvWindowMs, timestamp: msFromUs(nowUs()) };
    const params = signedSocketParameters(time, credentials);
    if (!send(JSON.stringify({ id, method: METHOD, params }))) done('the subscription could not be sent');
    return (text) => {
      const json = parsed(text, this.#parts.logger);
      if (json === null || json['id'] !== id) return;
      if (json['status'] === 200) {
        done(null);
        return;
      }
      const error = isObject(json['error']) ? json['error'] : {};
      const { code, msg } = error;
      if (code === WRONG_TIME) this.#parts.onClockRefused();
      if (typeof code === 'number' && KEY_REFUSED.has(code)) this.#parts.onKeyRefused(code, String(msg));
      done(`the subscription was refused: ${JSON.stringify(error).slice(0, 200)}`);
    };
  }

  #receive(text: string): void {
    const { logger, onEvent } = this.#parts;
    const json = parsed(text, logger);
    const event = json?.['event'];
    if (!isObject(event)) return;
    if (event['e'] === 'serverShutdown') this.#connection.replace('the venue announced a shutdown');
    else if (event['e'] === 'eventStreamTerminated') this.restart('the venue ended the subscription');
    else onEvent(event);
  }
}
