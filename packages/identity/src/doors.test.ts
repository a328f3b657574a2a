import { describe, expect, it } from 'vitest';
import { bearerToken, isHostAllowed, isOriginAllowed } from './doors.ts';

describe('an origin', () => {
  const host = '127.0.0.1:8080';
  it.each([
    ['none at all (not a browser)', undefined, true],
    ['our own page', 'http://127.0.0.1:8080', true],
    ['our own page behind TLS', 'https://127.0.0.1:8080', true],
    ['a listed one, in any case', 'https://Desk.example', true],
    ['another port', 'http://127.0.0.1:8081', false],
    ['a stranger', 'https://evil.example', false],
    ['a stranger that contains ours', 'http://127.0.0.1:8080.evil.example', false],
    ['a stranger with us as user', 'http://127.0.0.1:8080@evil.example', false],
    ['a sandboxed page', 'null', false],
    ['nothing', '', false],
    ['no origin', 'http://127.0.0.1:8080/path', false],
  ])('%s: allowed %#', (_, origin, allowed) => {
    const headers: Record<string, string> = origin === undefined ? { host } : { host, origin };
    expect(isOriginAllowed(headers, ['https://desk.example'])).toBe(allowed);
  });
});

describe('a host', () => {
  it.each([
    ['127.0.0.1:8080', true],
    ['127.8.8.8', true],
    ['localhost:3000', true],
    ['LOCALHOST', true],
    ['[::1]:8080', true],
    ['monsta.lan:8080', true],
    ['evil.example:8080', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['monsta.lan:8080:1', false],
    ['', false],
  ])('%s: %s', (host, allowed) => {
    expect(isHostAllowed({ host }, ['Monsta.lan'])).toBe(allowed);
  });

  it('must be named', () => {
    expect(isHostAllowed({}, ['monsta.lan'])).toBe(false);
  });
});

it('a bearer token is read from its header only', () => {
  expect(bearerToken({ authorization: 'Bearer abc' })).toBe('abc');
  expect(bearerToken({ authorization: 'bearer  abc' })).toBe('abc');
  for (const authorization of ['', 'abc', 'Basic abc', 'Bearer', 'Bearer a b'])
    expect(bearerToken({ authorization })).toBeNull();
  expect(bearerToken({})).toBeNull();
});
