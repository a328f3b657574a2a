import type { DataDescription } from '@monsta/contracts';
import { chart, lineMarks, rangeOf } from '../../report/chart.ts';
import { axis, decimal, minute, percent, plain, whole } from '../../report/format.ts';
import { html, type Content, type Markup } from '../../report/markup.ts';
import { section, table } from '../../report/page.ts';
import { barsChart, dotPlot } from './bars-chart.ts';
import { probability } from './probability.ts';
import type { DescriptionTexts } from './texts.ts';

const nothing = percent(null);

export function priceSection({ closes }: DataDescription, texts: DescriptionTexts): Markup {
  const timeMs = Float64Array.from(closes.timeMs);
  const values = Float64Array.from(closes.close);
  const range = rangeOf(timeMs, [values], { growth: true });
  const title = range.logarithmic ? `${texts.price} (${texts.logarithmic})` : texts.price;
  const line = { name: title, look: 'own', timeMs, values };
  return section(texts.price, chart({ title, range, label: axis, marks: [lineMarks(line, range)], legend: [] }));
}

export function distributionSection({ distribution, returns }: DataDescription, texts: DescriptionTexts): Markup {
  const { histogram, normalPlot, jarqueBera, quantiles } = distribution;
  const share = (value: number | null): string => percent(value, 3);
  const rows: readonly (readonly Content[])[] = [
    [texts.mean, share(distribution.mean)],
    [texts.standardError, share(distribution.meanStandardError)],
    [texts.deviation, share(distribution.deviation)],
    [texts.lowest, share(distribution.min)],
    [texts.highest, share(distribution.max)],
    [texts.zeroReturns, whole(returns.zero)],
    [texts.skewness, plain(distribution.skewness)],
    [texts.excessKurtosis, plain(distribution.excessKurtosis)],
    [
      texts.jarqueBera,
      jarqueBera === null ? nothing : `${plain(jarqueBera.statistic)} (p ${probability(jarqueBera.p)})`,
    ],
  ];
  const drawn =
    histogram === null
      ? null
      : html`<div class="pair">
          ${barsChart({
            title: texts.histogram,
            note: texts.histogramNote(whole(histogram.below), whole(histogram.above)),
            bars: histogram.counts.map((value, index) => ({
              label: percent(histogram.low + (index + 0.5) * histogram.width, 2),
              value,
              look: 'own',
            })),
            lines: [{ name: texts.normal, look: 'loss', values: histogram.normal }],
            label: whole,
            labelEvery: 12,
          })}${dotPlot({
            title: texts.normalPlot,
            note: texts.normalPlotNote,
            points: normalPlot.map(({ normal, value }) => ({ x: normal, y: value })),
            diagonal: texts.normalLine,
            label: (value) => String(value),
          })}
        </div>`;
  return section(
    texts.distribution,
    html`<p><small>${texts.distributionNote(whole(returns.count), whole(returns.overGaps))}</small></p>`,
    drawn,
    html`<div class="pair">
      ${table(['', ''], rows)}${table(
        [texts.quantile, ''],
        quantiles.map(({ share: of, value }) => [`${of * 100} %`, share(value)]),
      )}
    </div>`,
  );
}

export function tailsSection({ tails: { lower, upper, largest } }: DataDescription, texts: DescriptionTexts): Markup {
  const index = (side: typeof lower, at: number): string => {
    const found = side.hill[at];
    return found === undefined
      ? nothing
      : `${plain(found.index)} ± ${plain(found.standardError)} (k = ${whole(found.order)})`;
  };
  const shares = (lower.hill.length > upper.hill.length ? lower : upper).hill.map(({ share }) => share);
  const risks = lower.risk.flatMap(({ level }, at): readonly (readonly Content[])[] => {
    const [down, up] = [lower.risk[at], upper.risk[at]];
    const risk = (each: typeof down): string =>
      each === undefined
        ? nothing
        : `${percent(each.valueAtRisk)} (${texts.normalWouldSay} ${percent(each.normalValueAtRisk)})`;
    return [
      [texts.valueAtRisk(percent(level, 0)), risk(down), risk(up)],
      [
        texts.shortfall(percent(level, 0)),
        percent(down?.expectedShortfall ?? null),
        percent(up?.expectedShortfall ?? null),
      ],
    ];
  });
  return section(
    texts.tails,
    table(
      ['', texts.losses, texts.gains],
      [
        [texts.onThisSide, whole(lower.count), whole(upper.count)],
        ...shares.map((share, at) => [texts.hill(percent(share, 1)), index(lower, at), index(upper, at)]),
        ...risks,
      ],
    ),
    html`<p><small>${texts.hillNote}</small></p>`,
    html`<h3>${texts.largest}</h3>`,
    table(
      [texts.at, texts.move, texts.from, texts.to],
      largest.map((move) => [
        minute(move.closeTimeMs),
        html`<span class="${move.return < 0 ? 'loss-text' : 'gain-text'}">${percent(Math.expm1(move.return))}</span>`,
        decimal(move.fromPrice),
        decimal(move.toPrice),
      ]),
    ),
  );
}
