import type { BacktestTrade } from '../backtest/outcome.ts';
import { across, chart, down, rangeOf, type ChartRange } from './chart.ts';
import { axis, plain, whole } from './format.ts';
import { html, type Markup } from './markup.ts';
import type { BacktestRun, ReportPrices } from './run.ts';
import { titleOf } from './sections.ts';
import type { ReportTexts } from './texts.ts';

const COLUMNS = 1_000;
/** More than these can't be told from one another. */
const TRADES_DRAWN = 500;

/** The area between the lowest and the highest price of each column, so that no spike is lost. */
function bandOf({ openTimeMs, high, low }: ReportPrices, range: ChartRange): Markup {
  const highs = new Float64Array(COLUMNS + 1).fill(Number.NaN);
  const lows = new Float64Array(COLUMNS + 1).fill(Number.NaN);
  for (let index = 0; index < openTimeMs.length; index += 1) {
    const column = Math.round(Number(across(range, openTimeMs[index] ?? 0)));
    if (column < 0 || column > COLUMNS) continue;
    const [top, bottom] = [high[index] ?? Number.NaN, low[index] ?? Number.NaN];
    highs[column] = Math.max(highs[column] || top, top);
    lows[column] = Math.min(lows[column] || bottom, bottom);
  }
  const known = Array.from(highs.keys()).filter((column) => !Number.isNaN(highs[column] ?? Number.NaN));
  const side = (columns: readonly number[], values: Float64Array): string =>
    columns.map((column) => `${column} ${down(range, values[column] ?? 0)}`).join('L');
  return known.length === 0
    ? html``
    : html`<path class="band" d="M${side(known, highs)}L${side(known.toReversed(), lows)}Z" />`;
}

function tradeMark(trade: BacktestTrade, range: ChartRange, texts: ReportTexts): Markup {
  const { openedMs, closedMs, entryPrice, exitPrice, profit, direction } = trade;
  const made = Number(profit);
  const look = closedMs === null ? 'accent' : made >= 0 ? 'gain' : 'loss';
  const [fromX, fromY] = [across(range, openedMs), down(range, Number(entryPrice))];
  const [toX, toY] = [across(range, closedMs ?? range.toMs), down(range, Number(exitPrice ?? entryPrice))];
  return html`<g class="${look}"
    ><title>
      ${texts.sides[direction]} ${plain(Number(entryPrice))} → ${plain(exitPrice === null ? null : Number(exitPrice))}:
      ${plain(made)}</title
    ><path class="trade" d="M${fromX} ${fromY}L${toX} ${toY}" /><path class="end" d="M${fromX} ${fromY}h0"
  /></g>`;
}

/** All of them, or of each stretch of the list the one that moved the most money. */
function largestOf(trades: readonly BacktestTrade[]): readonly BacktestTrade[] {
  if (trades.length <= TRADES_DRAWN) return trades;
  return Array.from({ length: TRADES_DRAWN }, (_, stretch) => {
    const from = Math.floor((stretch * trades.length) / TRADES_DRAWN);
    const to = Math.floor(((stretch + 1) * trades.length) / TRADES_DRAWN);
    return trades.slice(from, to);
  }).flatMap((stretch) => {
    const sizes = stretch.map(({ profit }) => Math.abs(Number(profit)));
    return stretch[sizes.indexOf(Math.max(...sizes))] ?? [];
  });
}

/** The trades of an instrument on its price. */
export function priceChart(
  prices: ReportPrices,
  { curve, trades: all }: BacktestRun['outcome'],
  texts: ReportTexts,
): Markup {
  const trades = all.filter(({ instrument }) => instrument === prices.instrument);
  const drawn = largestOf(trades);
  const range = rangeOf(curve.timeMs, [prices.low, prices.high], { growth: true });
  const drawing = chart({
    title: titleOf(texts.price(prices.instrument), range, texts),
    range,
    label: axis,
    marks: [bandOf(prices, range), ...drawn.map((trade) => tradeMark(trade, range, texts))],
    legend: [
      { name: texts.won, look: 'gain' },
      { name: texts.lost, look: 'loss' },
      { name: texts.open, look: 'accent' },
    ],
  });
  const note =
    trades.length === 0
      ? texts.noTrades
      : drawn.length < trades.length
        ? texts.drawn(whole(drawn.length), whole(trades.length))
        : null;
  return html`${drawing}
    <p><small>${texts.priceNote} ${note}</small></p>`;
}
