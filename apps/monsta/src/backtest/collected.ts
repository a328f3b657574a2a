import type { BacktestSpec } from '@monsta/contracts';
import {
  emptyBarSeries,
  err,
  formatUnits,
  instrumentId,
  msFromUs,
  ok,
  parseStep,
  usFromMs,
  type AssetId,
  type Bar,
  type BarSeries,
  type Instrument,
  type Interval,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import { instrumentTerms } from './terms.ts';

/** Bars asked for at once. */
const PAGE_BARS = 20_000;

/** All closed bars that are held, oldest first, up to `toMs`. */
async function heldBars(
  history: MarketHistory,
  id: Instrument['id'],
  interval: Interval,
  toMs: number | null,
): Promise<Result<readonly Bar[]>> {
  const pages: (readonly Bar[])[] = [];
  let beforeUs: TimestampUs | null = toMs === null ? null : usFromMs(toMs);
  for (;;) {
    const page = await history.bars({ instrument: id, interval, limit: PAGE_BARS, beforeUs });
    if (!page.ok) return page;
    const [first] = page.value;
    if (first === undefined) break;
    pages.push(page.value);
    beforeUs = first.openTimeUs;
    if (page.value.length < PAGE_BARS) break;
  }
  return ok(pages.toReversed().flatMap((page) => page.filter(({ closed }) => closed)));
}

function columnsOf(bars: readonly Bar[], instrument: Instrument, interval: Interval, shared: boolean): BarSeries {
  const series = emptyBarSeries(instrument, interval, bars.length, shared);
  for (const [index, bar] of bars.entries()) {
    series.openTimeMs[index] = msFromUs(bar.openTimeUs);
    series.open[index] = bar.open;
    series.high[index] = bar.high;
    series.low[index] = bar.low;
    series.close[index] = bar.close;
    series.volume[index] = Number(bar.volume);
  }
  return series;
}

/**
 * The bars of a specification as the price collector of the running program holds them now, in the terms that it gives. Faults: `backtest_data` (nothing held of an instrument, another
 * tick), `backtest_spec`, those of the history.
 */
export async function collectedSeries(
  spec: BacktestSpec,
  quote: AssetId,
  history: MarketHistory,
  shared = false,
): Promise<Result<readonly BarSeries[]>> {
  const { interval } = spec;
  if (interval === null) return err('backtest_spec', 'bars are collected in several intervals; name the one to run on');
  const instruments = await history.instruments();
  if (!instruments.ok) return instruments;
  const series: BarSeries[] = [];
  for (const id of spec.instruments) {
    const instrument = instruments.value.find((each) => each.id === id);
    if (instrument === undefined) return err('backtest_data', `${id} is not collected here`);
    const { tick } = instrument;
    const asked = spec.tick === null ? ok(tick) : parseStep(spec.tick);
    if (!asked.ok) return asked;
    if (asked.value.units !== tick.units || asked.value.scale !== tick.scale)
      return err('backtest_data', `${id} has a tick of ${formatUnits(BigInt(tick.units), tick.scale)}; leave tick out`);
    const bars = await heldBars(history, instrumentId(id), interval, spec.toMs);
    if (!bars.ok) return bars;
    if (bars.value.length === 0)
      return err(
        'backtest_data',
        `no closed bar of ${id} and ${interval} is held ${spec.toMs === null ? 'yet' : 'before the end'}`,
      );
    series.push(columnsOf(bars.value, instrumentTerms(instrument, spec, quote), interval, shared));
  }
  return ok(series);
}
