'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { speakJson } from '../../lib/spoken-json.ts';

const RESULTS = ['approved', 'denied', 'deferred', 'not_needed', 'done', 'repeated', 'refused'] as const;
const COLOURS = {
  approved: 'text-good',
  denied: 'text-danger',
  deferred: '',
  not_needed: '',
  done: 'text-good',
  repeated: '',
  refused: 'text-danger',
} as const satisfies Record<(typeof RESULTS)[number], string>;
/** More figures than these are shown on demand. */
const FIELDS_SHOWN = 4;

/** A free-form part of a record: its result, its sentence, and its figures on demand. */
export function Spoken({ value }: { readonly value: unknown }): ReactNode {
  const t = useTranslate();
  const spoken = speakJson(value);
  if (spoken === null) return <span className="text-muted">{t('decisions.nothing')}</span>;
  const { sentence, fields } = spoken;
  const result = RESULTS.find((each) => each === spoken.result);
  const list =
    fields.length === 0 ? null : (
      <dl lang="en" className="figures flex flex-wrap gap-x-3">
        {fields.map(([name, text]) => (
          <div key={name} className="flex gap-1">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">{text}</dd>
          </div>
        ))}
      </dl>
    );
  return (
    <div className="min-w-32">
      {spoken.result === null ? null : (
        <strong className={`mr-1.5 font-semibold ${result === undefined ? '' : COLOURS[result]}`}>
          {result === undefined ? spoken.result : t(`decisions.result.${result}`)}
        </strong>
      )}
      {sentence === null ? null : <span lang="en">{sentence}</span>}
      {list === null || (sentence === null && fields.length <= FIELDS_SHOWN) ? (
        list
      ) : (
        <details className="text-[0.7rem]">
          <summary className="text-muted">{t('decisions.details')}</summary>
          {list}
        </details>
      )}
    </div>
  );
}
