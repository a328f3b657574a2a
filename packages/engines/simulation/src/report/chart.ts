import { MS_PER_DAY } from '@monsta/core';
import { extremeIndices } from '../backtest/extremes.ts';
import { day, minute } from './format.ts';
import { html, type Content, type Markup } from './markup.ts';

/** Width and height of a drawing's own units; it is stretched to whatever room it has. */
const WIDTH = 1_000;
const HEIGHT = 300;

/** A point of each side of a unit of width: no spike is lost where there are more. */
const POINTS = 2 * WIDTH;

export interface Line {
  readonly name: string;
  /** `own`, `held`, `loss`, `gain`, `accent`, or `line-0` … `line-5`: how it looks is the style's. */
  readonly look: string;
  readonly timeMs: Float64Array;
  readonly values: Float64Array;
  /** Filled down (or up) to zero. */
  readonly filled?: boolean;
}

export interface ChartRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly low: number;
  readonly high: number;
  /** Equal distances are equal factors. */
  readonly logarithmic: boolean;
}

export interface Chart {
  /** What it shows, for those who can't see it. */
  readonly title: string;
  readonly range: ChartRange;
  /** How a value on the axis reads. */
  readonly label: (value: number) => string;
  /** Drawn between the grid and the frame. */
  readonly marks: readonly Markup[];
  readonly legend: readonly { readonly name: string; readonly look: string }[];
  readonly small?: boolean;
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

export const across = ({ fromMs, toMs }: ChartRange, timeMs: number): string =>
  fixed(toMs > fromMs ? ((timeMs - fromMs) / (toMs - fromMs)) * WIDTH : 0);

export function down({ low, high, logarithmic }: ChartRange, value: number): string {
  if (!(high > low)) return fixed(HEIGHT / 2);
  const share = logarithmic ? Math.log(high / value) / Math.log(high / low) : (high - value) / (high - low);
  return fixed(share * HEIGHT);
}

/** From here on growth is drawn by factors: a straight line would hide all that came early. */
const LOGARITHMIC_FROM = 10;

/** A range that holds all the values given, with a little room; NaN is left out. `zero`: and zero. `growth`: of values that multiply, logarithmic where they grow tenfold. */
export function rangeOf(
  timeMs: Float64Array,
  columns: readonly ArrayLike<number>[],
  { zero = false, growth = false }: { readonly zero?: boolean; readonly growth?: boolean } = {},
): ChartRange {
  let [low, high] = zero ? [0, 0] : [Infinity, -Infinity];
  for (const column of columns) {
    for (let index = 0; index < column.length; index += 1) {
      const value = column[index] ?? Number.NaN;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(low <= high)) [low, high] = [0, 1];
  const [fromMs, toMs] = [timeMs[0] ?? 0, timeMs.at(-1) ?? 1];
  if (growth && low > 0 && high / low >= LOGARITHMIC_FROM)
    return { fromMs, toMs, low: low / (high / low) ** 0.04, high: high * (high / low) ** 0.04, logarithmic: true };
  const room = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.01 || 1;
  return {
    fromMs,
    toMs,
    low: zero && low === 0 ? 0 : low - room,
    high: zero && high === 0 ? 0 : high + room,
    logarithmic: false,
  };
}

/** Steps of 1, 2 or 5 times a power of ten, about `count` of them within the range. */
function ticksOf(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step); index * step <= high; index += 1) ticks.push(index * step);
  return ticks;
}

/** One, two and five times powers of ten, or where these are too many the powers alone. */
function factorTicks({ low, high }: ChartRange): readonly number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1)
    ticks.push(...[1, 2, 5].map((factor) => factor * 10 ** power).filter((each) => each >= low && each <= high));
  return ticks.length <= 9 ? ticks : ticks.filter((each) => Number.isInteger(Math.log10(each)));
}

/** A line through its extremes: of more points than there is room for, each stretch's lowest and highest. NaN breaks it. */
export function lineMarks({ timeMs, values, look, filled = false }: Line, range: ChartRange): Markup {
  let path = '';
  let broken = true;
  let [first, last] = [Number.NaN, Number.NaN];
  for (const index of extremeIndices([values], POINTS)) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      broken = true;
      continue;
    }
    const ms = timeMs[index] ?? 0;
    if (Number.isNaN(first)) first = ms;
    last = ms;
    path += `${broken ? 'M' : 'L'}${across(range, ms)} ${down(range, value)}`;
    broken = false;
  }
  if (path === '') return html``;
  const line = html`<path class="line ${look}" d="${path}" />`;
  if (!filled) return line;
  const base = down(range, Math.min(Math.max(0, range.low), range.high));
  return html`<path
      class="area ${look}"
      d="${path}L${across(range, last)} ${base}L${across(range, first)} ${base}Z"
    />${line}`;
}

const TIMES = [0, 0.25, 0.5, 0.75, 1];

/** A drawing that stretches with its room, with labels that don't. */
export function chart({ title, range, label, marks, legend, small = false }: Chart): Markup {
  const values = range.logarithmic ? factorTicks(range) : ticksOf(range.low, range.high, small ? 3 : 5);
  const long = range.toMs - range.fromMs > 3 * MS_PER_DAY;
  const text = long ? day : minute;
  return html`<figure class="chart${small ? ' small' : ''}">
    <figcaption>${title}${legend.map(({ name, look }) => html` <span class="key ${look}">${name}</span>`)}</figcaption>
    <div class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}">
        ${values.map((value) => html`<path class="grid${value === 0 ? ' zero' : ''}" d="M0 ${down(range, value)}H${WIDTH}" />`)}${marks}
      </svg>
      ${values.map((value) => html`<span class="y" style="top:${fixed(Number(down(range, value)) / (HEIGHT / 100))}%">${label(value)}</span>`)}
      ${TIMES.map((share) => html`<span class="x${share === 0.25 || share === 0.75 ? ' wide' : ''}" style="left:${share * 100}%">${text(range.fromMs + share * (range.toMs - range.fromMs))}</span>`)}
    </div>
  </figure>`;
}

export interface Bins {
  readonly low: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/** How many of the values are in each of so many bins of equal width; null where there are no two different ones. */
export function binsOf(values: Float64Array, count: number): Bins | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low < high)) return null;
  const width = (high - low) / count;
  const counts = new Array<number>(count).fill(0);
  for (const value of values) {
    const bin = Math.min(count - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, width, counts };
}

/** A histogram; what is below zero looks like a loss, and the bin that holds zero like neither. */
export function histogram(title: string, bins: Bins, label: (value: number) => string, note: Content): Markup {
  const { low, width, counts } = bins;
  const most = Math.max(...counts);
  const each = WIDTH / counts.length;
  const bars = counts.map((count, index) => {
    const from = low + index * width;
    const height = (count / most) * HEIGHT;
    const look = from > 0 ? 'gain' : from + width < 0 ? 'loss' : 'even';
    return html`<rect
      class="${look}"
      x="${fixed(index * each + 1)}"
      y="${fixed(HEIGHT - height)}"
      width="${fixed(each - 2)}"
      height="${fixed(height)}"
      ><title>${label(from)} … ${label(from + width)}: ${count}</title></rect
    >`;
  });
  const labels = TIMES.map(
    (share) =>
      html`<span class="x${share === 0.25 || share === 0.75 ? ' wide' : ''}" style="left:${share * 100}%"
        >${label(low + share * width * counts.length)}</span
      >`,
  );
  return html`<figure class="chart small">
    <figcaption>${title} <small>${note}</small></figcaption>
    <div class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}">${bars}</svg>
      <span class="y" style="top:0%">${most}</span>${labels}
    </div>
  </figure>`;
}
