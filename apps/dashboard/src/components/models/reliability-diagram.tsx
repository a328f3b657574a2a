'use client';
import type { ModelMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { roundTicks, scaleOf } from '../../lib/plot.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';

type Calibration = NonNullable<ModelMessage['score']['calibration']>;
type Bin = Calibration['after']['bins'][number];

const SIZE = 260;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 10, 36];
const TICKS = 4;

/** What was forecast against what came, with the line on which they agree: hollow before calibration, filled after it. */
export function ReliabilityDiagram({ calibration }: { readonly calibration: Calibration }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { before, after, rows, folds } = calibration;
  const values = [...before.bins, ...after.bins].flatMap(({ predicted, observed }) => [predicted, observed]);
  const [low, high] = [Math.min(0.5, ...values), Math.max(0.5, ...values)];
  const x = scaleOf(low, high, LEFT, SIZE - RIGHT);
  const y = scaleOf(low, high, SIZE - BOTTOM, TOP);
  const ticks = roundTicks(low, high, TICKS);
  const digits = ticks.every((tick) => Number.isInteger(Math.round(tick * 1e6) / 1e4)) ? 0 : 1;
  const columns: readonly Column<Bin>[] = [
    { header: t('models.reliability.said'), figures: true, cell: ({ predicted }) => format.share(predicted) },
    { header: t('models.reliability.came'), figures: true, cell: ({ observed }) => format.share(observed) },
    { header: t('models.reliability.rows'), figures: true, cell: (bin) => format.number(bin.rows, 0) },
  ];
  const error = (share: number): string => format.number(100 * share, 2);
  return (
    <div className="flex flex-wrap items-start gap-4 p-3">
      <figure aria-label={t('models.reliability.label')} className="shrink-0" data-testid="reliability">
        <svg
          aria-hidden="true"
          viewBox={`0 0 ${SIZE} ${SIZE}`}
          className="figures size-[min(17rem,80vw)] text-[0.6rem]"
        >
          {ticks.map((tick) => (
            <g key={tick} className="fill-muted stroke-line">
              <line x1={LEFT} x2={SIZE - RIGHT} y1={y.at(tick)} y2={y.at(tick)} strokeWidth="0.5" />
              <text x={LEFT - 4} y={y.at(tick) + 3} textAnchor="end" stroke="none">
                {format.share(tick, digits)}
              </text>
              <text x={x.at(tick)} y={SIZE - BOTTOM + 13} textAnchor="middle" stroke="none">
                {format.share(tick, digits)}
              </text>
            </g>
          ))}
          <line
            x1={x.at(low)}
            y1={y.at(low)}
            x2={x.at(high)}
            y2={y.at(high)}
            strokeDasharray="4 3"
            className="stroke-muted"
          />
          {before.bins.map(({ predicted, observed }) => (
            <circle
              key={predicted}
              cx={x.at(predicted)}
              cy={y.at(observed)}
              r="3"
              className="fill-none stroke-muted"
              strokeWidth="1.2"
            />
          ))}
          {after.bins.map(({ predicted, observed }) => (
            <circle key={predicted} cx={x.at(predicted)} cy={y.at(observed)} r="3.5" className="fill-accent" />
          ))}
          <text x={(LEFT + SIZE - RIGHT) / 2} y={SIZE - 6} textAnchor="middle" className="fill-muted">
            {t('models.reliability.said')}
          </text>
          <text
            transform={`translate(10 ${(SIZE - BOTTOM + TOP) / 2}) rotate(-90)`}
            textAnchor="middle"
            className="fill-muted"
          >
            {t('models.reliability.came')}
          </text>
        </svg>
        <figcaption className="max-w-68 text-[0.7rem] text-muted">
          {t('models.reliability.how', { rows: format.number(rows, 0), folds })}
          <br />
          {t('models.reliability.error', {
            before: error(before.calibrationError),
            after: error(after.calibrationError),
          })}
        </figcaption>
      </figure>
      <div className="max-w-120 min-w-60 flex-1">
        <DataTable
          name={t('models.reliability.table')}
          columns={columns}
          rows={after.bins}
          rowKey={({ predicted }) => String(predicted)}
        />
      </div>
    </div>
  );
}
