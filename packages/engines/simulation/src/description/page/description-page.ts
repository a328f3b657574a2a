import type { DataDescription } from '@monsta/contracts';
import { minute, percent, plain, whole, type Language } from '../../report/format.ts';
import { html, type Markup } from '../../report/markup.ts';
import { page, section } from '../../report/page.ts';
import { autocorrelationSection, stationaritySection, volatilitySection } from './dependence-sections.ts';
import { distributionSection, priceSection, tailsSection } from './distribution-sections.ts';
import { missingSection, seasonalitySection, unknownSection } from './season-sections.ts';
import { descriptionTexts, type DescriptionTexts } from './texts.ts';

export interface DescriptionPage {
  readonly description: DataDescription;
  /** When it was made, and by which version. */
  readonly createdMs: number;
  readonly version: string;
}

/** A description of data as one HTML file that stands alone: no script, no network, light and dark. What comes from outside is escaped. */
export function renderDescription({ description, createdMs, version }: DescriptionPage, language: Language): string {
  const texts = descriptionTexts(language);
  const { instrument, interval, fromMs, toMs, source, simulated } = description;
  const heading = `${instrument} · ${interval}`;
  const from =
    source.kind === 'file' ? texts.source.file(source.file ?? '') : texts.source.catalogue(source.market ?? '');
  return page(`${texts.title}: ${heading}`, language, [
    html`<header>
      <h1>${heading}</h1>
      <p class="dim">
        ${texts.title}, ${from} · ${minute(fromMs)} – ${minute(toMs)} UTC · ${texts.madeAt} ${minute(createdMs)} UTC ·
        MONSTA ${version}
      </p>
      ${simulated === true ? html`<div class="warn">${texts.simulated}</div>` : null}${simulated === null ? html`<p><small>${texts.originUnknown}</small></p>` : null}
    </header>`,
    summarySection(description, texts),
    priceSection(description, texts),
    distributionSection(description, texts),
    tailsSection(description, texts),
    stationaritySection(description, texts),
    autocorrelationSection(description, texts),
    volatilitySection(description, texts),
    seasonalitySection(description, texts),
    missingSection(description, texts),
    unknownSection(description, texts),
    html`<p><small>${texts.definitions}</small></p>`,
  ]);
}

function summarySection(description: DataDescription, texts: DescriptionTexts): Markup {
  const { bars, missing, distribution, tails, volatility, stationarity } = description;
  const move = (value: number | null): string => percent(value === null ? null : Math.expm1(value));
  const { verdict } = stationarity.logPrice;
  const tail = tails.lower.hill[1];
  const cards: readonly (readonly [string, string, string?])[] = [
    [texts.bars, whole(bars)],
    [texts.missingBars, whole(missing.missing), percent(missing.missing / missing.expected, 3)],
    [texts.volatilityAnnual, percent(volatility.annualised, 1)],
    [texts.largestFall, move(distribution.min === null ? null : Math.min(0, distribution.min))],
    [texts.largestRise, move(distribution.max === null ? null : Math.max(0, distribution.max))],
    [texts.skewness, plain(distribution.skewness)],
    [texts.excessKurtosis, plain(distribution.excessKurtosis)],
    [
      texts.tailIndex,
      plain(tail?.index ?? null),
      tail === undefined ? '' : `± ${plain(tail.standardError)}, k = ${whole(tail.order)}`,
    ],
    [texts.priceLevel, verdict === null ? percent(null) : texts.verdicts[verdict]],
  ];
  return section(
    texts.summary,
    html`<div class="cards">
      ${cards.map(
        ([name, value, beside = '']) =>
          html`<div class="card">${name}<span class="value">${value}</span><span class="range">${beside}</span></div> `,
      )}
    </div>`,
  );
}
