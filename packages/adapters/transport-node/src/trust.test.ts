import { describe, expect, it } from 'vitest';
import { TEST_AUTHORITY } from '@monsta/testkit';
import { call, echo, leadsTo, openTransport, outcomeOf, startExchange } from './loopback.test-support.ts';
import { readCertificates } from './trust.ts';

const lookup = leadsTo('127.0.0.1');

describe('a certificate of nobody known', () => {
  it('is refused before anything is sent, with what to do about it', async () => {
    const exchange = await startExchange({ isSecure: true });
    const transport = openTransport({ lookup });
    const refused = await call(transport, 'POST', `https://exchange.test:${exchange.port}/order`);
    expect(outcomeOf(refused)).toEqual(['transport_failed', 'permanent']);
    expect(refused.ok ? '' : refused.fault.message).toContain('transport.ca_file');
    const { closes } = await echo(transport, `wss://exchange.test:${exchange.port}/ws`, 'hello');
    expect(closes).toMatchObject([[1006, expect.stringContaining('transport.ca_file')]]);
    expect(exchange.requests).toEqual([]);
  });

  it('is taken once its authority is named, and only for its own name', async () => {
    const exchange = await startExchange({ isSecure: true });
    const transport = openTransport({ lookup, certificates: readCertificates(TEST_AUTHORITY) });
    expect(outcomeOf(await call(transport, 'POST', `https://exchange.test:${exchange.port}/order`))[0]).toBe('ok');
    expect((await echo(transport, `wss://exchange.test:${exchange.port}/ws`, 'hello')).texts).toEqual(['hello']);

    const other = await call(transport, 'POST', `https://other.test:${exchange.port}/order`);
    expect(outcomeOf(other)).toEqual(['transport_failed', 'permanent']);
    expect(other.ok ? '' : other.fault.message).toContain('for another host');
    const { closes } = await echo(transport, `wss://other.test:${exchange.port}/ws`, 'hello');
    expect(closes).toMatchObject([[1006, expect.stringContaining('for another host')]]);
    expect(exchange.requests).toEqual(['POST /order']);
  });
});

describe('a file of certificates', () => {
  it('may hold several, with words between', () => {
    expect(readCertificates(`ours:\n${TEST_AUTHORITY}\nagain:\n${TEST_AUTHORITY}`)).toHaveLength(2);
  });

  it('holds none where there is none, and is refused where one is broken', () => {
    expect(readCertificates('nothing')).toEqual([]);
    expect(() => readCertificates(TEST_AUTHORITY.replace(/MII.{40}/, ''))).toThrow(/asn1|PEM|wrong tag/i);
  });
});
