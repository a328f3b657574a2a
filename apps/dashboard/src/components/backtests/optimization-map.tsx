'use client';
import type { BacktestStatisticList, OptimizationSummary } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { goodness, parameterText, type StabilityMap } from '../../lib/optimization.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { Figure } from './figure.tsx';

type Unit = BacktestStatisticList['items'][number]['unit'];

/** Of the best cell, in percent of the full colour: the figure on it must stay readable. */
const STRONGEST = 45;

interface MapProps {
  readonly maps: readonly StabilityMap[];
  readonly objective: OptimizationSummary['objective'];
  /** What the objective is called, and in which unit it is. */
  readonly called: string;
  readonly unit: Unit;
}

function MapTable({
  map,
  objective,
  called,
  unit,
}: Omit<MapProps, 'maps'> & { readonly map: StabilityMap }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { rows, columns, best, score } = map;
  const single = rows.name === columns.name;
  const good = goodness(map, objective.better);
  const names = { objective: called, rows: rows.name, columns: columns.name };
  const stability = score === null ? t('app.unknown') : format.number(score, 2);
  return (
    <section
      aria-label={t('table.scroll', { name: t('optimizations.map') })}
      // A frame that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="relative overflow-x-auto p-2"
    >
      <table className="figures border-separate border-spacing-0.5 text-xs" data-testid="map">
        <caption className="pb-1 text-left text-[0.7rem] text-muted">
          {t(single ? 'optimizations.map.captionOne' : 'optimizations.map.caption', { ...names, score: stability })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="px-2 text-left font-normal whitespace-nowrap text-muted">
              {single ? `${columns.name} →` : `${rows.name} ↓ ${columns.name} →`}
            </th>
            {columns.values.map((value, column) => (
              <th
                key={parameterText(value)}
                scope="col"
                className={`px-2 text-right ${column === best.column ? 'font-semibold' : 'font-normal text-muted'}`}
              >
                {parameterText(value)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.values.map((value, row) => (
            <tr key={parameterText(value)}>
              <th
                scope="row"
                className={`px-2 text-right whitespace-nowrap ${row === best.row ? 'font-semibold' : 'font-normal text-muted'}`}
              >
                {single ? called : parameterText(value)}
              </th>
              {columns.values.map((across, column) => {
                const found = map.objective[row]?.[column] ?? null;
                const chosen = row === best.row && column === best.column;
                const strength = Math.round(STRONGEST * (good[row]?.[column] ?? 0));
                return (
                  <td
                    key={parameterText(across)}
                    data-chosen={chosen ? 'true' : undefined}
                    style={{ background: `color-mix(in srgb, var(--accent) ${strength}%, transparent)` }}
                    className={`min-w-14 px-2 py-1.5 text-right whitespace-nowrap ${chosen ? 'font-bold outline-2 -outline-offset-2 outline-[var(--ink)]' : ''}`}
                  >
                    {chosen ? (
                      <>
                        <span aria-hidden="true">◆ </span>
                        <span className="sr-only">{t('optimizations.map.chosen')} </span>
                      </>
                    ) : null}
                    {found === null ? (
                      <Unknown why={t('optimizations.map.unknown')} />
                    ) : (
                      <Figure unit={unit} value={found} />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What the objective is around the choice, over two parameters at a time: by number, by colour, and with the choice marked. */
export function OptimizationMap({ maps, ...rest }: MapProps): ReactNode {
  const t = useTranslate();
  const [shown, setShown] = useState('0');
  const map = maps[Number(shown)];
  return (
    <Panel title={t('optimizations.map')}>
      {map === undefined ? (
        <p className="p-3 text-xs text-muted">{t('optimizations.map.none')}</p>
      ) : (
        <>
          {maps.length < 2 ? null : (
            <div className="px-3 pt-2">
              <ChoiceField
                beside
                label={t('optimizations.map.pair')}
                name="pair"
                value={shown}
                options={maps.map(({ rows, columns }, index) => ({
                  value: String(index),
                  label:
                    rows.name === columns.name
                      ? rows.name
                      : t('optimizations.map.pairOf', { rows: rows.name, columns: columns.name }),
                }))}
                onChange={setShown}
              />
            </div>
          )}
          <MapTable map={map} {...rest} />
          <p className="px-3 pb-2 text-[0.7rem] text-muted">{t('optimizations.map.note')}</p>
        </>
      )}
    </Panel>
  );
}
