'use client';
import type { PerformanceReply } from '@monsta/contracts';
import { useMemo, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { equityCurve, isOfAccount, valueText } from '../../lib/equity-curve.ts';
import { nearest } from '../../lib/plot.ts';
import { Plot, PLOT_LEFT, PLOT_RIGHT } from './plot.tsx';
import { useWidth } from './use-width.ts';

interface EquityChartProps {
  readonly curve: NonNullable<PerformanceReply['curve']>;
  readonly quoteAsset: string;
}

const MONEY_DIGITS = 2;

/** Equity and drawdown over time. Arrow keys walk over the samples, a pointer picks the nearest. */
export function EquityChart({ curve: samples, quoteAsset }: EquityChartProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [chosenMs, setChosenMs] = useState<number | null>(null);
  const curve = useMemo(() => equityCurve(samples), [samples]);
  const fromMs = samples[0]?.timeMs ?? 0;
  const toMs = samples.at(-1)?.timeMs ?? 0;
  const chosen = samples.find(({ timeMs }) => timeMs === chosenMs);
  const at = chosen === undefined ? samples.length - 1 : samples.indexOf(chosen);
  const shown = samples[at];
  const ofAccount = shown !== undefined && isOfAccount(shown);
  const timeTitle = t('table.time', { zone: format.zone });

  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width: inside } = event.currentTarget.getBoundingClientRect();
    const share = inside > 0 ? (event.clientX - left) / inside : 0;
    setChosenMs(nearest(samples, fromMs + share * (toMs - fromMs))?.timeMs ?? null);
  };
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosenMs(samples[Math.min(samples.length - 1, Math.max(0, at + step))]?.timeMs ?? null);
  };

  return (
    <div className="px-2 pt-2">
      <output className="figures flex flex-wrap gap-x-4 px-1 text-xs" data-testid="equity-point">
        {shown === undefined ? null : (
          <>
            <span className="text-muted">{format.dateTime(shown.timeMs)}</span>
            <span>
              <span className="text-muted">{t(ofAccount ? 'account.equity' : 'performance.profit')}</span>{' '}
              <span title={format.exact(valueText(shown))}>{format.rounded(valueText(shown), MONEY_DIGITS)}</span>{' '}
              {quoteAsset}
            </span>
            {isOfAccount(shown) ? (
              <>
                <span>
                  <span className="text-muted">{t('account.drawdown')}</span>{' '}
                  {shown.drawdown === null ? t('app.unknown') : format.share(shown.drawdown, 2)}
                </span>
                <span>
                  <span className="text-muted">{t('performance.exposure')}</span>{' '}
                  {format.rounded(shown.exposure, MONEY_DIGITS)}
                </span>
              </>
            ) : null}
          </>
        )}
      </output>
      <div ref={frame} className="overflow-hidden">
        <div
          data-testid="equity-chart"
          className="relative rounded has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-[var(--accent)]"
        >
          {width === 0 ? null : (
            <>
              <Plot
                title={t(ofAccount ? 'performance.equityAxis' : 'performance.profitAxis', { asset: quoteAsset })}
                timeTitle={curve.drawdown.length === 0 ? timeTitle : null}
                points={curve.value}
                fromMs={fromMs}
                toMs={toMs}
                width={width}
                height={190}
                tick={(value, digits) => format.number(value, digits)}
                base={null}
                stroke="var(--accent)"
                marks={curve.flows.map(({ timeMs, amount }) => ({
                  timeMs,
                  text: t('performance.flow', { amount: format.signed(amount, MONEY_DIGITS) }),
                }))}
                chosenMs={chosenMs}
              />
              {curve.drawdown.length === 0 ? null : (
                <Plot
                  title={t('performance.drawdownAxis')}
                  timeTitle={timeTitle}
                  points={curve.drawdown}
                  fromMs={fromMs}
                  toMs={toMs}
                  width={width}
                  height={140}
                  tick={(value, digits) => format.share(value, Math.max(0, digits - 2))}
                  base={0}
                  stroke="var(--fall)"
                  marks={[]}
                  chosenMs={chosenMs}
                />
              )}
            </>
          )}
          <input
            type="range"
            aria-label={t('performance.chart', { samples: samples.length })}
            aria-valuetext={
              shown === undefined
                ? t('app.unknown')
                : `${format.dateTime(shown.timeMs)}, ${format.rounded(valueText(shown), MONEY_DIGITS)} ${quoteAsset}`
            }
            min={fromMs}
            max={toMs}
            step={1}
            value={shown?.timeMs ?? fromMs}
            onChange={(event) => setChosenMs(nearest(samples, Number(event.target.value))?.timeMs ?? null)}
            onPointerMove={point}
            onPointerLeave={() => setChosenMs(null)}
            onKeyDown={walk}
            onBlur={() => setChosenMs(null)}
            style={{ left: PLOT_LEFT, width: Math.max(0, width - PLOT_LEFT - PLOT_RIGHT) }}
            className="absolute inset-y-0 h-full touch-pan-y cursor-crosshair opacity-0"
          />
        </div>
      </div>
      <p className="px-1 pb-1.5 text-[0.7rem] text-muted">{t('performance.gaps')}</p>
    </div>
  );
}
