import { reportParts } from '@monsta/simulation';
import type { Judged, NetOfCosts } from '@monsta/models';
import type { EvaluationTexts } from './texts.ts';

const { html, percent, plain, table, whole } = reportParts;

type Show = (value: number) => string;

const signed = (value: number, digits: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(digits)}`;

/** A difference of shares, in points. */
export const points: Show = (value) => signed(100 * value, 2);
/** A return, in basis points. */
export const bps: Show = (value) => signed(10_000 * value, Math.abs(value) < 0.001 ? 3 : 1);
export const share: Show = (value) => percent(value, 2);
export const small: Show = (value) => value.toFixed(5);
/** Three significant digits, signed where it is a difference. */
export const tiny: Show = (value) => (value < 0 ? `−${plain(-value)}` : plain(value));

export const between = ({ low, high }: { readonly low: number; readonly high: number }, show: Show): string =>
  `${show(low)} … ${show(high)}`;

/** A row of a table of figures. */
export type FigureRow = readonly [name: string, judged: Judged | null, show: Show];

/** Figures with their value and both intervals. */
export function figuresTable(rows: readonly FigureRow[], level: number, texts: EvaluationTexts): reportParts.Markup {
  const unknown = percent(null);
  return table(
    [texts.figure, texts.value, texts.interval(percent(level, 1)), texts.corrected],
    rows.map(([name, judged, show]) =>
      judged === null
        ? [name, unknown, unknown, unknown]
        : [name, show(judged.value), between(judged, show), between(judged.corrected, show)],
    ),
  );
}

/** What is shown first: a value with its interval below. */
export const card = (name: string, judged: Judged | null, show: Show): reportParts.Markup =>
  html`<div class="card">
    ${name}<span class="value">${judged === null ? percent(null) : show(judged.value)}</span
    ><span class="range">${judged === null ? '' : between(judged, show)}</span>
  </div> `;

/** What trading brought, both ways. */
export function netTable(
  net: NetOfCosts,
  judged: Judged | null,
  texts: EvaluationTexts,
): readonly reportParts.Content[] {
  const told = (each: Judged | null): string =>
    each === null ? percent(null) : `${bps(each.value)} (${between(each, bps)})`;
  return [
    table(
      [texts.variant, texts.roundTrips, texts.exposure, texts.gross, texts.netBar, texts.corrected, texts.netTrip],
      [net.longFlat, net.longShort].map((each) => [
        texts.variants[each.variant],
        whole(each.roundTrips),
        share(each.exposure),
        told(each.grossPerBar),
        told(each.netPerBar),
        between(each.netPerBar.corrected, bps),
        told(each.netPerRoundTrip),
      ]),
    ),
    html`<p>
      <small
        >${texts.judged}:
        ${judged === null ? texts.tooLittle : `${bps(judged.value)} (${texts.corrected} ${between(judged.corrected, bps)})`}</small
      >
    </p>`,
  ];
}
