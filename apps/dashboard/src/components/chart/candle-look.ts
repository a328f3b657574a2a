import type { IChartApi, ISeriesApi, TickMarkType, Time, UTCTimestamp } from 'lightweight-charts';
import { formatAxisMark, formatDateTime, type AxisMark, type Zone } from '../../lib/times.ts';
import type { ChartColours } from './chart-colours.ts';

const MARKS = ['year', 'month', 'day', 'time', 'time'] as const satisfies readonly AxisMark[];

/** Colours a chart of candles. A rising candle is hollow, a falling one filled: the direction shows without colour too. */
export function colourCandles(chart: IChartApi, candles: ISeriesApi<'Candlestick', Time>, colours: ChartColours): void {
  chart.applyOptions({
    layout: {
      background: { color: colours.ground },
      textColor: colours.text,
      fontFamily: colours.font,
      fontSize: 11,
      attributionLogo: true,
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    crosshair: {
      vertLine: { color: colours.text, labelBackgroundColor: colours.label },
      horzLine: { color: colours.text, labelBackgroundColor: colours.label },
    },
  });
  candles.applyOptions({
    upColor: colours.ground,
    borderUpColor: colours.up,
    wickUpColor: colours.up,
    downColor: colours.down,
    borderDownColor: colours.down,
    wickDownColor: colours.down,
  });
}

/** Writes a chart's prices and times in the reader's language and time zone. */
export function wordCandles(chart: IChartApi, price: Intl.NumberFormat, locale: string, zone: Zone): void {
  chart.applyOptions({
    localization: {
      locale,
      priceFormatter: (value: number) => price.format(value),
      timeFormatter: (time: Time) => (typeof time === 'number' ? formatDateTime(time * 1000, locale, zone) : ''),
    },
    timeScale: {
      tickMarkFormatter: (time: UTCTimestamp, kind: TickMarkType) =>
        formatAxisMark(time * 1000, MARKS[kind], locale, zone),
    },
  });
}
