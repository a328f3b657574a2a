import type { OptimizationResult } from '@monsta/contracts';

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
function curve({ timeMs, equity, benchmark }: NonNullable<OptimizationResult['outOfSample']>['equity']): string {
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
  return `<svg viewBox="0 -8 ${width} ${height + 16}" role="img" aria-label="Equity out of sample">${line(benchmark, '--held')}${line(equity, '--own')}</svg>
<p class="soft">${day(first)} to ${day(last)}, ${number(low)} to ${number(high)}; blue: out of sample, grey: bought and held.</p>`;
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
  const title = rows.name === columns.name ? columns.name : `${rows.name} (down) and ${columns.name} (across)`;
  return `<h3>${escaped(title)}: stability ${number(score)}</h3><div class="wide"><table class="map"><tr><th></th>${columns.values
    .map((value) => `<th>${escaped(String(value))}</th>`)
    .join('')}</tr>${body.join('')}</table></div>`;
}

const WINDOW_HEAD = [
  'Window',
  'Train',
  'Test',
  'Chosen',
  'Trials',
  'In sample',
  'Out of sample',
  'Return in',
  'Return out',
  'Efficiency',
  'Overfitting',
];

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

/** The result as one HTML file that needs nothing else: no script, no network. */
export function optimizationReport(result: OptimizationResult, createdMs: number, better: 'max' | 'min'): string {
  const { id, spec, windows, outOfSample, warnings, assumptions, map, trials, probabilityOfOverfitting, stability } =
    result;
  const statistics = outOfSample?.statistics ?? windows.at(-1)?.inSample?.statistics ?? {};
  const figures = [
    ['Out of sample', outOfSample === null ? 'not tested' : share(statistics['totalReturn'])],
    ['Buy and hold, same bars', share(statistics['buyAndHoldReturn'])],
    ['Sharpe', number(statistics['sharpe'])],
    ['Largest drawdown', share(statistics['maxDrawdown'])],
    ['Closed trades', number(statistics['trades'])],
    ['Deflated Sharpe (probability that it is above 0)', share(outOfSample?.deflatedSharpe)],
    ['Walk-forward efficiency', number(outOfSample?.efficiency)],
    ['Probability of overfitting', share(probabilityOfOverfitting)],
    ['Stability of the newest choice', number(stability)],
    ['Trials (remembered of this strategy and data)', `${trials.run} (${trials.remembered})`],
    ['Newest choice', values(result.parameters)],
  ];
  const list = (lines: readonly string[]): string =>
    `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(`Optimisation ${id}`)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(`Optimisation of ${spec.backtest.strategy} on ${spec.backtest.instruments.join(', ')}`)}</h1>
<p class="soft">${escaped(id)}, ${new Date(createdMs).toISOString()}</p>
${warnings.length === 0 ? '' : `<div class="warn">${list(warnings)}</div>`}
${table(['Figure', 'Value'], figures)}
${outOfSample === null ? '' : `<h2>Equity out of sample</h2>${curve(outOfSample.equity)}`}
<h2>Windows</h2>${table(WINDOW_HEAD, windows.map(windowRow))}
${map.length === 0 ? '' : `<h2>Around the newest choice</h2><p class="soft">${escaped(spec.objective)} on the last window’s training bars; a plateau is a good sign, a peak is not.</p>${map.map((each) => mapTable(each, better)).join('')}`}
<h2>Assumptions</h2>${list(assumptions)}
</body></html>
`;
}
