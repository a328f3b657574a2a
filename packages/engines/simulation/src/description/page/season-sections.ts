import type { DataDescription } from '@monsta/contracts';
import { minute, percent, plain, whole } from '../../report/format.ts';
import { html, type Content, type Markup } from '../../report/markup.ts';
import { section, table } from '../../report/page.ts';
import { barsChart, type ChartBar } from './bars-chart.ts';
import { probability } from './probability.ts';
import type { DescriptionTexts } from './texts.ts';

type Groups = NonNullable<DataDescription['seasonality']['hours']>;
type Group = Groups['groups'][number];

function meanBar({ mean, standardError }: Group, label: string): ChartBar {
  const look = mean === null || mean >= 0 ? 'gain' : 'loss';
  if (mean === null || standardError === null) return { label, value: mean, look };
  return { label, value: mean, look, low: mean - 1.96 * standardError, high: mean + 1.96 * standardError };
}

function groupCharts(
  { groups, equalMeans }: Groups,
  what: string,
  nameOf: (of: number) => string,
  labelEvery: number,
  texts: DescriptionTexts,
): Markup {
  const bars = (value: (group: Group) => number | null): readonly ChartBar[] =>
    groups.map((group) => ({ label: nameOf(group.of), value: value(group), look: 'own' }));
  const small = (value: number): string => percent(value, Math.abs(value) < 0.01 ? 3 : 1);
  return html`<div class="pair">
      ${barsChart({
        title: texts.meanBy(what),
        note: texts.errorNote,
        bars: groups.map((group) => meanBar(group, nameOf(group.of))),
        label: small,
        labelEvery,
      })}${barsChart({
        title: texts.sizeBy(what),
        bars: bars(({ meanAbsolute }) => meanAbsolute),
        label: small,
        labelEvery,
      })}${barsChart({
        title: texts.volumeBy(what),
        bars: bars(({ volumeShare }) => volumeShare),
        label: (value) => percent(value, 1),
        labelEvery,
      })}
    </div>
    ${equalMeans === null ? null : html`<p><small>${texts.equalMeans(what, plain(equalMeans.statistic), equalMeans.degrees, probability(equalMeans.p))}</small></p>`}`;
}

export function seasonalitySection({ seasonality }: DataDescription, texts: DescriptionTexts): Markup {
  const { hours, weekdays } = seasonality;
  const two = (of: number): string => String(of).padStart(2, '0');
  return section(
    texts.seasonality,
    hours === null ? null : groupCharts(hours, texts.hours, two, hours.groups.length > 8 ? 3 : 1, texts),
    weekdays === null
      ? null
      : groupCharts(weekdays, texts.weekdays, (of) => texts.weekdayNames[of - 1] ?? String(of), 1, texts),
  );
}

export function missingSection({ missing }: DataDescription, texts: DescriptionTexts): Markup {
  const { expected, longest, zeroVolume, years } = missing;
  const longestTable = (title: string, head: readonly string[], rows: readonly (readonly Content[])[]): Content =>
    rows.length === 0
      ? null
      : html`<div>
          <h3>${title}</h3>
          ${table(head, rows)}
        </div>`;
  return section(
    texts.missing,
    html`<p>${texts.missingNote(whole(missing.missing), whole(expected), whole(missing.gaps))}</p>`,
    html`<p>${texts.zeroVolume(whole(zeroVolume.bars), whole(zeroVolume.runs))}</p>`,
    table(
      [texts.year, texts.expected, texts.missingBars, texts.share, texts.gapsBegun, texts.noVolume],
      years.map((year) => [
        year.year,
        whole(year.expected),
        whole(year.missing),
        percent(year.expected === 0 ? null : year.missing / year.expected, 3),
        whole(year.gapsBegun),
        whole(year.zeroVolume),
      ]),
    ),
    html`<div class="pair">
      ${longestTable(
        texts.longestGaps,
        [texts.lastBefore, texts.firstAfter, texts.missingBars],
        longest.map(({ beforeMs, afterMs, missing: lost }) => [minute(beforeMs), minute(afterMs), whole(lost)]),
      )}${longestTable(
        texts.longestQuiet,
        [texts.firstOf, texts.bars],
        zeroVolume.longest.map(({ fromMs, bars }) => [minute(fromMs), whole(bars)]),
      )}
    </div>`,
  );
}

export function unknownSection({ unknown }: DataDescription, texts: DescriptionTexts): Markup | null {
  if (unknown.length === 0) return null;
  return section(
    texts.unknown,
    html`<ul>
      ${unknown.map(({ figure, reason, needed, given }) => html`<li><code>${figure}</code>: ${texts.reasons[reason]}${needed === null || given === null ? null : ` (${texts.needed(whole(needed), whole(given))})`}</li>`)}
    </ul>`,
  );
}
