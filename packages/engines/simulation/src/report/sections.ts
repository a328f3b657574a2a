import { closedTrades } from '../statistics/trade-figures.ts';
import { drawdownsOf } from '../statistics/drawdowns.ts';
import { perPeriod } from '../statistics/periods.ts';
import { periodEnds, returnsOf, valuesAtEnds } from '../statistics/returns.ts';
import { rollingOf } from '../statistics/rolling.ts';
import { STATISTICS, type StatisticGroup, type StatisticName } from '../statistics/statistics.ts';
import { binsOf, chart, histogram, lineMarks, rangeOf, type ChartRange, type Line } from './chart.ts';
import { day, decimal, figure, minute, money, percent, plain, span, whole, type Language } from './format.ts';
import { html, type Content, type Markup } from './markup.ts';
import { section, table, term } from './page.ts';
import type { BacktestRun } from './run.ts';
import type { ReportTexts } from './texts.ts';

const BINS = 41;
const DRAWDOWNS = 10;
/** Trades that are listed from either end. */
const TRADES_SHOWN = 50;

const coarse = (value: number): string => percent(value, Math.abs(value) < 0.1 ? 1 : 0);
const signed = (value: number | null, text: string): Markup =>
  html`<span class="${value === null || value === 0 ? '' : value > 0 ? 'gain-text' : 'loss-text'}">${text}</span>`;

/** The share lost from the highest value so far, below zero. */
function underWater(values: Float64Array): Float64Array {
  let peak = -Infinity;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
}

/** What a chart shows, and how where it is not evenly. */
export const titleOf = (title: string, { logarithmic }: ChartRange, texts: ReportTexts): string =>
  logarithmic ? `${title} (${texts.logarithmic})` : title;

export function equitySection({ outcome: { curve, benchmark } }: BacktestRun, texts: ReportTexts): Markup {
  const { timeMs, equity } = curve;
  const held = (benchmark[0] ?? 0) > 0;
  const lines: Line[] = [{ name: texts.strategy, look: 'own', timeMs, values: equity }];
  if (held) lines.unshift({ name: texts.hold, look: 'held', timeMs, values: benchmark });
  const fallen = lines.map((line) => ({ ...line, values: underWater(line.values), filled: line.look === 'own' }));
  const drawn = (title: string, each: readonly Line[], label: (value: number) => string, small: boolean): Markup => {
    const range = rangeOf(
      timeMs,
      each.map(({ values }) => values),
      { zero: small, growth: !small },
    );
    return chart({
      title: titleOf(title, range, texts),
      range,
      label,
      small,
      legend: each.toReversed(),
      marks: each.map((line) => lineMarks(line, range)),
    });
  };
  return section(texts.equity, drawn(texts.equity, lines, whole, false), drawn(texts.drawdown, fallen, coarse, true));
}

export function monthsSection({ outcome }: BacktestRun, texts: ReportTexts): Markup {
  const months = new Map(perPeriod(outcome, 'month').map((each) => [each.fromMs, each]));
  const rows = perPeriod(outcome, 'year').map(({ fromMs, return: made, buyAndHoldReturn }) => {
    const year = new Date(fromMs).getUTCFullYear();
    const cells = texts.monthNames.map((_, month) => monthCell(months.get(Date.UTC(year, month, 1))?.return));
    return [year, ...cells, signed(made, percent(made, 1)), percent(buyAndHoldReturn, 1)];
  });
  return section(texts.months, table(['', ...texts.monthNames, texts.year, texts.hold], rows, 'months'));
}

/** As much colour as there was return: all of it at 20 %. */
function monthCell(made: number | null | undefined): Content {
  if (made === undefined) return '';
  if (made === null) return percent(null);
  const strength = Math.round(Math.min(1, Math.abs(made) / 0.2) * 45);
  const colour = made >= 0 ? 'var(--gain)' : 'var(--loss)';
  return html`<span
    style="display:block;margin:-4px -6px;padding:4px 6px;background:color-mix(in srgb,${colour} ${strength}%,transparent)"
    >${percent(made, 1)}</span
  >`;
}

export function distributionsSection({ outcome }: BacktestRun, texts: ReportTexts): Markup {
  const { curve } = outcome;
  const days = returnsOf(valuesAtEnds(curve.equity, periodEnds(curve.timeMs, 'day')));
  const closed = Float64Array.from(closedTrades(outcome), ({ returnShare }) => returnShare);
  const drawn = (title: string, values: Float64Array): Content => {
    const bins = binsOf(values, BINS);
    return bins === null
      ? html`<p class="dim">${title}: ${texts.noDistribution}</p>`
      : histogram(title, bins, (value) => percent(value, 1), texts.countOf(whole(values.length)));
  };
  return section(
    texts.distributions,
    html`<div class="pair">${drawn(texts.dailyReturns, days)}${drawn(texts.tradeReturns, closed)}</div>`,
  );
}

/** Long enough to say something, and at most a third of the days. */
const windowOf = (days: number): number | null => [365, 90, 30].find((window) => days >= 3 * window) ?? null;

export function rollingSection({ outcome: { curve }, statistics, yearDays }: BacktestRun, texts: ReportTexts): Markup {
  const window = windowOf(statistics.days ?? 0);
  if (window === null) return section(texts.rollingTitle, html`<p class="dim">${texts.noRolling}</p>`);
  const rolling = rollingOf(curve, window, yearDays);
  const drawn = (title: string, values: Float64Array, look: string, label: (value: number) => string): Markup => {
    const range = rangeOf(rolling.timeMs, [values], { zero: true });
    const line = { name: title, look, timeMs: rolling.timeMs, values };
    return chart({ title, range, label, small: true, legend: [], marks: [lineMarks(line, range)] });
  };
  return section(
    texts.rolling(window),
    html`<div class="pair">
      ${drawn(texts.rollingReturn, rolling.return, 'own', coarse)}${drawn(texts.rollingSharpe, rolling.sharpe, 'accent', plain)}${drawn(texts.rollingDrawdown, rolling.maxDrawdown, 'loss', coarse)}
    </div>`,
  );
}

export function exposureSection({ outcome: { curve } }: BacktestRun, texts: ReportTexts): Markup {
  const values = curve.exposure.map((exposure, index) => {
    const worth = curve.equity[index] ?? 0;
    return worth > 0 ? exposure / worth : Number.NaN;
  });
  const range = rangeOf(curve.timeMs, [values], { zero: true });
  const line = { name: texts.exposure, look: 'own', timeMs: curve.timeMs, values, filled: true };
  return section(
    texts.exposure,
    chart({ title: texts.exposure, range, label: coarse, small: true, legend: [], marks: [lineMarks(line, range)] }),
    html`<p><small>${texts.exposureNote}</small></p>`,
  );
}

export function drawdownsSection({ outcome: { curve } }: BacktestRun, texts: ReportTexts, language: Language): Markup {
  const { deepest } = drawdownsOf(curve.timeMs, curve.equity, DRAWDOWNS);
  if (deepest.length === 0) return section(texts.drawdowns, html`<p>${texts.noDrawdowns}</p>`);
  const rows = deepest.map(({ share, amount, peakMs, troughMs, recoveredMs, durationMs }) => [
    percent(share),
    money(amount),
    minute(peakMs),
    minute(troughMs),
    recoveredMs === null ? texts.notRecovered : minute(recoveredMs),
    span(durationMs, language),
  ]);
  const head = [texts.depth, texts.amount, texts.peak, texts.trough, texts.recovered, texts.lasted];
  return section(texts.drawdowns, table(head, rows));
}

export function tradesSection({ outcome }: BacktestRun, texts: ReportTexts): Markup {
  const { trades } = outcome;
  if (trades.length === 0) return section(texts.trades, html`<p>${texts.noTrades}</p>`);
  const all = trades.length <= 2 * TRADES_SHOWN;
  const shown = all ? trades : [...trades.slice(0, TRADES_SHOWN), ...trades.slice(-TRADES_SHOWN)];
  const rows = shown.map((trade) => [
    trade.instrument,
    texts.sides[trade.direction],
    minute(trade.openedMs),
    trade.closedMs === null ? texts.open : minute(trade.closedMs),
    decimal(trade.quantity),
    decimal(trade.entryPrice),
    decimal(trade.exitPrice),
    signed(Number(trade.profit), money(Number(trade.profit))),
    percent(trade.returnShare),
    decimal(trade.fees),
    trade.exitTag ?? (trade.exitCause === null ? '' : (texts.causes[trade.exitCause] ?? trade.exitCause)),
  ]);
  const note = all ? null : html`<p><small>${texts.tradesShown(whole(TRADES_SHOWN), whole(trades.length))}</small></p>`;
  return section(texts.trades, note, table(texts.tradeColumns, rows));
}

/** Names of a group, in the order of docs/statistics.md. */
export const namesOf = (group: StatisticGroup): readonly StatisticName[] =>
  (Object.keys(STATISTICS) as StatisticName[]).filter((name) => STATISTICS[name].group === group);

export function statisticsSection({ statistics }: BacktestRun, texts: ReportTexts, language: Language): Markup {
  const groups = (Object.keys(texts.groups) as StatisticGroup[]).map((group) => {
    const rows = namesOf(group).map(
      (name) =>
        html`<tr>
          <td>${term(...texts.names[name])}</td>
          <td>${figure(statistics[name], STATISTICS[name].unit, language)}</td>
        </tr>`,
    );
    return html`<section>
      <h3>${texts.groups[group]}</h3>
      <table>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </section>`;
  });
  return section(
    texts.statistics,
    html`<p><small>${texts.definitions}</small></p>
      <div class="lists">${groups}</div>`,
  );
}

export const spanOf = ({ outcome: { curve } }: BacktestRun): string =>
  curve.timeMs.length === 0 ? '' : `${day(curve.timeMs[0] ?? 0)} – ${day(curve.timeMs.at(-1) ?? 0)}`;
