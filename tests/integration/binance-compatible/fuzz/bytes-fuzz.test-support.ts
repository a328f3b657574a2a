import { connect } from 'node:net';
import type { Random } from '@monsta/core';
import { pick } from './mutations.test-support.ts';

const METHODS = ['GET', 'POST', 'DELETE', 'FOO', 'get', '', 'G\u0000T', 'OPTIONS', 'HEAD', 'PATCH', 'CONNECT'];
const TARGETS = [
  '/api/v3/time',
  '/api/v3/order',
  '/',
  '*',
  'http://x/api/v3/time',
  '/api/v3/depth?symbol=%',
  '/\u00ff',
  '//',
  `/${'a'.repeat(9_000)}`,
  '',
  '/ws',
  '/data/x',
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', 'HTTX', '', 'http/1.1'];
const HEADERS = [
  'host: x',
  'host:',
  ': empty',
  'x',
  'content-length: 5',
  'content-length: -1',
  'content-length: 99999999',
  'content-length: 1, 2',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip',
  'expect: 100-continue',
  'upgrade: websocket',
  'connection: upgrade',
  'sec-websocket-version: 99',
  'sec-websocket-key: x',
  'x-mbx-apikey: \u00ff\u00fe',
  `x-long: ${'y'.repeat(20_000)}`,
  'x-mbx-time-unit: NONE',
  'content-type: \u0001',
  'accept-encoding: zip',
  'cookie: ;;;===',
];

const ending = (random: Random): string => pick(random, ['\r\n', '\r\n', '\r\n', '\n', '\r', '']);

/** A request that is hardly ever HTTP. */
export function fuzzedBytes(random: Random): Buffer {
  if (random.integer(5) === 0)
    return Buffer.from(Array.from({ length: 1 + random.integer(400) }, () => random.integer(256)));
  let text = `${pick(random, METHODS)} ${pick(random, TARGETS)} ${pick(random, VERSIONS)}${ending(random)}`;
  for (let count = random.integer(5); count > 0; count -= 1) text += pick(random, HEADERS) + ending(random);
  text += `${ending(random)}${pick(random, ['', '', '5\r\nabcde\r\n0\r\n\r\n', 'zz\r\n', 'a=b', '{', '\u0000'])}`;
  return Buffer.from(text, 'latin1');
}

/** A client's frame of any kind, right or not: opcode, flags, mask, length and payload by chance. */
export function fuzzedFrameBytes(random: Random): Buffer {
  const first = random.integer(256);
  const masked = random.integer(5) === 0 ? 0 : 0x80;
  const length = random.integer(126);
  const announced = pick(random, [length, length, length, random.integer(126), 126, 127]);
  const extended =
    announced === 126 ? [0, random.integer(256)] : announced === 127 ? [random.integer(256), 0, 0, 0, 0, 0, 0, 9] : [];
  const mask = masked === 0 ? [] : [0, 0, 0, 0];
  const payload = Array.from({ length }, () => random.integer(256));
  return Buffer.from([first, masked | announced, ...extended, ...mask, ...payload]);
}

export const upgrade = (path: string): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );

/** Writes bytes on a bare connection, says that this was all, and gives what came back until the server ended it or fell silent. */
export function answerTo(port: number, bytes: Buffer, silenceMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let answer = '';
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: Error & { readonly code?: string }) => {
      // Being cut off is one of the right answers.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}
