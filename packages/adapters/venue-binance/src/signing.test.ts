import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { expectOk } from '@monsta/core';
import { recordingTelemetry } from '@monsta/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBinanceCredentials, formOf, signedForm, signedSocketParameters } from './signing.ts';

/** The pair of Binance's documentation. */
const API_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const hmac = expectOk(createBinanceCredentials({ apiKey: API_KEY, kind: 'hmac', secret: SECRET }));
const ORDER = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 1, price: '0.1' };
const TIME = { recvWindowMs: 5_000, timestampMs: 1_499_827_319_559 };

const pemOf = (key: ReturnType<typeof createPrivateKey>): string =>
  key.export({ format: 'pem', type: 'pkcs8' }).toString();

describe('a signed REST request', () => {
  it('carries the signature that Binance documents for its sample', () => {
    expect(signedForm({ symbol: 'LTCBTC', ...ORDER }, hmac, TIME)).toBe(
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559' +
        '&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    );
  });

  it('is percent-encoded before it is signed: the documented sample of a symbol outside ASCII', () => {
    expect(signedForm({ symbol: '１２３４５６', ...ORDER }, hmac, TIME)).toBe(
      'symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1' +
        '&price=0.1&recvWindow=5000&timestamp=1499827319559' +
        '&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3',
    );
  });

  it('is sent as it was signed: no URL parser finds anything to change in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })), (parameters) => {
        const form = formOf(parameters);
        expect(new URL(`https://exchange.test/api/v3/order?${form}`).search.slice(1)).toBe(form);
        expect(Object.fromEntries(new URLSearchParams(form))).toEqual({ ...parameters });
      }),
    );
  });

  it('by RSA is signed with PKCS#1 v1.5 and SHA-256 over the documented text, in base64', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const rsa = expectOk(createBinanceCredentials({ apiKey: 'key', kind: 'rsa', secret: pemOf(pair.privateKey) }));
    const text =
      'symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000';
    const form = formOf({
      ...{ symbol: 'BTCUSDT', side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', quantity: 1, price: '0.2' },
      ...{ timestamp: 1_668_481_559_918, recvWindow: 5_000 },
    });
    expect(form).toBe(text);
    const signature = Buffer.from(rsa.sign(form), 'base64');
    const isSigned = (padding: number): boolean =>
      verify('sha256', Buffer.from(text), { key: pair.publicKey, padding }, signature);
    expect(isSigned(constants.RSA_PKCS1_PADDING)).toBe(true);
    expect(isSigned(constants.RSA_PKCS1_PSS_PADDING)).toBe(false);
  });

  it('by Ed25519 is signed as RFC 8032 shows (its second vector), in base64', () => {
    const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
    const key = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
      format: 'der',
      type: 'pkcs8',
    });
    const ed25519 = expectOk(createBinanceCredentials({ apiKey: 'key', kind: 'ed25519', secret: pemOf(key) }));
    expect(Buffer.from(ed25519.sign('r'), 'base64').toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
  });

  it('has the letters of a base64 signature escaped', () => {
    const pair = generateKeyPairSync('ed25519');
    const key = expectOk(createBinanceCredentials({ apiKey: 'key', kind: 'ed25519', secret: pemOf(pair.privateKey) }));
    for (let timestampMs = 0; timestampMs < 20; timestampMs += 1) {
      const form = signedForm({ symbol: 'BTCUSDT' }, key, { recvWindowMs: 5_000, timestampMs });
      const [text = '', signature = ''] = form.split('&signature=');
      expect(signature).toMatch(/^[A-Za-z0-9%]+$/);
      const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
      expect(verify(null, Buffer.from(text), createPublicKey(pair.privateKey), bytes)).toBe(true);
    }
  });
});

describe('a signed request over the WebSocket', () => {
  it('carries the signature that Binance documents: parameters sorted by name, with the API key', () => {
    const parameters = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01000000',
      price: '52000.00',
      recvWindow: 100,
      timestamp: 1_645_423_376_532,
    };
    expect(signedSocketParameters(parameters, hmac)).toEqual({
      ...parameters,
      apiKey: API_KEY,
      signature: 'aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24',
    });
  });

  it('is signed as it is, without percent-encoding: the documented sample of a symbol outside ASCII', () => {
    const signed = signedSocketParameters(
      {
        symbol: '１２３４５６',
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: '1.00000000',
        price: '0.10000000',
        recvWindow: 5_000,
        timestamp: 1_645_423_376_532,
      },
      hmac,
    );
    expect(signed.signature).toBe('b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd');
  });
});

describe('credentials', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = pemOf(pair.privateKey);
  const rsa = expectOk(createBinanceCredentials({ apiKey: API_KEY, kind: 'rsa', secret: pem }));
  const pemLine = pem.split('\n')[3] ?? 'no line';

  it.each([
    { credentials: hmac, secret: SECRET },
    { credentials: rsa, secret: pemLine },
  ])(
    'of kind $credentials.kind show neither their secret nor the whole key, whoever looks',
    ({ credentials, secret }) => {
      expect(secret.length).toBeGreaterThan(40);
      const telemetry = recordingTelemetry();
      telemetry.logger.info('a key', { credentials, nested: { list: [credentials] } });
      const shown = [
        JSON.stringify({ credentials }),
        inspect({ credentials }, { depth: 10, showHidden: true, getters: false }),
        credentials.toString(),
        inspect({ ...credentials }, { showHidden: true }),
        JSON.stringify(Object.getOwnPropertyDescriptors(credentials)),
        inspect(telemetry.records, { depth: 10 }),
      ];
      for (const text of shown) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(API_KEY);
      }
      expect(shown[0]).toBe(`{"credentials":{"apiKey":"…Eh8A","kind":"${credentials.kind}"}}`);
      expect(credentials.apiKey).toBe(API_KEY);
    },
  );

  it('are refused where they can’t be right, without showing what was given', () => {
    const bad = [
      { apiKey: '', kind: 'hmac', secret: SECRET },
      { apiKey: 'a key', kind: 'hmac', secret: SECRET },
      { apiKey: 'key\r\nX-Other: 1', kind: 'hmac', secret: SECRET },
      { apiKey: API_KEY, kind: 'hmac', secret: '' },
      { apiKey: API_KEY, kind: 'rsa', secret: SECRET },
      { apiKey: API_KEY, kind: 'ed25519', secret: pem },
      { apiKey: API_KEY, kind: 'rsa', secret: pem.replace(pemLine, 'not base64 of a key') },
    ] as const;
    for (const key of bad) {
      const refused = createBinanceCredentials(key);
      expect(refused).toMatchObject({ ok: false, fault: { code: 'venue_key', retry: 'permanent' } });
      const text = inspect(refused, { depth: 10 });
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(pem.split('\n')[2]);
    }
  });
});
