import type { BacktestPrices, BacktestTradeMessage } from '@monsta/contracts';
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Zone } from '../../lib/times.ts';
import { colourCandles, wordCandles } from '../chart/candle-look.ts';
import type { ChartColours } from '../chart/chart-colours.ts';
import { chartTime } from '../chart/chart-points.ts';

/** The bar that a time lies in: the last one that opened at or before it. */
function barTime(openTimeMs: readonly number[], timeMs: number): UTCTimestamp | null {
  let [low, high] = [0, openTimeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] ?? Infinity) <= timeMs) low = middle + 1;
    else high = middle;
  }
  const found = openTimeMs[low - 1];
  return found === undefined ? null : chartTime(found);
}

/** Where trades were entered and left on the prices that a backtest ran on. The reader scrolls and zooms. */
export class TradesPriceChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick', Time>;
  readonly #markers: ISeriesMarkersPluginApi<Time>;
  readonly #prices: BacktestPrices;
  readonly #trades: readonly BacktestTradeMessage[];

  constructor(container: HTMLElement, prices: BacktestPrices, trades: readonly BacktestTradeMessage[]) {
    this.#prices = prices;
    this.#trades = trades;
    this.#chart = createChart(container, {
      autoSize: true,
      rightPriceScale: { borderVisible: false, entireTextOnly: true },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, minBarSpacing: 0.5 },
      handleScroll: { vertTouchDrag: false },
    });
    const largest = prices.high.reduce((most, high) => Math.max(most, high), 0);
    const precision = largest >= 1_000 ? 2 : largest >= 1 ? 4 : 8;
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      priceFormat: { type: 'price', precision, minMove: 10 ** -precision },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#markers = createSeriesMarkers<Time>(this.#candles, []);
    this.#candles.setData(
      prices.openTimeMs.map((timeMs, index) => ({
        time: chartTime(timeMs),
        open: prices.open[index] ?? 0,
        high: prices.high[index] ?? 0,
        low: prices.low[index] ?? 0,
        close: prices.close[index] ?? 0,
      })),
    );
    this.#chart.timeScale().fitContent();
  }

  setColours(colours: ChartColours): void {
    colourCandles(this.#chart, this.#candles, colours);
    this.#markers.setMarkers(this.#marks(colours));
  }

  setWording(locale: string, zone: Zone): void {
    wordCandles(this.#chart, new Intl.NumberFormat(locale, { maximumSignificantDigits: 8 }), locale, zone);
  }

  remove(): void {
    this.#chart.remove();
  }

  /** Entries point the way of the trade; an exit has the colour of what it made. */
  #marks(colours: ChartColours): SeriesMarker<Time>[] {
    const { openTimeMs } = this.#prices;
    const marks: SeriesMarker<Time>[] = [];
    for (const { direction, openedMs, closedMs, profit } of this.#trades) {
      const long = direction === 'long';
      // A fill within a bar is stamped with its close, where the next one opens.
      const entered = barTime(openTimeMs, openedMs - 1);
      if (entered !== null)
        marks.push({
          time: entered,
          position: long ? 'belowBar' : 'aboveBar',
          shape: long ? 'arrowUp' : 'arrowDown',
          color: colours.mark,
        });
      const left = closedMs === null ? null : barTime(openTimeMs, closedMs - 1);
      if (left === null) continue;
      const won = !profit.startsWith('-');
      marks.push({
        time: left,
        position: long ? 'aboveBar' : 'belowBar',
        shape: won ? 'circle' : 'square',
        color: won ? colours.up : colours.down,
      });
    }
    return marks.toSorted((one, other) => Number(one.time) - Number(other.time));
  }
}
