'use client';
import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { nearest, type PlotPoint } from '../../lib/plot.ts';
import { Plot, PLOT_LEFT, PLOT_RIGHT } from '../performance/plot.tsx';
import { useWidth } from '../performance/use-width.ts';

export interface NamedCurve {
  readonly name: string;
  readonly stroke: string;
  readonly dash: string;
  readonly points: readonly PlotPoint[];
}

interface CurvesChartProps {
  readonly label: string;
  readonly title: string;
  /** The first one is in front. */
  readonly curves: readonly NamedCurve[];
  readonly tick: (value: number, digits: number) => string;
  readonly value: (value: number) => string;
  /** Drawn below, as shares at and under 0. */
  readonly drawdowns: readonly NamedCurve[];
}

const NO_MARKS: readonly [] = [];

/** Curves over the same time, and how far each fell below its peaks. Arrow keys walk over the points, a pointer picks the nearest. */
export function CurvesChart({ label, title, curves, tick, value, drawdowns }: CurvesChartProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [chosenMs, setChosenMs] = useState<number | null>(null);
  const [front, ...behind] = curves;
  const [frontDrawdown, ...behindDrawdowns] = drawdowns;
  if (front === undefined) return null;
  const all = curves.flatMap(({ points }) => points);
  const fromMs = all.reduce((least, { timeMs }) => Math.min(least, timeMs), Number.POSITIVE_INFINITY);
  const toMs = all.reduce((most, { timeMs }) => Math.max(most, timeMs), Number.NEGATIVE_INFINITY);
  const last = front.points.at(-1);
  const shownMs = chosenMs ?? last?.timeMs ?? fromMs;
  const timeTitle = t('table.time', { zone: format.zone });
  const choose = (timeMs: number): void => setChosenMs(nearest(front.points, timeMs)?.timeMs ?? null);
  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width: inside } = event.currentTarget.getBoundingClientRect();
    choose(fromMs + (inside > 0 ? (event.clientX - left) / inside : 0) * (toMs - fromMs));
  };
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = front.points.findIndex(({ timeMs }) => timeMs === shownMs);
    setChosenMs(front.points[Math.min(front.points.length - 1, Math.max(0, at + step))]?.timeMs ?? null);
  };
  const read = ({ points }: NamedCurve): string => {
    const found = nearest(points, shownMs);
    return found === null ? t('app.unknown') : value(found.value);
  };
  return (
    <div className="px-2 pt-2">
      <output className="figures flex flex-wrap gap-x-4 px-1 text-xs" data-testid="curve-point">
        <span className="text-muted">{format.dateTime(shownMs)}</span>
        {curves.map((curve) => (
          <span key={curve.name} className="whitespace-nowrap">
            <svg aria-hidden="true" width="18" height="8" className="mr-1 inline">
              <line x1="0" x2="18" y1="4" y2="4" stroke={curve.stroke} strokeWidth="2" strokeDasharray={curve.dash} />
            </svg>
            <span className="text-muted">{curve.name}</span> {read(curve)}
          </span>
        ))}
      </output>
      <div ref={frame} className="overflow-hidden">
        <div
          data-testid="curves-chart"
          className="relative rounded has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-[var(--accent)]"
        >
          {width === 0 ? null : (
            <>
              <Plot
                {...{ title, tick, fromMs, toMs, width, chosenMs, behind }}
                timeTitle={frontDrawdown === undefined ? timeTitle : null}
                points={front.points}
                height={220}
                base={null}
                stroke={front.stroke}
                marks={NO_MARKS}
                picked
              />
              {frontDrawdown === undefined ? null : (
                <Plot
                  {...{ fromMs, toMs, width, chosenMs, timeTitle }}
                  title={t('performance.drawdownAxis')}
                  points={frontDrawdown.points}
                  behind={behindDrawdowns}
                  height={130}
                  tick={(each, digits) => format.share(each, Math.max(0, digits - 2))}
                  base={0}
                  stroke={frontDrawdown.stroke}
                  marks={NO_MARKS}
                  picked
                />
              )}
            </>
          )}
          <input
            type="range"
            aria-label={label}
            aria-valuetext={`${format.dateTime(shownMs)}, ${read(front)}`}
            min={fromMs}
            max={toMs}
            step={1}
            value={shownMs}
            onChange={(event) => choose(Number(event.target.value))}
            onPointerMove={point}
            onPointerLeave={() => setChosenMs(null)}
            onKeyDown={walk}
            onBlur={() => setChosenMs(null)}
            style={{ left: PLOT_LEFT, width: Math.max(0, width - PLOT_LEFT - PLOT_RIGHT) }}
            className="absolute inset-y-0 h-full touch-pan-y cursor-crosshair opacity-0"
          />
        </div>
      </div>
    </div>
  );
}
