'use client';
import { useMemo, type ReactNode } from 'react';
import { useFormat } from '../../data/display.ts';
import { evenTicks, piecesOf, roundTicks, scaleOf, spanOf, type PlotPoint } from '../../lib/plot.ts';

/** Another curve on the same scales. */
export interface PlotLine {
  readonly points: readonly PlotPoint[];
  readonly stroke: string;
  /** Of the line; empty: none. */
  readonly dash: string;
}

interface PlotProps {
  /** Of the vertical axis, with its unit. */
  readonly title: string;
  /** Of the horizontal axis, with its zone; null where another plot below has it. */
  readonly timeTitle: string | null;
  readonly points: readonly PlotPoint[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
  readonly tick: (value: number, digits: number) => string;
  /** Stays in view, and the area is drawn from it; null: none. */
  readonly base: number | null;
  readonly stroke: string;
  /** Drawn behind it. */
  readonly behind?: readonly PlotLine[];
  /** The points are picked from more, at uneven distances: none of them is a gap. */
  readonly picked?: boolean;
  /** Instants to mark, each with its words. */
  readonly marks: readonly { readonly timeMs: number; readonly text: string }[];
  readonly chosenMs: number | null;
}

export const PLOT_LEFT = 8;
export const PLOT_RIGHT = 78;
const TOP = 20;
const TICKS = 4;
const PIXELS_A_TIME = 110;
const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

const digitsOf = (ticks: readonly number[]): number => {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  return step > 0 ? Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) : 0;
};

const NOTHING_BEHIND: readonly PlotLine[] = [];

/** A curve over time, drawn to scale on both axes. Where nothing was sampled nothing is drawn. */
export function Plot(props: PlotProps): ReactNode {
  const { title, timeTitle, points, fromMs, toMs, width, height, tick, base, stroke, marks, chosenMs } = props;
  const { behind = NOTHING_BEHIND, picked = false } = props;
  const format = useFormat();
  const bottom = height - (timeTitle === null ? 6 : 34);
  const pieces = useMemo(() => (picked ? [points] : piecesOf(points)), [points, picked]);
  const others = useMemo(
    () => behind.map((line) => ({ ...line, pieces: picked ? [line.points] : piecesOf(line.points) })),
    [behind, picked],
  );
  const [low, high] = useMemo(() => spanOf([...points, ...behind.flatMap((line) => line.points)]), [points, behind]);
  const x = scaleOf(fromMs, toMs, PLOT_LEFT, width - PLOT_RIGHT);
  const y = scaleOf(low, base === null ? high : Math.max(base, high), bottom, TOP);
  const ticks = roundTicks(y.from, y.to, TICKS);
  const digits = digitsOf(ticks);
  const right = width - PLOT_RIGHT;
  const times = evenTicks(fromMs, toMs, Math.max(2, Math.floor((right - PLOT_LEFT) / PIXELS_A_TIME)));
  const at = ({ timeMs, value }: PlotPoint): string => `${x.at(timeMs).toFixed(1)},${y.at(value).toFixed(1)}`;
  const anchor = (index: number): 'start' | 'middle' | 'end' =>
    index === 0 && times.length > 1 ? 'start' : index === times.length - 1 ? 'end' : 'middle';
  const stepMs = (toMs - fromMs) / Math.max(1, times.length - 1);
  const timeText = (timeMs: number): string =>
    toMs - fromMs <= DAY_MS
      ? format.clock(timeMs)
      : stepMs < DAY_MS
        ? format.shortDateTime(timeMs)
        : format.axis(timeMs, toMs - fromMs > YEAR_MS ? 'date' : 'day');
  const chosen = chosenMs === null ? undefined : points.find(({ timeMs }) => timeMs === chosenMs);
  return (
    <svg
      aria-hidden="true"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className="figures block fill-[var(--muted)] text-[11px]"
    >
      <text x={PLOT_LEFT} y={12} className="font-semibold">
        {title}
      </text>
      {ticks.map((value) => (
        <g key={value}>
          <line x1={PLOT_LEFT} x2={right} y1={y.at(value)} y2={y.at(value)} stroke="var(--line)" />
          <text x={right + 6} y={y.at(value) + 4}>
            {tick(value, digits)}
          </text>
        </g>
      ))}
      {timeTitle === null ? null : (
        <>
          {times.map((timeMs, index) => (
            <text key={timeMs} x={x.at(timeMs)} y={bottom + 15} textAnchor={anchor(index)}>
              {timeText(timeMs)}
            </text>
          ))}
          <text x={(PLOT_LEFT + right) / 2} y={bottom + 30} textAnchor="middle">
            {timeTitle}
          </text>
        </>
      )}
      {marks.map(({ timeMs, text }) => (
        <g key={timeMs} className="fill-[var(--accent)]">
          <line x1={x.at(timeMs)} x2={x.at(timeMs)} y1={TOP} y2={bottom} stroke="var(--accent)" strokeDasharray="3 3" />
          <text x={x.at(timeMs)} y={bottom - 3} textAnchor={x.at(timeMs) > width / 2 ? 'end' : 'start'}>
            {text}
          </text>
        </g>
      ))}
      {others.flatMap((line) =>
        line.pieces.map((piece) => (
          <polyline
            key={`${line.stroke} ${line.dash} ${piece[0]?.timeMs ?? 0}`}
            points={piece.map(at).join(' ')}
            fill="none"
            stroke={line.stroke}
            strokeDasharray={line.dash}
            strokeWidth={1.3}
            strokeLinejoin="round"
          />
        )),
      )}
      {pieces.map((piece) => {
        const [first] = piece;
        const last = piece.at(-1);
        if (first === undefined || last === undefined) return null;
        if (first === last)
          return <circle key={first.timeMs} cx={x.at(first.timeMs)} cy={y.at(first.value)} r={2.5} fill={stroke} />;
        const line = piece.map(at).join(' ');
        return (
          <g key={first.timeMs} data-piece={piece.length}>
            {base === null ? null : (
              <polygon
                points={`${x.at(first.timeMs)},${y.at(base)} ${line} ${x.at(last.timeMs)},${y.at(base)}`}
                fill={stroke}
                opacity={0.18}
              />
            )}
            <polyline points={line} fill="none" stroke={stroke} strokeWidth={1.6} strokeLinejoin="round" />
          </g>
        );
      })}
      {chosen === undefined ? null : (
        <>
          <line x1={x.at(chosen.timeMs)} x2={x.at(chosen.timeMs)} y1={TOP} y2={bottom} stroke="var(--strong)" />
          <circle cx={x.at(chosen.timeMs)} cy={y.at(chosen.value)} r={3.5} fill={stroke} stroke="var(--panel)" />
        </>
      )}
    </svg>
  );
}
