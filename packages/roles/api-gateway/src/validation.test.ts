import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queryReader, readBody } from './validation.ts';

const schema = z.strictObject({ instrument: z.string(), limit: z.number().int().min(1).max(1_000).default(100) });
const read = queryReader(schema);

describe('a query', () => {
  it('is read with its digits as numbers', () => {
    expect(read('instrument=BTCUSDT&limit=7')).toEqual({ ok: true, value: { instrument: 'BTCUSDT', limit: 7 } });
  });

  it.each(['NaN', '1e9', '1.5', '', '0x10'])(
    'of limit=%s is told what a limit has to be, in the words of a query',
    (limit) => {
      expect(read(`instrument=BTCUSDT&limit=${limit}`)).toMatchObject({
        ok: false,
        fault: { code: 'parameter_invalid', message: 'query.limit: must be a whole number in digits, e.g. 100' },
      });
    },
  );

  it('without what it needs is told so', () => {
    expect(read('')).toMatchObject({ ok: false, fault: { message: 'query.instrument: is needed' } });
  });
});

describe('a body', () => {
  it('is told of types, which it has', () => {
    expect(readBody(schema, '{"instrument":"BTCUSDT","limit":"7"}')).toMatchObject({
      ok: false,
      fault: { message: 'body.limit: Invalid input: expected number, received string' },
    });
  });
});
