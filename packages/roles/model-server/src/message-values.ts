import type { BarMessage } from '@monsta/contracts';
import type { BarValues } from '@monsta/features';

/** A closed bar off the stream as binary numbers: those that `barValues` gives of the same bar in the history. */
export const messageValues = (message: BarMessage): BarValues => {
  const { openTimeMs, open, high, low, close, volume, takerBuyVolume, trades, bookImbalance } = message;
  return {
    openTimeMs,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
    ...(takerBuyVolume === null ? {} : { takerBuyVolume: Number(takerBuyVolume) }),
    ...(trades === null ? {} : { trades }),
    ...(bookImbalance === null ? {} : { bookImbalance }),
  };
};
