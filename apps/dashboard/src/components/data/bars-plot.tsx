'use client';
import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { labelledBars, reachOf, type PlotBar, type PlotOverlay } from '../../lib/bars-plot.ts';
import { roundTicks, scaleOf } from '../../lib/plot.ts';
import { useWidth } from '../performance/use-width.ts';

interface BarsPlotProps {
  /** What it shows; stands above it too. */
  readonly title: string;
  readonly bars: readonly PlotBar[];
  readonly overlays?: readonly PlotOverlay[];
  readonly text: (value: number) => string;
  readonly testId: string;
}

const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [4, 66, 8, 22, 170];
const TICKS = 4;
const NOTHING_OVER: readonly PlotOverlay[] = [];

/** Bars up and down from zero. Arrow keys walk over them, a pointer picks one. */
export function BarsPlot({ title, bars, overlays = NOTHING_OVER, text, testId }: BarsPlotProps): ReactNode {
  const t = useTranslate();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [chosen, setChosen] = useState<number | null>(null);
  const right = width - RIGHT;
  const each = (right - LEFT) / Math.max(1, bars.length);
  const [low, high] = reachOf(bars, overlays);
  const y = scaleOf(low, high, HEIGHT - BOTTOM, TOP);
  const middle = (index: number): number => LEFT + (index + 0.5) * each;
  const labelled = labelledBars(
    bars.map(({ label }) => label),
    right - LEFT,
  );
  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor((event.clientX - left) / each);
    setChosen(index >= 0 && index < bars.length ? index : null);
  };
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosen((before) => Math.min(bars.length - 1, Math.max(0, before === null ? 0 : before + step)));
  };
  const read = chosen === null ? undefined : bars[chosen];
  const spoken =
    read === undefined ? null : `${read.label}: ${read.value === null ? t('app.unknown') : text(read.value)}`;
  const path = (values: readonly number[]): string =>
    values.map((value, index) => `${middle(index).toFixed(1)},${y.at(value).toFixed(1)}`).join(' ');
  return (
    <figure className="min-w-0 p-2" data-testid={testId}>
      <figcaption className="flex flex-wrap gap-x-3 px-1 text-[0.7rem]">
        <span className="font-semibold">{title}</span>
        {overlays.map(({ name, stroke, dash }) => (
          <span key={name} className="text-muted">
            <svg aria-hidden="true" width="18" height="8" className="mr-1 inline">
              <line x1="0" x2="18" y1="4" y2="4" stroke={stroke} strokeWidth="2" strokeDasharray={dash} />
            </svg>
            {name}
          </span>
        ))}
        <output className="figures ml-auto text-muted">{spoken}</output>
      </figcaption>
      <div ref={frame} className="overflow-hidden">
        <div className="relative rounded has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-[var(--accent)]">
          {width === 0 ? null : (
            <svg
              aria-hidden="true"
              width={width}
              height={HEIGHT}
              viewBox={`0 0 ${width} ${HEIGHT}`}
              className="figures block fill-[var(--muted)] text-[11px]"
            >
              {roundTicks(low, high, TICKS).map((value) => (
                <g key={value}>
                  <line
                    x1={LEFT}
                    x2={right}
                    y1={y.at(value)}
                    y2={y.at(value)}
                    stroke={value === 0 ? 'var(--strong)' : 'var(--line)'}
                  />
                  <text x={right + 5} y={y.at(value) + 4}>
                    {text(value)}
                  </text>
                </g>
              ))}
              {bars.map(({ key, label, value, low: from, high: to }, index) => (
                <g key={key}>
                  {value === null ? null : (
                    <rect
                      x={LEFT + (index + 0.12) * each}
                      width={Math.max(1, each * 0.76)}
                      y={Math.min(y.at(value), y.at(0))}
                      height={Math.max(0.6, Math.abs(y.at(value) - y.at(0)))}
                      fill="var(--accent)"
                      opacity={index === chosen ? 1 : 0.65}
                    />
                  )}
                  {from === undefined || to === undefined ? null : (
                    <line x1={middle(index)} x2={middle(index)} y1={y.at(from)} y2={y.at(to)} stroke="var(--ink)" />
                  )}
                  {labelled.has(index) ? (
                    <text x={middle(index)} y={HEIGHT - 6} textAnchor="middle">
                      {label}
                    </text>
                  ) : null}
                </g>
              ))}
              {overlays.flatMap(({ name, stroke, dash, values, mirrored }) =>
                [values, ...(mirrored ? [values.map((value) => -value)] : [])].map((line, side) => (
                  <polyline
                    key={`${name} ${side === 0 ? 'above' : 'below'}`}
                    points={path(line)}
                    fill="none"
                    stroke={stroke}
                    strokeDasharray={dash}
                    strokeWidth={1.4}
                  />
                )),
              )}
            </svg>
          )}
          <input
            type="range"
            aria-label={title}
            aria-valuetext={spoken ?? title}
            min={0}
            max={Math.max(0, bars.length - 1)}
            value={chosen ?? 0}
            onChange={(event) => setChosen(Number(event.target.value))}
            onKeyDown={walk}
            onPointerMove={point}
            onPointerDown={point}
            onPointerLeave={() => setChosen(null)}
            style={{ left: LEFT, width: Math.max(0, right - LEFT) }}
            className="absolute inset-y-0 h-full touch-pan-y cursor-crosshair opacity-0"
          />
        </div>
      </div>
    </figure>
  );
}
