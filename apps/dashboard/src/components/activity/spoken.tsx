'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { speakJson } from '../../lib/spoken-json.ts';

/** A free-form part of a record: its sentence, and its figures on demand. */
export function Spoken({ value }: { readonly value: unknown }): ReactNode {
  const t = useTranslate();
  const spoken = speakJson(value);
  if (spoken === null) return <span className="text-muted">{t('decisions.nothing')}</span>;
  const { sentence, fields } = spoken;
  const list = (
    <dl lang="en" className="figures flex flex-wrap gap-x-3">
      {fields.map(([name, text]) => (
        <div key={name} className="flex gap-1">
          <dt className="text-muted">{name}</dt>
          <dd className="break-all">{text}</dd>
        </div>
      ))}
    </dl>
  );
  if (sentence === null) return list;
  return (
    <div className="min-w-44">
      <span lang="en">{sentence}</span>
      {fields.length === 0 ? null : (
        <details className="text-[0.7rem]">
          <summary className="text-muted">{t('decisions.details')}</summary>
          {list}
        </details>
      )}
    </div>
  );
}
