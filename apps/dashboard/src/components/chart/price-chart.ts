import type { Interval } from '@monsta/core';
import type { BarMessage, FillMessage } from '@monsta/contracts';
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
} from 'lightweight-charts';
import { forDrawing } from '../../lib/decimal-text.ts';
import { fillMarks } from '../../lib/fill-marks.ts';
import type { Zone } from '../../lib/times.ts';
import { colourCandles, wordCandles } from './candle-look.ts';
import { candlePoint, chartTime, gapPoints, volumePoint, type CandlePoint, type VolumePoint } from './chart-points.ts';
import type { ChartColours } from './chart-colours.ts';

/** How many bars before the left edge the next older ones are asked for. */
const OLDER_MARGIN_BARS = 60;
const PIXELS_A_BAR = 8;

export interface ChartEvents {
  /** The view came near the oldest bar. */
  readonly onNearOldest: () => void;
  /** The bar under the pointer; null when there is none. */
  readonly onHover: (bar: BarMessage | null) => void;
  /** Whether the newest bar is in view. */
  readonly onFollowing: (following: boolean) => void;
}

export interface ChartWording {
  readonly locale: string;
  readonly zone: Zone;
  readonly buy: string;
  readonly sell: string;
}

export interface ChartScale {
  readonly interval: Interval;
  /** Fractional digits of a price, and its step. */
  readonly digits: number;
  readonly step: number;
}

const secondsOf = (time: Time): number | null => (typeof time === 'number' ? time : null);

/** The drawing of one instrument and interval: candles, volume and our fills, in a canvas. */
export class PriceChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick', Time>;
  readonly #volume: ISeriesApi<'Histogram', Time>;
  readonly #markers: ISeriesMarkersPluginApi<Time>;
  readonly #scale: ChartScale;
  #bars: readonly BarMessage[] = [];
  #fills: readonly FillMessage[] = [];
  #colours: ChartColours;
  #wording: ChartWording;

  constructor(
    container: HTMLElement,
    scale: ChartScale,
    colours: ChartColours,
    wording: ChartWording,
    events: ChartEvents,
  ) {
    this.#scale = scale;
    this.#colours = colours;
    this.#wording = wording;
    this.#chart = createChart(container, {
      autoSize: true,
      rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.24 } },
      timeScale: { borderVisible: false, rightOffset: 4, timeVisible: true, secondsVisible: false, minBarSpacing: 1.5 },
      // A page that scrolls must not be caught by the chart under a thumb.
      handleScroll: { vertTouchDrag: false },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      priceFormat: { type: 'price', precision: scale.digits, minMove: scale.step },
    });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#markers = createSeriesMarkers<Time>(this.#candles, []);
    this.#applyColours();
    this.#applyWording();
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null || this.#bars.length === 0) return;
      if (range.from < OLDER_MARGIN_BARS) events.onNearOldest();
      events.onFollowing(this.#chart.timeScale().scrollPosition() > -2);
    });
    this.#chart.subscribeCrosshairMove(({ time, point }) => {
      const seconds = time === undefined || point === undefined ? null : secondsOf(time);
      events.onHover(seconds === null ? null : this.#barAt(seconds * 1000));
    });
  }

  /** Draws all bars anew; the view keeps its place. */
  setBars(bars: readonly BarMessage[]): void {
    const first = this.#bars.length === 0;
    this.#bars = bars;
    const candles: CandlePoint[] = [];
    const volume: VolumePoint[] = [];
    let previous: BarMessage | undefined;
    for (const bar of bars) {
      const gap = gapPoints(previous, bar, this.#scale.interval);
      candles.push(...gap, candlePoint(bar));
      volume.push(...gap, volumePoint(bar, this.#colours.volume));
      previous = bar;
    }
    this.#candles.setData(candles);
    this.#volume.setData(volume);
    this.#colourLine();
    this.#drawFills();
    if (first && candles.length > 0) {
      const end = candles.length + 3;
      const shown = Math.max(30, Math.floor(this.#chart.timeScale().width() / PIXELS_A_BAR));
      this.#chart.timeScale().setVisibleLogicalRange({ from: end - shown, to: end });
    }
  }

  /** Draws the newest bar. */
  update(bars: readonly BarMessage[], newest: BarMessage): void {
    this.#bars = bars;
    this.#candles.update(candlePoint(newest));
    this.#volume.update(volumePoint(newest, this.#colours.volume));
    this.#colourLine();
    if (this.#fills.length > 0) this.#drawFills();
  }

  setFills(fills: readonly FillMessage[]): void {
    this.#fills = fills;
    this.#drawFills();
  }

  setColours(colours: ChartColours): void {
    this.#colours = colours;
    this.#applyColours();
    this.setBars(this.#bars);
  }

  setWording(wording: ChartWording): void {
    this.#wording = wording;
    this.#applyWording();
    this.#drawFills();
  }

  toNewest(): void {
    this.#chart.timeScale().scrollToRealTime();
  }

  remove(): void {
    this.#chart.remove();
  }

  #barAt(timeMs: number): BarMessage | null {
    return this.#bars.findLast((bar) => bar.openTimeMs <= timeMs && timeMs < bar.closeTimeMs) ?? null;
  }

  #drawFills(): void {
    const { buy, sell } = this.#wording;
    this.#markers.setMarkers(
      fillMarks(this.#fills, this.#bars).map(({ openTimeMs, side, fills }) => ({
        time: chartTime(openTimeMs),
        position: side === 'buy' ? ('belowBar' as const) : ('aboveBar' as const),
        shape: side === 'buy' ? ('arrowUp' as const) : ('arrowDown' as const),
        color: this.#colours.mark,
        text: `${side === 'buy' ? buy : sell}${fills > 1 ? ` ×${fills}` : ''}`,
      })),
    );
  }

  /** The line of the last price has its bar's direction; by itself it would take the hollow candle's inside. */
  #colourLine(): void {
    const newest = this.#bars.at(-1);
    if (newest === undefined) return;
    const rose = (forDrawing(newest.close) ?? 0) >= (forDrawing(newest.open) ?? 0);
    const priceLineColor = rose ? this.#colours.up : this.#colours.down;
    if (this.#candles.options().priceLineColor !== priceLineColor) this.#candles.applyOptions({ priceLineColor });
  }

  #applyWording(): void {
    const { locale, zone } = this.#wording;
    const { digits, interval } = this.#scale;
    const price = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    wordCandles(this.#chart, price, locale, zone);
    this.#chart.applyOptions({ timeScale: { timeVisible: interval !== '1d' } });
  }

  #applyColours(): void {
    colourCandles(this.#chart, this.#candles, this.#colours);
  }
}
