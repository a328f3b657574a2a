import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { TRANSPORT_BYTES, transportConformance } from '@monsta/testkit';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createTransport } from './transport.ts';

const RESPONSE_BYTES_MAX = 10_000;

async function startServer(): Promise<{ readonly port: number; readonly pongs: string[]; stop(): Promise<void> }> {
  const pongs: string[] = [];
  const waiting: Duplex[] = [];
  const http = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/hello') response.writeHead(200, { 'X-Test': 'Yes' }).end('hello');
    else if (path === '/bytes') response.end(TRANSPORT_BYTES);
    else if (path === '/trickle') response.writeHead(200).write('one');
    else if (path === '/status/418') response.writeHead(418).end();
    else if (path === '/echo') request.pipe(response);
    else if (path === '/cut') request.socket.destroy();
    else if (path === '/large') response.end('x'.repeat(RESPONSE_BYTES_MAX + 1));
  });
  const webSockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '';
    if (path === '/silence') {
      waiting.push(socket);
      return;
    }
    if (path === '/refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (client) => {
      client.on('pong', (payload: Buffer) => pongs.push(payload.toString('utf8')));
      client.on('message', (data: Buffer) => client.send(data.toString('utf8')));
      if (path === '/ping') client.ping('1720000000000');
      if (path === '/bye') client.close(4001, 'bye');
      if (path === '/cut') client.terminate();
      if (path === '/binary') client.send(new Uint8Array([1, 2, 3]));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    pongs,
    async stop() {
      for (const client of webSockets.clients) client.terminate();
      for (const socket of waiting) socket.destroy();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the condition did not hold within 5 s');
    await new Promise<void>((resolve) => void setTimeout(resolve, 2));
  }
}

async function makeRig() {
  const server = await startServer();
  const unused = await startServer();
  await unused.stop();
  const transport = createTransport({ responseBytesMax: RESPONSE_BYTES_MAX });
  return {
    transport,
    server,
    httpUrl: `http://127.0.0.1:${server.port}`,
    webSocketUrl: `ws://127.0.0.1:${server.port}`,
    refusedUrl: `http://127.0.0.1:${unused.port}`,
    until,
    async stop() {
      await transport.close();
      await server.stop();
    },
  };
}

transportConformance('node transport', makeRig);

const quiet = { onOpen: () => undefined, onMessage: () => undefined };

it('answers a ping with a pong of the same payload', async () => {
  const rig = await makeRig();
  rig.transport.connect(`${rig.webSocketUrl}/ping`, { ...quiet, onClose: () => undefined }, { openTimeoutMs: 1_000 });
  await until(() => rig.server.pongs.length === 1);
  expect(rig.server.pongs).toEqual(['1720000000000']);
  await rig.stop();
});

it('closes on a binary frame and on a URL it cannot read', async () => {
  const rig = await makeRig();
  const codes: number[] = [];
  rig.transport.connect(
    `${rig.webSocketUrl}/binary`,
    { ...quiet, onClose: (code) => codes.push(code) },
    { openTimeoutMs: 1_000 },
  );
  await until(() => codes.length === 1);
  rig.transport.connect('not a url', { ...quiet, onClose: (code) => codes.push(code) }, { openTimeoutMs: 1_000 });
  await until(() => codes.length === 2);
  expect(codes).toEqual([1003, 1006]);
  await rig.stop();
});

it('ends an exchange when its body stops coming', async () => {
  const rig = await makeRig();
  const pieces: string[] = [];
  const into = {
    bytesMax: 100,
    stallMs: 50,
    take: (piece: Uint8Array): void => void pieces.push(Buffer.from(piece).toString()),
  };
  const url = `${rig.httpUrl}/trickle`;
  const reply = await rig.transport.request({ method: 'GET', url, timeoutMs: 10_000, into });
  expect(reply).toMatchObject({ ok: false, fault: { code: 'transport_timeout', retry: 'retryable' } });
  expect(pieces).toEqual(['one']);
  await rig.stop();
});
