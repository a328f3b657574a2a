import { existsSync } from 'node:fs';
import { expectOk, type Fault, type Result } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { gridConversion } from './recorded-symbol.ts';
import { openRecording } from './recording.ts';
import { generateRecording, gzipped, temporaryFile } from './recording.test-support.ts';

const generated = generateRecording({ seconds: 20 });

async function faultOf(result: Promise<Result<unknown>>): Promise<Fault> {
  const settled = await result;
  if (settled.ok) throw new Error('a faulty file was taken');
  return settled.fault;
}

describe('a recording', () => {
  it('is read plain and packed, whole and in parts, to the same events', async () => {
    const { lines, text } = generated;
    const half = Math.floor(lines.length / 2);
    const plain = expectOk(await openRecording([temporaryFile('one.ndjson', text)]));
    const packed = expectOk(await openRecording([temporaryFile('one.ndjson.gz', gzipped(text))]));
    const parts = expectOk(
      await openRecording([
        temporaryFile('a.ndjson', `${lines.slice(0, half).join('\n')}\n`),
        temporaryFile('b.ndjson.gz', gzipped(lines.slice(half).join('\r\n'))),
      ]),
    );
    expect(plain.length).toBe(lines.length);
    const all = (recording: typeof plain): string[] =>
      Array.from({ length: recording.length }, (_, event) => `${recording.atUs(event)} ${recording.payload(event)}`);
    expect(all(packed)).toEqual(all(plain));
    expect(all(parts)).toEqual(all(plain));
  });

  it('keeps payloads verbatim, also where the envelope is laid out unusually', async () => {
    const [first = ''] = generated.lines;
    const [received, ...rest] = first.split(' ');
    const { stream, data } = JSON.parse(rest.join(' ')) as { stream: string; data: object };
    const odd = `${received} ${JSON.stringify({ data, stream })}\n`;
    const recording = expectOk(await openRecording([temporaryFile('odd.ndjson', odd)]));
    expect(recording.payload(0)).toBe(JSON.stringify(data));
  });

  it('is put on the exchange clock, so that no event is told before it happened', async () => {
    const recording = expectOk(await openRecording([temporaryFile('one.ndjson', generated.text)]));
    expect(recording.clockOffsetUs / 1_000).toBeGreaterThan(1_200);
    expect(recording.clockOffsetUs / 1_000).toBeLessThan(1_300);
    for (let event = 0; event < recording.length; event += 1) {
      const at = /"E":(\d+)/.exec(recording.payload(event))?.[1];
      if (at !== undefined) expect(recording.atUs(event)).toBeGreaterThanOrEqual(Number(at) * 1_000);
    }
  });

  it('of a listed symbol has its rules; of any other, the grid that its numbers need', async () => {
    const listed = expectOk(await openRecording([temporaryFile('one.ndjson', generated.text)]));
    expect(listed.symbols[0]?.symbol()).toMatchObject({
      rules: 'listed',
      instrument: { tick: { units: 1, scale: 2 } },
    });
    const { text } = generateRecording({ symbol: 'DOGEUSDT', seconds: 5, priceDigits: 5, quantityDigits: 0 });
    const other = expectOk(await openRecording([temporaryFile('two.ndjson', text)]));
    expect(other.symbols[0]?.symbol()).toMatchObject({
      rules: 'inferred',
      instrument: {
        base: 'DOGE',
        quote: 'USDT',
        tick: { units: 1, scale: 5 },
        lot: { units: 1, scale: 0 },
        notionalMin: null,
      },
    });
  });

  it('rounds down what a level holds beyond whole lots, and its frames stay as they were', async () => {
    const [first = ''] = generated.lines;
    const dusty = first.replace(/("b":\[\["[^"]+",)"[^"]+"/, '$1"0.12345600"');
    expect(dusty).not.toBe(first);
    const recording = expectOk(await openRecording([temporaryFile('d.ndjson', generated.text.replace(first, dusty))]));
    const [symbol] = recording.symbols;
    if (symbol === undefined) throw new Error('no symbol');
    expect(symbol.symbol().rules).toBe('listed');
    expect(recording.payload(0)).toContain('0.12345600');
    expect(gridConversion(symbol.symbol().instrument).quantity(12_345_600)).toBe(12_345);
  });

  it('that is missing, empty or holds no event says so', async () => {
    expect((await faultOf(openRecording(['/nowhere/at-all.gz']))).code).toBe('recording_missing');
    expect((await faultOf(openRecording([]))).code).toBe('recording_missing');
    expect((await faultOf(openRecording([temporaryFile('e', '')]))).code).toBe('recording_empty');
    expect((await faultOf(openRecording([temporaryFile('e.gz', gzipped(''))]))).code).toBe('recording_empty');
    expect((await faultOf(openRecording([temporaryFile('e', '\n\n')]))).code).toBe('recording_empty');
  });

  it('that was cut off is truncated, packed or plain', async () => {
    const packed = gzipped(generated.text);
    const torn = await faultOf(openRecording([temporaryFile('t.gz', packed.slice(0, packed.length >> 1))]));
    expect(torn.code).toBe('recording_truncated');
    const plain = await faultOf(openRecording([temporaryFile('t.ndjson', generated.text.slice(0, -30))]));
    expect(plain.code).toBe('recording_truncated');
    expect(plain.message).toContain(`line ${generated.lines.length}`);
  });

  it.each([
    ['no JSON', '1723161253937085768 {"stream":', 'JSON'],
    ['no time', '{"stream":"btcusdt@trade"}', '19 digits'],
    ['a list', '1723161253937085768 [1]', 'no JSON object'],
    [
      'a trade without price',
      '1723161253937085768 {"stream":"btcusdt@trade","data":{"E":1,"s":"BTCUSDT","t":1,"q":"1","T":1,"m":true}}',
      "'p'",
    ],
    [
      'a quantity below zero',
      '1723161253937085768 {"stream":"btcusdt@trade","data":{"E":1,"s":"BTCUSDT","t":1,"p":"1","q":"-1","T":1,"m":true}}',
      "'q'",
    ],
    [
      'a level that is no pair',
      '1723161253937085768 {"stream":"btcusdt@depth","data":{"E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["1"]],"a":[]}}',
      "'b'",
    ],
    [
      'ids in the wrong order',
      '1723161253937085768 {"stream":"btcusdt@depth","data":{"E":1,"s":"BTCUSDT","U":3,"u":2,"b":[],"a":[]}}',
      "'u'",
    ],
    [
      'a time long before the one above',
      '1023161253937085768 {"stream":"btcusdt@aggTrade","data":{"s":"BTCUSDT"}}',
      'order of time',
    ],
  ])('with %s in a line is corrupt, naming file, line and what', async (_name, line, what) => {
    const [one = '', two = '', three = ''] = generated.lines;
    const fault = await faultOf(openRecording([temporaryFile('bad.ndjson', `${one}\n${two}\n${line}\n${three}\n`)]));
    expect(fault.code).toBe('recording_corrupt');
    expect(fault.message).toContain('bad.ndjson, line 3');
    expect(fault.message).toContain(what);
  });

  it('with a flipped bit in its gzip is corrupt', async () => {
    const packed = Uint8Array.from(gzipped(generated.text));
    packed[packed.length >> 1] = (packed[packed.length >> 1] ?? 0) ^ 1;
    expect(['recording_corrupt', 'recording_truncated']).toContain(
      (await faultOf(openRecording([temporaryFile('f.gz', packed)]))).code,
    );
  });
});

const REAL = '../shared/data/binance-spot-btcusdt-20240808.ndjson.gz';
describe.skipIf(!existsSync(REAL))(`the real recording (skipped where ${REAL} is absent)`, () => {
  it('opens with every line, one snapshot and consecutive trades', async () => {
    const recording = expectOk(await openRecording([REAL]));
    const [symbol] = recording.symbols;
    expect(recording.length).toBe(41_249);
    expect(symbol?.snapshotEvent.length).toBe(1);
    expect(symbol?.tradeId.length).toBe(9_757);
    expect(symbol?.symbol().rules).toBe('listed');
    expect((symbol?.tradeId.at(9_756) ?? 0) - (symbol?.tradeId.at(0) ?? 0)).toBe(9_756);
    expect(recording.clockOffsetUs).toBeGreaterThan(1_250_000);
  }, 30_000);
});
