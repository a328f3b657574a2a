'use client';
import type { ModelMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

const COLOURS = {
  serving: 'text-good',
  challenger: 'text-warn',
  replaced: 'text-muted',
  retired: 'text-muted',
} as const;
const MARKS = { serving: '●', challenger: '▲', replaced: '–', retired: '✕' } as const;

/** What a kept model is to its line, in a word with its mark. */
export function ModelState({ state }: Pick<ModelMessage, 'state'>): ReactNode {
  const t = useTranslate();
  return (
    <span data-state={state} className={`text-xs font-semibold whitespace-nowrap ${COLOURS[state]}`}>
      <span aria-hidden="true" className="mr-1">
        {MARKS[state]}
      </span>
      {t(`models.state.${state}`)}
    </span>
  );
}
