import { noteText, type Note, type OptimizationResult } from '@monsta/contracts';
import type { ReportLanguage } from '@monsta/simulation';
import { parseObjective } from '@monsta/simulation/scoring';
import { optimizationReportTexts, type OptimizationReportTexts } from './report-texts.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : Number(value.toPrecision(4)).toLocaleString('en');
const share = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${(100 * value).toFixed(2)} %`;
const values = (of: Readonly<Record<string, number | string | boolean>> | null): string =>
  of === null
    ? '–'
    : Object.entries(of)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', ');

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#667085;--line:#d9dee5;--back:#fff;--own:#2563eb;--held:#98a2b3}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#98a2b3;--line:#2b313a;--back:#12151a;--own:#60a5fa;--held:#667085}}
body{margin:0 auto;max-width:1100px;padding:24px 16px;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
h1{font-size:22px}h2{font-size:17px;margin-top:32px}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}th{color:var(--soft);font-weight:600}
th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}.soft{color:var(--soft)}ul{padding-left:20px}
.warn{border-left:4px solid #d97706;padding:8px 14px}.map td{min-width:44px;text-align:center;padding:6px 4px;color:#101828;border:1px solid var(--back)}
.map td.best{outline:3px solid var(--ink);outline-offset:-3px}.map td.none{background:none;color:var(--soft)}.map th{border:0}svg{width:100%;height:auto}
`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table></div>`;
}

/** Equity out of sample beside buying and holding. */
function curve(
  { timeMs, equity, benchmark }: NonNullable<OptimizationResult['outOfSample']>['equity'],
  texts: OptimizationReportTexts,
): string {
  const [width, height] = [1_000, 300];
  const [first, last] = [timeMs[0] ?? 0, timeMs.at(-1) ?? 1];
  const all = [...equity, ...benchmark];
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const path = (of: readonly number[]): string =>
    of
      .map((value, index) => {
        const x = (width * ((timeMs[index] ?? 0) - first)) / Math.max(1, last - first);
        const y = height - (height * (value - low)) / Math.max(1e-9, high - low);
        return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
      })
      .join('');
  const line = (of: readonly number[], colour: string): string =>
    `<path d="${path(of)}" fill="none" stroke="var(${colour})" stroke-width="2" vector-effect="non-scaling-stroke"/>`;
  return `<svg viewBox="0 -8 ${width} ${height + 16}" role="img" aria-label="${escaped(texts.equity)}">${line(benchmark, '--held')}${line(equity, '--own')}</svg>
<p class="soft">${escaped(texts.curve(day(first), day(last), number(low), number(high)))}</p>`;
}

/** From worst (red) over middle to best (green), by place between the least and the most of a map. */
function shade(value: number, low: number, high: number, better: 'max' | 'min'): string {
  const place = high > low ? (value - low) / (high - low) : 1;
  const good = better === 'max' ? place : 1 - place;
  return `hsl(${Math.round(120 * good)} 65% 72%)`;
}

function mapTable(
  { rows, columns, best, objective, score }: OptimizationResult['map'][number],
  better: 'max' | 'min',
  texts: OptimizationReportTexts,
): string {
  const known = objective.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const body = rows.values.map((row, rowIndex) => {
    const cells = columns.values.map((_, columnIndex) => {
      const value = objective[rowIndex]?.[columnIndex] ?? null;
      if (value === null) return '<td class="none">–</td>';
      const isBest = rowIndex === best.row && columnIndex === best.column;
      return `<td${isBest ? ' class="best"' : ''} style="background:${shade(value, low, high, better)}">${number(value)}</td>`;
    });
    return `<tr><th>${rows.name === columns.name ? '' : escaped(String(row))}</th>${cells.join('')}</tr>`;
  });
  const title = rows.name === columns.name ? columns.name : texts.mapTitle(rows.name, columns.name);
  return `<h3>${escaped(texts.mapStability(title, number(score)))}</h3><div class="wide"><table class="map"><tr><th></th>${columns.values
    .map((value) => `<th>${escaped(String(value))}</th>`)
    .join('')}</tr>${body.join('')}</table></div>`;
}

function windowRow(window: OptimizationResult['windows'][number], index: number): readonly string[] {
  const { train, test, chosen, trials, inSample, outOfSample, efficiency, probabilityOfOverfitting } = window;
  return [
    String(index + 1),
    `${day(train.fromMs)} – ${day(train.toMs)}`,
    test === null ? '–' : `${day(test.fromMs)} – ${day(test.toMs)}`,
    values(chosen),
    String(trials.run),
    number(inSample?.objective),
    outOfSample?.fault ?? number(outOfSample?.objective),
    share(inSample?.statistics?.['totalReturn']),
    share(outOfSample?.statistics?.['totalReturn']),
    number(efficiency),
    share(probabilityOfOverfitting),
  ];
}

function figuresOf(result: OptimizationResult, texts: OptimizationReportTexts): readonly (readonly string[])[] {
  const { windows, outOfSample, trials, probabilityOfOverfitting, stability, parameters } = result;
  const statistics = outOfSample?.statistics ?? windows.at(-1)?.inSample?.statistics ?? {};
  return [
    [texts.outOfSample, outOfSample === null ? texts.notTested : share(statistics['totalReturn'])],
    [texts.holding, share(statistics['buyAndHoldReturn'])],
    [texts.sharpe, number(statistics['sharpe'])],
    [texts.drawdown, share(statistics['maxDrawdown'])],
    [texts.trades, number(statistics['trades'])],
    [texts.deflated, share(outOfSample?.deflatedSharpe)],
    [texts.efficiency, number(outOfSample?.efficiency)],
    [texts.overfitting, share(probabilityOfOverfitting)],
    [texts.stability, number(stability)],
    [texts.trialsRemembered, `${trials.run} (${trials.remembered})`],
    [texts.choice, values(parameters)],
  ];
}

/** The result as one HTML file that needs nothing else: no script, no network. */
export function optimizationReport(result: OptimizationResult, createdMs: number, language: ReportLanguage): string {
  const { id, spec, windows, outOfSample, warnings, assumptions, map } = result;
  const texts = optimizationReportTexts(language);
  const objective = parseObjective(spec.objective);
  const better = objective.ok ? objective.value.direction : 'max';
  const list = (notes: readonly Note[]): string =>
    `<ul>${notes.map((note) => `<li>${escaped(noteText(note, language).text)}</li>`).join('')}</ul>`;
  const title = escaped(texts.title(spec.backtest.strategy, spec.backtest.instruments.join(', ')));
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p class="soft">${escaped(id)}, ${new Date(createdMs).toISOString()}</p>
<p class="soft">${escaped(texts.simulated)}</p>
${warnings.length === 0 ? '' : `<div class="warn">${list(warnings)}</div>`}
${table([texts.figure, texts.value], figuresOf(result, texts))}
${outOfSample === null ? '' : `<h2>${escaped(texts.equity)}</h2>${curve(outOfSample.equity, texts)}`}
<h2>${escaped(texts.windows)}</h2>${table(texts.windowHead, windows.map(windowRow))}
${map.length === 0 ? '' : `<h2>${escaped(texts.map)}</h2><p class="soft">${escaped(texts.mapNote(spec.objective))}</p>${map.map((each) => mapTable(each, better, texts)).join('')}`}
<h2>${escaped(texts.assumptions)}</h2>${list(assumptions)}
</body></html>
`;
}
