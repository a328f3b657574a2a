import type { Interval } from '../statistics/intervals.ts';
import { STATISTICS, type StatisticName } from '../statistics/statistics.ts';
import { figure, minute, percent, type Language } from './format.ts';
import { honestySection, reasonOf, verdictBox } from './honesty-section.ts';
import { html, type Content, type Markup } from './markup.ts';
import { page, section, table, term } from './page.ts';
import { priceChart } from './price-chart.ts';
import type { BacktestRun } from './run.ts';
import {
  distributionsSection,
  drawdownsSection,
  equitySection,
  exposureSection,
  monthsSection,
  rollingSection,
  spanOf,
  statisticsSection,
  tradesSection,
} from './sections.ts';
import { textsOf, type ReportTexts } from './texts.ts';

/** Instruments whose prices are drawn. */
const PRICES_DRAWN = 4;

/**
 * A backtest as one HTML file that stands alone: no script, no network, light and dark, on paper too. What comes from outside (names, tags, assumptions) is escaped. Assumptions and warnings are in
 * the words given, all else in the language asked for.
 */
export function renderReport(run: BacktestRun, language: Language): string {
  const texts = textsOf(language);
  const heading = `${run.strategy} · ${run.instruments.join(', ')}${run.interval === null ? '' : ` · ${run.interval}`}`;
  return page(`${texts.title}: ${heading}`, language, [
    html`<header>
      <h1>${heading}</h1>
      <p class="dim">
        ${texts.title} ${spanOf(run)} UTC · ${run.id} · ${texts.ranAt} ${minute(run.createdMs)} UTC · MONSTA
        ${run.version}
      </p>
      <p><small>${texts.simulated}</small></p>
    </header>`,
    verdictBox(run.honesty, texts, reasonOf(run, texts)),
    termsSection(run, texts),
    summarySection(run, texts, language),
    equitySection(run, texts),
    run.prices.length === 0 ? null : pricesSection(run, texts),
    monthsSection(run, texts),
    honestySection(run, texts),
    distributionsSection(run, texts),
    rollingSection(run, texts),
    exposureSection(run, texts),
    drawdownsSection(run, texts, language),
    tradesSection(run, texts),
    statisticsSection(run, texts, language),
    section(texts.specification, html`<pre>${JSON.stringify(run.spec, null, 2)}</pre>`),
  ]);
}

const listOf = (items: readonly string[]): Markup =>
  html`<ul>
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;

const termsSection = ({ warnings, assumptions }: BacktestRun, texts: ReportTexts): Markup =>
  html`${section(texts.warnings, warnings.length === 0 ? html`<p>${texts.noWarnings}</p>` : html`<div class="warn">${listOf(warnings)}</div>`)}${section(texts.assumptions, assumptions.length === 0 ? html`<p>${texts.noAssumptions}</p>` : listOf(assumptions))}`;

const pricesSection = ({ prices, outcome }: BacktestRun, texts: ReportTexts): Markup =>
  section(
    texts.trades,
    prices.slice(0, PRICES_DRAWN).map((each) => priceChart(each, outcome, texts)),
    prices.length > PRICES_DRAWN ? html`<p><small>${texts.morePrices(prices.length - PRICES_DRAWN)}</small></p>` : null,
  );

const CARDS: readonly StatisticName[] = [
  'totalReturn',
  'cagr',
  'sharpeDaily',
  'maxDrawdown',
  'profitFactor',
  'winRate',
  'trades',
  'exposureTime',
  'finalEquity',
  'volatilityAnnual',
  'fees',
  'slippage',
];

/** What the strategy made, and beside it what holding did. */
const BESIDE: readonly (readonly [StatisticName, StatisticName])[] = [
  ['totalReturn', 'buyAndHoldReturn'],
  ['cagr', 'buyAndHoldCagr'],
  ['volatilityAnnual', 'buyAndHoldVolatility'],
  ['sharpe', 'buyAndHoldSharpe'],
  ['maxDrawdown', 'buyAndHoldMaxDrawdown'],
];

function summarySection(run: BacktestRun, texts: ReportTexts, language: Language): Markup {
  const { statistics, honesty, quoteAsset } = run;
  const show = (name: StatisticName): string => figure(statistics[name], STATISTICS[name].unit, language);
  const named = (name: StatisticName): Markup => term(...texts.names[name]);
  const intervals: Partial<Record<StatisticName, Interval | null>> = {
    totalReturn: honesty.intervals?.totalReturn ?? null,
    sharpeDaily: honesty.intervals?.sharpeDaily ?? null,
    maxDrawdown: honesty.intervals?.maxDrawdown ?? null,
    profitFactor: honesty.profitFactor,
  };
  const range = (name: StatisticName): string | null => {
    const found = intervals[name];
    if (found === undefined || found === null) return null;
    const { unit } = STATISTICS[name];
    return `[${figure(found.low, unit, language)} … ${found.high === null ? '∞' : figure(found.high, unit, language)}]`;
  };
  const cards = CARDS.map((name) => {
    const money: Content = STATISTICS[name].unit === 'money' ? quoteAsset : null;
    return html`<div class="card">
      ${named(name)}<span class="value">${show(name)}</span><span class="range">${range(name)}${money}</span>
    </div>`;
  });
  return section(
    texts.summary,
    html`<div class="cards">${cards}</div>`,
    html`<p>
      <small>${honesty.intervals === null ? texts.noInterval : texts.interval(percent(honesty.level, 0))}</small>
    </p>`,
    table(
      ['', texts.strategy, texts.hold],
      BESIDE.map(([own, held]) => [named(own), show(own), show(held)]),
    ),
  );
}
