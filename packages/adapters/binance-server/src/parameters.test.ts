import { describe, expect, it } from 'vitest';
import { BinanceError, Parameters } from './parameters.ts';

function refusal(act: () => unknown): object {
  try {
    return { answered: act() };
  } catch (thrown) {
    if (thrown instanceof BinanceError) return thrown.body();
    throw thrown;
  }
}

describe('the parameters of a request', () => {
  it('come from a query and a form; of a name in both the query’s counts, a name twice in one is refused', () => {
    const both = Parameters.fromForm('a=1&b=2', 'b=3&c=%20x');
    both.check();
    expect([both.text('a'), both.text('b'), both.text('c')]).toEqual(['1', '2', ' x']);
    both.finish();
    const duplicate = { code: -1101, msg: 'Duplicate values for a parameter detected.' };
    expect(refusal(() => Parameters.fromForm('a=1&a=1', '').check())).toEqual(duplicate);
    expect(refusal(() => Parameters.fromForm('b=1', 'a=1&a=2').check())).toEqual(duplicate);
  });

  it('come from JSON as they would stand in a query', () => {
    const parameters = Parameters.fromJson({
      symbol: 'BTCUSDT',
      limit: 5,
      flag: true,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      price: 0.001,
      nothing: null,
    });
    expect(parameters.symbol()).toBe('BTCUSDT');
    expect(parameters.limit(1, 10)).toBe(5);
    expect(parameters.optionalFlag('flag')).toBe(true);
    expect(parameters.optionalSymbols()).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(parameters.text('price')).toBe('0.001');
    expect(refusal(() => parameters.text('nothing'))).toEqual({ code: -1105, msg: "Parameter 'nothing' was empty." });
  });

  it('may name a time in milliseconds or in microseconds', () => {
    const parameters = Parameters.fromForm('ms=1740830400000&us=1740830400000001&huge=99999999999999999999', '');
    expect(parameters.optionalTimeUs('ms')).toBe(1_740_830_400_000_000);
    expect(parameters.optionalTimeUs('us')).toBe(1_740_830_400_000_001);
    expect(parameters.optionalTimeUs('none')).toBeNull();
    expect(refusal(() => parameters.optionalTimeUs('huge'))).toEqual({
      code: -1108,
      msg: "Parameter 'huge' overflowed.",
    });
  });

  it('that nobody read are refused', () => {
    const parameters = Parameters.fromForm('a=1&b=2', '');
    parameters.text('a');
    expect(refusal(() => parameters.finish())).toEqual({
      code: -1104,
      msg: "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.",
    });
  });
});
