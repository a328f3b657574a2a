'use client';
import { useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { ChoiceField } from '../parts/choice-field.tsx';

/** What every record of an account names. */
interface Owned {
  readonly strategyId: string;
  readonly instrument: string | null;
}

interface FilteredProps<T extends Owned> {
  readonly rows: readonly T[];
  /** Further choices beside these two. */
  readonly aside?: ReactNode;
  readonly children: (rows: readonly T[]) => ReactNode;
}

const ALL = '';

const namesOf = (names: readonly (string | null)[]): readonly string[] =>
  [...new Set(names.filter((name) => name !== null))].toSorted();

/** Rows of one strategy or instrument, among those that are loaded. */
export function Filtered<T extends Owned>({ rows, aside, children }: FilteredProps<T>): ReactNode {
  const t = useTranslate();
  const [strategy, setStrategy] = useState(ALL);
  const [instrument, setInstrument] = useState(ALL);
  const shown = rows.filter(
    (row) => (strategy === ALL || row.strategyId === strategy) && (instrument === ALL || row.instrument === instrument),
  );
  const options = (names: readonly string[], chosen: string) => [
    { value: ALL, label: t('filter.all') },
    // What was chosen stays on offer, also when its last row is gone.
    ...namesOf(chosen === ALL ? names : [...names, chosen]).map((value) => ({ value, label: value })),
  ];
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-b border-line px-3 py-1.5">
        <ChoiceField
          beside
          label={t('table.strategy')}
          name="strategy"
          value={strategy}
          options={options(namesOf(rows.map((row) => row.strategyId)), strategy)}
          onChange={setStrategy}
        />
        <ChoiceField
          beside
          label={t('table.instrument')}
          name="instrument"
          value={instrument}
          options={options(namesOf(rows.map((row) => row.instrument)), instrument)}
          onChange={setInstrument}
        />
        {aside}
        {shown.length === rows.length ? null : (
          <span className="figures text-xs text-muted">
            {t('filter.shown', { shown: shown.length, rows: rows.length })}
          </span>
        )}
      </div>
      {shown.length === 0 ? <p className="p-3 text-xs text-muted">{t('filter.none')}</p> : children(shown)}
    </>
  );
}
