import { err, ok, type Instrument, type Random, type Result, type TimestampUs, type TradeTick } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { Backoff } from './backoff.ts';
import type { BinanceMarketDataConfig } from './config.ts';
import type { MarketRest } from './market-rest.ts';

const PAGE = 1_000;
const RETRY_DELAYS = { minMs: 250, maxMs: 5_000 };

export interface RepairRequest {
  readonly instrument: Instrument;
  readonly from: number;
  readonly to: number;
  /** Time of the last trade before the gap, for a search by time. */
  readonly sinceUs: TimestampUs | null;
  readonly signal: AbortSignal;
  /** Called for each missing trade, in order. */
  onTrade(trade: TradeTick): void;
}

/**
 * Fetches the trades `from`…`to`, page by page, each handed over exactly once and in order. Fault `gap_unrepaired` tells
 * which were not to be had and why; those before them were handed over.
 */
export async function repairTrades(
  request: RepairRequest,
  parts: {
    readonly rest: MarketRest;
    readonly clock: Clock;
    readonly random: Random;
    readonly config: BinanceMarketDataConfig;
  },
): Promise<Result<null>> {
  const { rest, clock, random, config } = parts;
  const { instrument, from, to, signal } = request;
  const count = to - from + 1;
  if (count > config.repairTradesMax) {
    return err(
      'gap_unrepaired',
      `trades ${from} to ${to} are missing: ${count} are more than the ${config.repairTradesMax} that are fetched`,
    );
  }
  const endMs = clock.monotonicMs() + config.repairTimeoutMs;
  let next = from;
  const backoff = new Backoff(RETRY_DELAYS, random);
  let failures = 0;
  let why = 'the venue does not give them';
  let sinceUs = request.sinceUs;
  while (next <= to) {
    if (signal.aborted) return err('gap_unrepaired', `trades ${next} to ${to} are missing: collecting stopped`);
    const page = await rest.tradesFrom(instrument, next, Math.min(PAGE, to - next + 1), sinceUs);
    if (signal.aborted) continue;
    if (page.ok && page.value.length > 0) {
      failures = 0;
      backoff.reset();
      for (const trade of page.value) request.onTrade(trade);
      next += page.value.length;
      sinceUs = page.value.at(-1)?.tsEventUs ?? sinceUs;
      continue;
    }
    // The newest trades reach REST a moment after the stream, so an empty page too is asked for again.
    if (!page.ok) why = page.fault.message;
    const delayMs = Math.max(backoff.next(), page.ok ? 0 : (page.fault.retryAfterMs ?? 0));
    failures += 1;
    const hopeless = page.ok ? failures >= 4 : page.fault.retry !== 'retryable';
    if (hopeless || clock.monotonicMs() + delayMs > endMs) {
      return err('gap_unrepaired', `trades ${next} to ${to} are missing: ${why}`);
    }
    await clock.sleep(delayMs, signal);
  }
  return ok(null);
}
