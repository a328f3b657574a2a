import { price, type AssetId, type Instrument, type InstrumentId, type TimestampUs } from '@monsta/core';
import { Exchange, type ExchangeListener, type SymbolOptions } from '@monsta/matching';
import { openAgents } from './agents/agent-desk.ts';
import { discountAmong, DiscountPrices } from './discount-prices.ts';
import { MINUTE_MS, tradesBy, type PriceProcess } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';
import { symbolRules } from './symbol-rules.ts';
import type { SymbolSession } from './symbol-session.ts';

/**
 * Numbers that one session gives out at most in each millisecond of its life, on average: the next session begins where this one can't have come to, so that what a client
 * has seen grows over restarts. Agents give out some hundredths of it.
 */
const NUMBERS_PER_MS = { orderId: 0.2, updateId: 2, generatedId: 1, executionId: 4, orderListId: 0.02 } as const;

interface OpenedSymbol {
  readonly process: PriceProcess;
  readonly lastTradeId: number;
}

/** What the market last traded at before `ms`. */
function openingPrice(process: PriceProcess, ms: number): number {
  const minute = process.minute(Math.floor((ms - EPOCH_MS) / MINUTE_MS));
  return Math.max(1, minute.bids[Math.max(0, tradesBy(minute, ms) - 1)] ?? minute.lastBid);
}

/** The exchange of a session, and everybody who hears what it does: first the symbols' own sessions, then who asked to. */
export interface ExchangeHub {
  readonly exchange: Exchange;
  readonly sessions: Map<InstrumentId, SymbolSession>;
  readonly listeners: number;
  listen(listener: ExchangeListener): () => void;
  clear(): void;
}

/** Opens an exchange with the agents' accounts at `startMs`. */
export function openExchange(symbols: readonly OpenedSymbol[], startMs: number, nowUs: () => TimestampUs): ExchangeHub {
  const sessions = new Map<InstrumentId, SymbolSession>();
  const listeners = new Set<ExchangeListener>();
  const instruments = new Map<InstrumentId, Instrument>(
    symbols.map(({ process }) => [process.profile.symbol.instrument.id, process.profile.symbol.instrument]),
  );
  const found = discountAmong([...instruments.values()]);
  let prices: DiscountPrices | null = null;
  const ageMs = startMs - EPOCH_MS;
  const first = (kind: keyof typeof NUMBERS_PER_MS): number => Math.floor(ageMs * NUMBERS_PER_MS[kind]);
  const endCommand = (): void => {
    for (const session of sessions.values()) session.onCommandEnd();
  };
  const listener: ExchangeListener = {
    onReport: (report) => {
      for (const each of listeners) each.onReport(report);
    },
    onTrade: (trade) => {
      const instrument = instruments.get(trade.symbol);
      if (instrument !== undefined) prices?.traded(instrument, trade.price);
      sessions.get(trade.symbol)?.onTrade(trade);
      for (const each of listeners) each.onTrade(trade);
    },
    onBest: (best) => {
      endCommand();
      sessions.get(best.symbol)?.onBest(best, nowUs());
      for (const each of listeners) each.onBest(best);
    },
    onListStatus: (status) => {
      for (const each of listeners) each.onListStatus(status);
    },
    onAccount: (account, holdings, timeUs) => {
      endCommand();
      for (const each of listeners) each.onAccount(account, holdings, timeUs);
    },
  };
  const exchange = new Exchange({
    listener,
    symbols: symbols.map(({ process, lastTradeId }): SymbolOptions => ({
      rules: symbolRules(process.profile.symbol),
      openingPrice: price(openingPrice(process, startMs)),
      counters: {
        tradeId: lastTradeId,
        orderId: first('orderId'),
        updateId: first('updateId'),
        generatedId: first('generatedId'),
      },
    })),
    counters: { executionId: first('executionId'), orderListId: first('orderListId') },
    discount: found?.discount ?? null,
  });
  if (found !== null) {
    prices = new DiscountPrices(exchange, found.market);
    for (const { process } of symbols)
      prices.traded(process.profile.symbol.instrument, price(openingPrice(process, startMs)));
  }
  const assets = new Set<AssetId>();
  for (const { process } of symbols) {
    assets.add(process.profile.symbol.instrument.base);
    assets.add(process.profile.symbol.instrument.quote);
  }
  openAgents(exchange, [...assets]);
  return {
    exchange,
    sessions,
    get listeners() {
      return listeners.size;
    },
    listen(each) {
      // A listener of its own, so that the same object may listen twice.
      const own: ExchangeListener = {
        onReport: (report) => each.onReport(report),
        onTrade: (trade) => each.onTrade(trade),
        onBest: (best) => each.onBest(best),
        onListStatus: (status) => each.onListStatus(status),
        onAccount: (account, holdings, timeUs) => each.onAccount(account, holdings, timeUs),
      };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    clear: () => listeners.clear(),
  };
}
