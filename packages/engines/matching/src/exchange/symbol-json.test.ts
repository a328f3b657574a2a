import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { OPEN_RULES, STRICT_RULES } from './exchange.test-support.ts';
import { readSymbolRules, writeSymbolRules } from './symbol-json.ts';
import { assetScales, conversionOf } from './symbol-rules.ts';

const RECORDED = join(import.meta.dirname, '../../../../../../shared/data/binance-exchangeinfo-2021.txt.gz');
const absent = !existsSync(RECORDED);

describe('a symbol of exchangeInfo', () => {
  it('reads back what was written', () => {
    for (const rules of [OPEN_RULES, STRICT_RULES]) {
      expect(expectOk(readSymbolRules(JSON.parse(JSON.stringify(writeSymbolRules(rules)))))).toEqual(rules);
    }
  });

  it.skipIf(absent)(`is understood in all of a recorded one${absent ? ` (skipped: no ${RECORDED})` : ''}`, () => {
    const line = gunzipSync(readFileSync(RECORDED)).toString('utf8').split('\n')[0] ?? '';
    const body: unknown = JSON.parse(line.slice(line.indexOf('{')));
    const symbols = (body as { readonly symbols: readonly unknown[] }).symbols;
    const rules = symbols.map((symbol) => expectOk(readSymbolRules(symbol)));
    expect(rules).toHaveLength(1_695);
    // Every amount on every symbol is whole in its asset's digits.
    const scales = assetScales(rules);
    for (const each of rules) {
      expect(conversionOf(each, scales).lotUnits).toBeGreaterThan(0);
      expect(expectOk(readSymbolRules(JSON.parse(JSON.stringify(writeSymbolRules(each)))))).toEqual(each);
    }
    const bitcoin = rules.find(({ symbol }) => symbol === 'BTCUSDT');
    expect(bitcoin).toMatchObject({
      tick: { units: 1, scale: 2 },
      lot: { units: 1, scale: 5 },
      marketQuantity: { step: 0 },
      ordersMax: 200,
      algoOrdersMax: 5,
      icebergPartsMax: 10,
    });
  });

  it.each([
    [null, 'a symbol of exchangeInfo is no object'],
    [{ symbol: 'X', status: 'TRADING', filters: [] }, 'exchangeInfo: X: it has no PRICE_FILTER filter'],
    [{ ...writeSymbolRules(OPEN_RULES), status: 'GONE' }, 'exchangeInfo: BTCUSDT: status is unknown'],
    [{ ...writeSymbolRules(OPEN_RULES), baseAsset: 5n }, 'exchangeInfo: BTCUSDT: baseAsset is missing or no text'],
  ])('that is malformed is refused: %#', (json, message) => {
    expect(readSymbolRules(json)).toMatchObject({ ok: false, fault: { code: 'exchange_info_invalid', message } });
  });
});
