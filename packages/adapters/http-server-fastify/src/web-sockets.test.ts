import { describe, expect, it } from 'vitest';
import { connect, logged, start } from './server.test-support.ts';

describe('WebSocket routes', () => {
  it('close with 1003 on a binary message and with 1011 when a handler throws, which the log tells of', async () => {
    const closes: number[] = [];
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 10,
          accept: () => ({
            onMessage(text) {
              if (text === 'throw') throw new Error('in the handler');
            },
            onClose: (code) => closes.push(code),
          }),
        },
        {
          path: '/refuses',
          messageBytesMax: 10,
          accept: () => {
            throw new Error('at the door');
          },
        },
      ],
    });
    const send = async (data: string | Buffer): Promise<number> => {
      const client = connect(server, '/ws');
      await client.opened;
      client.socket.send(data);
      return (await client.closed).code;
    };
    expect(await send(Buffer.from('abc'))).toBe(1003);
    expect(await send('throw')).toBe(1011);
    expect((await connect(server, '/refuses').closed).code).toBe(1011);
    expect(closes).toHaveLength(2);
    expect(logged).toEqual(['WebSocket onMessage threw', 'WebSocket accept threw']);
  });

  it('ping with the payload given, offer no compression, and cut a reason that is too long for its frame', async () => {
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 100,
          accept: (socket) => ({
            onMessage: (text) => (text === 'ping me' ? socket.ping('123') : socket.close(4000, '긴'.repeat(100))),
            onClose: () => undefined,
          }),
        },
      ],
    });
    const client = connect(server, '/ws');
    await client.opened;
    expect(client.socket.extensions).toBe('');
    const ping = new Promise<string>((resolve) => client.socket.once('ping', (data) => resolve(data.toString())));
    client.socket.send('ping me');
    expect(await ping).toBe('123');
    client.socket.send('close me');
    expect(await client.closed).toEqual({ code: 4000, reason: '긴'.repeat(41) });
  });
});
