import { instrumentId, sameSteps } from '@monsta/core';
import { readSymbolRules, writeSymbolRules } from '@monsta/matching';
import type { ListedModel } from '../listed-model.ts';
import { Refusal, type Json } from './simulation-control.ts';
import type { TradingDesk } from './trading-desk.ts';

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The filters with the fields of others put in the place of their own, each by its type. */
function merged(filters: readonly Json[], changes: unknown): readonly Json[] {
  if (changes === undefined) return filters;
  if (!Array.isArray(changes) || !changes.every(isJson)) throw new Refusal(`'filters' is a list of filters`);
  const byType = new Map(filters.map((filter) => [filter['filterType'], filter]));
  for (const change of changes) {
    byType.set(change['filterType'], { ...byType.get(change['filterType']), ...change });
  }
  return [...byType.values()];
}

/**
 * Changes what `symbol` may be traded by while the exchange runs: its `status`, any of its `filters` in the form of exchangeInfo, and whether it is `listed` at all. Tick and lot stay:
 * the market's prices are made in them. One that is not listed any more is in a BREAK, its open orders are canceled. Answers the symbol as exchangeInfo lists it. Throws `Refusal`.
 */
export function changeRules({ exchange, accounts }: TradingDesk, model: ListedModel, json: Json): Json {
  const { symbol, filters, listed = true } = json;
  const status = json['status'] ?? (listed === true ? undefined : 'BREAK');
  const before = typeof symbol === 'string' ? exchange.rules(instrumentId(symbol)) : null;
  if (before === null) throw new Refusal(`'symbol' is none of this exchange`, 404);
  if (typeof listed !== 'boolean') throw new Refusal(`'listed' is true or false`);
  const written = writeSymbolRules(before);
  const own = (written['filters'] as readonly unknown[]).filter(isJson);
  const read = readSymbolRules({
    ...written,
    ...(status === undefined ? {} : { status }),
    filters: merged(own, filters),
  });
  if (!read.ok) throw new Refusal(read.fault.message);
  if (!sameSteps(before, read.value))
    throw new Refusal('tick and lot stay: the prices of this market are made in them', 409);
  exchange.changeRules(read.value);
  model.list(before.symbol, listed);
  // What is no longer listed leaves no orders behind.
  if (!listed) for (const account of accounts) exchange.cancelAll(account, before.symbol, model.nowUs());
  return writeSymbolRules(read.value);
}
