'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { askedByPerson } from '../../lib/asked-by-person.ts';
import { Spoken } from './spoken.tsx';

/** What a decision was about: a strategy's wish, or what a person asked for. */
export function Wanted({ value }: { readonly value: unknown }): ReactNode {
  const t = useTranslate();
  const asked = askedByPerson(value);
  if (asked === null) return <Spoken value={value} />;
  return (
    <>
      <strong className="font-semibold">{t(`command.${asked.command}`)}</strong>{' '}
      <span className="text-muted">{t('command.by', { actor: asked.actor })}</span>
      <Spoken value={asked.terms} />
    </>
  );
}
