import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, signedText } from './signatures.ts';
import { hmacHex } from './trading-world.test-support.ts';

const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const TEXT =
  'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
const SIGNATURE = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';

describe('a signature', () => {
  it('by HMAC is the one that Binance documents for its sample, in small letters or capitals', () => {
    const proof = { kind: 'HMAC', secret: SECRET } as const;
    expect(isSignedBy(proof, TEXT, SIGNATURE)).toBe(true);
    expect(isSignedBy(proof, TEXT, SIGNATURE.toUpperCase())).toBe(true);
    expect(isSignedBy(proof, `${TEXT}0`, SIGNATURE)).toBe(false);
    expect(isSignedBy({ kind: 'HMAC', secret: `${SECRET}x` }, TEXT, SIGNATURE)).toBe(false);
    for (const broken of ['', 'abc', SIGNATURE.slice(1), `${SIGNATURE}00`, 'z'.repeat(64)]) {
      expect(isSignedBy(proof, TEXT, broken)).toBe(false);
    }
  });

  it('is made over query and body joined without a separator, as sent, without itself wherever it stands', () => {
    const [query, body] = [TEXT.slice(0, 49), TEXT.slice(50)];
    expect(query).toBe('symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC');
    const mixed = '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77';
    expect(hmacHex(SECRET, signedText(query, `${body}&signature=${mixed}`))).toBe(mixed);
    expect(signedText(`a=1&signature=x&b=%20`, '')).toBe('a=1&b=%20');
    expect(signedText('signature=x', 'a=1')).toBe('a=1');
    expect(signedText('', 'signature=x&a=%C3%A9')).toBe('a=%C3%A9');
    expect(signedText('mysignature=1', '')).toBe('mysignature=1');
  });

  it.each(['RSA', 'ED25519'] as const)('by %s is base64, and its letters count', (kind) => {
    const pair = kind === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const signature = sign(kind === 'RSA' ? 'sha256' : null, Buffer.from(TEXT), pair.privateKey).toString('base64');
    const proof = { kind, publicKey: pair.publicKey };
    expect(isSignedBy(proof, TEXT, signature)).toBe(true);
    expect(isSignedBy(proof, TEXT, signature.replaceAll('+', ' '))).toBe(true);
    expect(isSignedBy(proof, TEXT, signature.replace(/.{64}/g, '$&\n'))).toBe(true);
    expect(isSignedBy(proof, `${TEXT} `, signature)).toBe(false);
    expect(isSignedBy(proof, TEXT, signature.toLowerCase())).toBe(false);
    expect(isSignedBy(proof, TEXT, 'not base64!')).toBe(false);
    expect(isSignedBy(proof, TEXT, SIGNATURE)).toBe(false);
  });
});
