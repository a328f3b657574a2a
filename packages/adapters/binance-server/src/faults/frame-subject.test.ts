import { describe, expect, it } from 'vitest';
import { makeWorld } from '../server.test-support.ts';
import { frameSubject } from './frame-subject.ts';

const NONE = new Set<string>();

describe('the subject of a frame', () => {
  it.each([
    ['btcusdt@trade'],
    ['btcusdt@aggTrade'],
    ['btcusdt@bookTicker'],
    ['btcusdt@depth@100ms'],
    ['btcusdt@depth20@100ms'],
    ['btcusdt@kline_1m'],
    ['btcusdt@ticker'],
    ['btcusdt@miniTicker'],
    ['btcusdt@ticker_1h'],
    ['btcusdt@avgPrice'],
    ['!miniTicker@arr'],
    ['!ticker_4h@arr'],
  ])('is %s among other streams of the connection, raw and combined', async (name) => {
    const { connect, clock } = makeWorld();
    const raw = connect(`/ws/${name}`);
    const combined = connect(`/stream?streams=${name}`);
    await clock.advance(4_000);
    const names = new Set(['ethusdt@trade', 'btcusdt@kline_5m', '!ticker@arr', name]);
    for (const socket of [raw, combined]) {
      expect(socket.sent.length).toBeGreaterThan(0);
      for (const frame of socket.sent)
        expect(frameSubject(frame, names)).toMatchObject({ channel: 'stream', subjects: [name] });
    }
  });

  it('is every stream that a raw frame can be of where it does not say', () => {
    const names = new Set(['btcusdt@depth', 'btcusdt@depth@100ms', 'ethusdt@depth']);
    expect(frameSubject('{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]}', names)).toEqual({
      channel: 'stream',
      subjects: ['btcusdt@depth', 'btcusdt@depth@100ms'],
      key: 'btcusdt@depth btcusdt@depth@100ms',
    });
  });

  it.each([
    [
      '{"subscriptionId":3,"event":{"e":"executionReport"}}',
      { channel: 'user-data', subjects: ['executionReport'], key: 'user-data 3' },
    ],
    ['{"result":null,"id":"a"}', { channel: 'answer', id: '"a"' }],
    ['{"id":1,"status":200,"result":{}}', { channel: 'answer', id: '1' }],
    ['{"error":{"code":3,"msg":"x"}}', { channel: 'answer', id: 'null' }],
    ['{"e":"serverShutdown","E":1}', { channel: 'other' }],
    ['{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}', { channel: 'other' }],
    ['{"event":{"e":"serverShutdown","E":1}}', { channel: 'other' }],
    ['[]', { channel: 'other' }],
    ['7', { channel: 'other' }],
    ['no json', { channel: 'other' }],
  ])('of %s is %j', (frame, subject) => {
    expect(frameSubject(frame, NONE)).toEqual(subject);
    expect(frameSubject(new TextEncoder().encode(frame), NONE)).toEqual(subject);
  });
});
