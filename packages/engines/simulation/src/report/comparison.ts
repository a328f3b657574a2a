import { STATISTICS, type StatisticGroup, type StatisticName } from '../statistics/statistics.ts';
import { chart, lineMarks, rangeOf, type Line } from './chart.ts';
import { axis, figure, whole, type Language } from './format.ts';
import { probability } from './honesty-section.ts';
import { html, type Content, type Markup } from './markup.ts';
import { page, section, table, term } from './page.ts';
import type { BacktestRun } from './run.ts';
import { namesOf, spanOf, titleOf } from './sections.ts';
import { textsOf, type ReportTexts } from './texts.ts';

/** As many colours as can be told apart. */
const LINES_MAX = 6;

/**
 * Several backtests side by side in one HTML file that stands alone, as `renderReport`: what their specifications differ in, their curves as multiples of the beginning, every statistic in columns. At most
 * six. Throws a RangeError for more or none.
 */
export function renderComparison(runs: readonly BacktestRun[], language: Language): string {
  if (runs.length === 0 || runs.length > LINES_MAX) throw new RangeError(`1…${LINES_MAX} runs can be compared`);
  const texts = textsOf(language);
  const names = runs.map(({ strategy }, index) => `${index + 1}. ${strategy}`);
  const spans = new Set(runs.map(({ outcome: { curve } }) => `${curve.timeMs[0]} ${curve.timeMs.at(-1)}`));
  return page(texts.comparison, language, [
    html`<header>
      <h1>${texts.comparison}</h1>
      <p><small>${texts.simulated}</small></p>
    </header>`,
    spans.size > 1 ? html`<div class="warn">${texts.spansDiffer}</div>` : null,
    section(texts.summary, table(['', ...names], runRows(runs, texts))),
    section(
      texts.warnings,
      runs.map(({ warnings }, index) => warningsOf(names[index] ?? '', warnings, texts)),
    ),
    section(texts.differences, differencesTable(runs, names, texts)),
    curvesSection(runs, names, texts),
    statisticsSections(runs, names, texts, language),
  ]);
}

const runRows = (runs: readonly BacktestRun[], texts: ReportTexts): readonly (readonly Content[])[] => [
  [texts.title, ...runs.map(({ id }) => id)],
  [texts.span, ...runs.map(spanOf)],
  [texts.verdict, ...runs.map(({ honesty }) => texts.verdicts[honesty.verdict])],
  [texts.trials, ...runs.map(({ honesty }) => whole(honesty.trials))],
  [texts.deflatedSharpe, ...runs.map(({ honesty }) => probability(honesty.deflatedSharpe))],
];

const warningsOf = (name: string, warnings: readonly string[], texts: ReportTexts): Markup =>
  html`<h3>${name}</h3>
    ${
      warnings.length === 0
        ? html`<p>${texts.noWarnings}</p>`
        : html`<ul>
            ${warnings.map((each) => html`<li>${each}</li>`)}
          </ul>`
    }`;

/** A specification as pairs of path and value. */
function settingsOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value) ?? '']];
  const inner = Object.entries(value);
  if (inner.length === 0) return [[path, JSON.stringify(value)]];
  return inner.flatMap(([key, each]) => settingsOf(each, path === '' ? key : `${path}.${key}`));
}

function differencesTable(runs: readonly BacktestRun[], names: readonly string[], texts: ReportTexts): Markup {
  const settings = runs.map(({ spec }) => new Map(settingsOf(spec)));
  const paths = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const rows = paths
    .map((path) => [path, ...settings.map((each) => each.get(path) ?? '')])
    .filter(([, ...values]) => new Set(values).size > 1);
  return rows.length === 0 ? html`<p>${texts.noDifferences}</p>` : table([texts.setting, ...names], rows);
}

function curvesSection(runs: readonly BacktestRun[], names: readonly string[], texts: ReportTexts): Markup {
  const lines: readonly Line[] = runs.map(({ outcome: { curve } }, index) => {
    const first = curve.equity[0] ?? 1;
    return {
      name: names[index] ?? '',
      look: `line-${index}`,
      timeMs: curve.timeMs,
      values: curve.equity.map((each) => each / first),
    };
  });
  const all = Float64Array.from(lines.flatMap(({ timeMs }) => [timeMs[0] ?? 0, timeMs.at(-1) ?? 0])).sort();
  const range = rangeOf(
    all,
    lines.map(({ values }) => values),
    { growth: true },
  );
  return section(
    texts.equity,
    chart({
      title: titleOf(texts.relative, range, texts),
      range,
      label: axis,
      legend: lines,
      marks: lines.map((line) => lineMarks(line, range)),
    }),
  );
}

/** Indices of the best of a row; none where no way is better, or all are the same. */
function bestOf(values: readonly (number | null)[], better: 'higher' | 'lower' | null): ReadonlySet<number> {
  const known = values.filter((value) => value !== null);
  if (better === null || new Set(known).size < 2) return new Set();
  const best = better === 'higher' ? Math.max(...known) : Math.min(...known);
  return new Set(values.flatMap((value, index) => (value === best ? [index] : [])));
}

function statisticsSections(
  runs: readonly BacktestRun[],
  names: readonly string[],
  texts: ReportTexts,
  language: Language,
): Markup {
  const row = (name: StatisticName): readonly Content[] => {
    const { unit, better } = STATISTICS[name];
    const values = runs.map(({ statistics }) => statistics[name]);
    const best = bestOf(values, better);
    return [
      term(...texts.names[name]),
      ...values.map((value, index) => {
        const text = figure(value, unit, language);
        return best.has(index) ? html`<b>${text}</b>` : text;
      }),
    ];
  };
  const groups = (Object.keys(texts.groups) as StatisticGroup[]).map(
    (group) =>
      html`<h3>${texts.groups[group]}</h3>
        ${table([texts.figure, ...names], namesOf(group).map(row))}`,
  );
  return section(texts.statistics, html`<p><small>${texts.bestNote} ${texts.definitions}</small></p>`, groups);
}
