import { describe, expect, it } from 'vitest';
import { hmacHex } from '../trading/trading-world.test-support.ts';
import { readRequestFrame, signedText } from './request-frames.ts';

const frameOf = (text: string): unknown => {
  const read = readRequestFrame(text);
  return 'frame' in read ? read.frame : { id: read.id, code: read.error.code, msg: read.error.message };
};

describe('a request frame', () => {
  it.each([
    ['7', '7'],
    ['-7', '-7'],
    ['9007199254740993', '9007199254740993'],
    ['null', 'null'],
    ['"e2a85d9f-07a5-4f94-8d5f-789dc3deb097"', '"e2a85d9f-07a5-4f94-8d5f-789dc3deb097"'],
  ])('may have the id %s, which goes back digit for digit', (id, kept) => {
    expect(frameOf(`{"id":${id},"method":"ping"}`)).toEqual({ id: kept, method: 'ping', params: {} });
  });

  it.each(['1.5', '1e3', 'true', '[]', '{}', '""', '"a b"', `"${'x'.repeat(37)}"`])('may not have the id %s', (id) => {
    expect(frameOf(`{"id":${id},"method":"ping"}`)).toEqual({
      id: 'null',
      code: -1135,
      msg: "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null.",
    });
  });

  it('may name the version before the method', () => {
    expect(frameOf('{"id":1,"method":"v3/order.place"}')).toMatchObject({ method: 'order.place' });
  });

  it.each([
    ['{', 'null', 'Invalid JSON Request'],
    ['', 'null', 'Invalid JSON Request'],
    ['[]', 'null', 'Invalid JSON Request'],
    ['"ping"', 'null', 'Invalid JSON Request'],
    ['{"id":1}', '1', "Invalid 'method' in JSON request; expected a string."],
    ['{"id":1,"method":5}', '1', "Invalid 'method' in JSON request; expected a string."],
    ['{"id":1,"method":"ping","params":[]}', '1', "Invalid 'params' in JSON request; expected an object."],
    ['{"id":1,"method":"ping","params":null}', '1', "Invalid 'params' in JSON request; expected an object."],
    ['{"id":1,"method":"ping","params":3}', '1', "Invalid 'params' in JSON request; expected an object."],
  ])('%s is answered with what is wrong', (text, id, msg) => {
    expect(frameOf(text)).toEqual({ id, code: -1135, msg });
  });

  it('nested without end is no JSON that anybody meant', () => {
    const deep = '['.repeat(60_000) + ']'.repeat(60_000);
    expect(frameOf(`{"id":1,"method":"ping","params":{"a":${deep}}}`)).toMatchObject({ code: -1135 });
  });

  it('keeps values as they were written', () => {
    const text =
      '{"id":1,"method":"a","params":{"n":0.00000010,"big":12345678901234567890,"b":true,"s":"x","l":["A","B"],"z":null}}';
    expect(frameOf(text)).toMatchObject({
      params: { n: '0.00000010', big: '12345678901234567890', b: 'true', s: 'x', l: '["A","B"]', z: '' },
    });
  });
});

describe('what is signed', () => {
  // The example of the documentation.
  const params = {
    symbol: 'BTCUSDT',
    side: 'SELL',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.01000000',
    price: '52000.00',
    newOrderRespType: 'ACK',
    recvWindow: '100',
    timestamp: '1645423376532',
    apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
    signature: 'not part of it',
  };

  it('is all parameters but the signature, sorted by name', () => {
    expect(hmacHex('NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j', signedText(params))).toBe(
      'cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a',
    );
  });

  it('is not percent-encoded', () => {
    expect(signedText({ b: 'ä &=%', a: '1' })).toBe('a=1&b=ä &=%');
  });
});
