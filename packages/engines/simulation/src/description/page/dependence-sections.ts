import type { DataDescription } from '@monsta/contracts';
import { chart, lineMarks, rangeOf } from '../../report/chart.ts';
import { day, percent, plain, whole } from '../../report/format.ts';
import { html, type Content, type Markup } from '../../report/markup.ts';
import { section, table } from '../../report/page.ts';
import { barsChart } from './bars-chart.ts';
import { boundedProbability, probability } from './probability.ts';
import type { DescriptionTexts } from './texts.ts';

const nothing = percent(null);
/** Lags that the table tells. */
const LAGS_TOLD = [1, 2, 3, 4, 6, 12, 24, 48, 96, 200];

type Stationarity = DataDescription['stationarity']['returns'];
type Correlation = NonNullable<DataDescription['autocorrelation']['returns']>;

function testRows(name: string, { adf, kpss }: Stationarity, texts: DescriptionTexts): readonly (readonly Content[])[] {
  const values = (list: readonly { readonly level: number; readonly value: number }[]): string =>
    [0.01, 0.05, 0.1].map((level) => plain(list.find((each) => each.level === level)?.value ?? null)).join(', ');
  return [
    [
      name,
      texts.adf,
      plain(adf?.statistic ?? null),
      adf === null ? nothing : probability(adf.p),
      whole(adf?.lags ?? null),
      adf === null ? nothing : values(adf.critical),
    ],
    [
      '',
      texts.kpss,
      plain(kpss?.statistic ?? null),
      kpss === null ? nothing : boundedProbability(kpss.p, kpss.pIs),
      whole(kpss?.lags ?? null),
      kpss === null ? nothing : values(kpss.critical),
    ],
  ];
}

export function stationaritySection({ stationarity }: DataDescription, texts: DescriptionTexts): Markup {
  const parts = [
    [texts.priceLevel, stationarity.logPrice],
    [texts.returns, stationarity.returns],
  ] as const;
  return section(
    texts.stationarity,
    parts.map(([name, { verdict }]) =>
      verdict === null
        ? null
        : html`<p><strong>${name}: ${texts.verdicts[verdict]}.</strong> ${texts.verdictMeanings[verdict]}</p>`,
    ),
    table(
      ['', texts.test, texts.statistic, texts.p, texts.lags, texts.critical],
      parts.flatMap(([name, part]) => testRows(name, part, texts)),
    ),
  );
}

function correlationChart(
  name: string,
  found: Correlation | null,
  band: number | null,
  texts: DescriptionTexts,
): Content {
  if (found === null) return html`<p class="dim">${name}: ${nothing}</p>`;
  const { values, robustErrors } = found;
  const white = values.map(() => band ?? 0);
  return barsChart({
    title: name,
    bars: values.map((value, index) => ({ label: String(index + 1), value, look: 'own' })),
    lines: [
      { name: texts.whiteNoise, look: 'held', values: white, mirrored: true },
      { name: texts.robustBand, look: 'loss', values: robustErrors.map((error) => 1.96 * error), mirrored: true },
    ],
    label: plain,
    labelEvery: Math.max(1, Math.ceil(values.length / 8)),
  });
}

export function autocorrelationSection(description: DataDescription, texts: DescriptionTexts): Markup {
  const { autocorrelation, varianceRatios } = description;
  const { returns, absolute, squared, band } = autocorrelation;
  const parts = [
    [texts.ofReturns, returns],
    [texts.ofAbsolute, absolute],
    [texts.ofSquared, squared],
  ] as const;
  const told = LAGS_TOLD.filter((lag) => lag <= (returns?.values.length ?? 0));
  const cells = (found: Correlation | null, lag: number): readonly Content[] => {
    const box = found?.ljungBox[lag - 1];
    return [plain(found?.values[lag - 1] ?? null), box === undefined ? nothing : probability(box.p)];
  };
  return section(
    texts.autocorrelation,
    html`<div class="pair">${parts.map(([name, found]) => correlationChart(name, found, band, texts))}</div>`,
    told.length === 0
      ? null
      : table(
          [texts.lag, ...parts.flatMap(([name]) => [name, texts.ljungBox]), `${texts.ofReturns}: ${texts.robustP}`],
          told.map((lag) => {
            const robust = returns?.robust[lag - 1];
            return [
              lag,
              ...parts.flatMap(([, found]) => cells(found, lag)),
              robust === undefined ? nothing : probability(robust.p),
            ];
          }),
        ),
    html`<p><small>${texts.autocorrelationNote}</small></p>`,
    varianceRatios.length === 0
      ? null
      : html`<h3>${texts.varianceRatio}</h3>
          ${table(
            [texts.returnsAdded, texts.varianceRatio, 'z', texts.p],
            varianceRatios.map(({ bars, ratio, z, p }) => [bars, plain(ratio), plain(z), probability(p)]),
          )}
          <p><small>${texts.varianceRatioNote}</small></p>`,
  );
}

export function volatilitySection(
  { volatility: { annualised, daily } }: DataDescription,
  texts: DescriptionTexts,
): Markup {
  const rows: (readonly Content[])[] = [[texts.volatilityAnnual, percent(annualised, 1)]];
  if (daily === null) return section(texts.volatility, table(['', ''], rows));
  const timeMs = Float64Array.from(daily.dayMs);
  const values = Float64Array.from(daily.values);
  const range = rangeOf(timeMs, [values], { zero: true });
  const title = texts.volatilityDaily;
  const line = { name: title, look: 'accent', timeMs, values };
  rows.push(
    [`${texts.volatilityDaily}: ${texts.mean}`, percent(daily.mean, 1)],
    [`${texts.volatilityDaily}: ${texts.median}`, percent(daily.median, 1)],
    [`${texts.lowest}, ${day(daily.lowest.dayMs)}`, percent(daily.lowest.value, 1)],
    [`${texts.highest}, ${day(daily.highest.dayMs)}`, percent(daily.highest.value, 1)],
  );
  return section(
    texts.volatility,
    chart({
      title,
      range,
      label: (value) => percent(value, 0),
      small: true,
      marks: [lineMarks(line, range)],
      legend: [],
    }),
    table(['', ''], rows),
    html`<p><small>${texts.volatilityNote(whole(daily.days), whole(daily.leftOut))}</small></p>`,
  );
}
