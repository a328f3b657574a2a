import { percent } from '../../report/format.ts';
import { html, type Content, type Markup } from '../../report/markup.ts';

const WIDTH = 1_000;
const HEIGHT = 300;
/** About so many lines of the grid, and labels along the lower edge of a dot plot. */
const LINES = 4;
const LABELS = 8;

export interface ChartBar {
  readonly label: string;
  /** Null: unknown, nothing is drawn. */
  readonly value: number | null;
  /** A line from one to the other: what the value may well be. */
  readonly low?: number;
  readonly high?: number;
  /** How it looks: a class of the style. */
  readonly look: string;
}

/** A line over the bars, a value for each of them. */
export interface BarLine {
  readonly name: string;
  readonly look: string;
  readonly values: readonly number[];
  /** Drawn below zero too. */
  readonly mirrored?: boolean;
}

export interface BarsChart {
  readonly title: string;
  readonly note?: Content;
  readonly bars: readonly ChartBar[];
  readonly lines?: readonly BarLine[];
  readonly label: (value: number) => string;
  /** Every so many of the bars has its label below. */
  readonly labelEvery: number;
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

function ticksOf(low: number, high: number, count = LINES): readonly number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(1, Math.floor(high / step) - first + 1) }, (_, index) => (first + index) * step);
}

const known = (values: readonly (number | null | undefined)[]): readonly number[] =>
  values.filter((value) => value !== null && value !== undefined);

/** Bars up and down from zero, with what may be drawn over them; where nothing is known a line that says so. */
export function barsChart({ title, note = null, bars, lines = [], label, labelEvery }: BarsChart): Markup {
  if (bars.every(({ value }) => value === null)) return html`<p class="dim">${title}: ${percent(null)}</p>`;
  const drawn = [
    ...known(bars.flatMap(({ value, low, high }) => [value, low, high])),
    ...lines.flatMap(({ values, mirrored = false }) => (mirrored ? values.flatMap((each) => [each, -each]) : values)),
  ];
  const [least, most] = [Math.min(0, ...drawn), Math.max(0, ...drawn)];
  const room = (most - least) * 0.05 || 1;
  const [low, high] = [least === 0 ? 0 : least - room, most === 0 && least < 0 ? 0 : most + room];
  const down = (value: number): string => fixed(((high - value) / (high - low)) * HEIGHT);
  const each = WIDTH / bars.length;
  const middle = (index: number): string => fixed((index + 0.5) * each);
  const ticks = ticksOf(low, high);
  const rectangles = bars.map(({ value, look, label: name }, index) => {
    if (value === null) return null;
    const [top, bottom] = [Number(down(Math.max(0, value))), Number(down(Math.min(0, value)))];
    return html`<rect
      class="${look}"
      x="${fixed(index * each + each * 0.12)}"
      y="${fixed(top)}"
      width="${fixed(each * 0.76)}"
      height="${fixed(Math.max(0.6, bottom - top))}"
      ><title>${name}: ${label(value)}</title></rect
    >`;
  });
  const errors = bars.map(({ low: from, high: to }, index) =>
    from === undefined || to === undefined
      ? null
      : html`<path class="trade" d="M${middle(index)} ${down(from)}V${down(to)}" />`,
  );
  const path = (values: readonly number[]): string =>
    values.map((value, index) => `${index === 0 ? 'M' : 'L'}${middle(index)} ${down(value)}`).join('');
  const over = lines.map(({ look, values, mirrored = false }) => [
    html`<path class="line ${look}" d="${path(values)}" />`,
    mirrored ? html`<path class="line ${look}" d="${path(values.map((value) => -value))}" />` : null,
  ]);
  return html`<figure class="chart small">
    <figcaption>
      ${title}
      ${note === null ? null : html`<small>${note}</small>`}${lines.map(({ name, look }) => html` <span class="key ${look}">${name}</span>`)}
    </figcaption>
    <div class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}">
        ${ticks.map((value) => html`<path class="grid${value === 0 ? ' zero' : ''}" d="M0 ${down(value)}H${WIDTH}" />`)}${rectangles}${errors}${over}
      </svg>
      ${ticks.map((value) => html`<span class="y" style="top:${fixed(Number(down(value)) / (HEIGHT / 100))}%">${label(value)}</span>`)}${bars.map(({ label: name }, index) => (index % labelEvery === 0 ? html`<span class="x" style="left:${fixed(((index + 0.5) / bars.length) * 100)}%">${name}</span>` : null))}
    </div>
  </figure>`;
}

export interface DotPlot {
  readonly title: string;
  readonly note: Content;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** What the line through the origin, on which both are the same, is called. */
  readonly diagonal: string;
  readonly label: (value: number) => string;
}

/** Points on two axes of the same unit, and the line on which both are the same. */
export function dotPlot({ title, note, points, diagonal, label }: DotPlot): Markup {
  const reach = (axis: 'x' | 'y'): number => Math.max(...points.map((point) => Math.abs(point[axis]))) * 1.06 || 1;
  const [wide, tall] = [reach('x'), Math.max(reach('x'), reach('y'))];
  const across = (value: number): string => fixed(((value + wide) / (2 * wide)) * WIDTH);
  const down = (value: number): string => fixed(((tall - value) / (2 * tall)) * HEIGHT);
  const ticks = ticksOf(-tall, tall);
  return html`<figure class="chart small">
    <figcaption>${title} <small>${note}</small> <span class="key held">${diagonal}</span></figcaption>
    <div class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}">
        ${ticks.map((value) => html`<path class="grid${value === 0 ? ' zero' : ''}" d="M0 ${down(value)}H${WIDTH}" />`)}
        <path class="line held" d="M${across(-wide)} ${down(-wide)}L${across(wide)} ${down(wide)}" />
        ${points.map(({ x, y }) => html`<path class="end own" d="M${across(x)} ${down(y)}h0" />`)}
      </svg>
      ${ticks.map((value) => html`<span class="y" style="top:${fixed(Number(down(value)) / (HEIGHT / 100))}%">${label(value)}</span>`)}${ticksOf(-wide, wide, LABELS).map((value) => html`<span class="x" style="left:${fixed(Number(across(value)) / (WIDTH / 100))}%">${label(value)}</span>`)}
    </div>
  </figure>`;
}
