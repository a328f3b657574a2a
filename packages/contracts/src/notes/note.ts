import type { NoteCode, NoteTexts, NoteValues } from './note-values.ts';
import { NOTES_EN } from './notes-en.ts';
import { NOTES_KO } from './notes-ko.ts';

/** What a result takes for granted, or a reader has to know before he believes it: what it is about, and that in English. */
export interface Note {
  readonly code: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly text: string;
}

const TEXTS: Readonly<Record<'en' | 'ko', NoteTexts>> = { en: NOTES_EN, ko: NOTES_KO };

export function noteOf<C extends NoteCode>(code: C, values: NoteValues[C]): Note {
  return { code, values: { ...values }, text: NOTES_EN[code](values) };
}

const isKnown = (code: string): code is NoteCode => Object.hasOwn(NOTES_EN, code);

/** A note in a reader's language; one of another version, whose code this one does not know, stays in English: `language` says which it is. */
export function noteText(
  { code, values, text }: Note,
  language: 'en' | 'ko',
): { readonly text: string; readonly language: 'en' | 'ko' } {
  if (language === 'en' || !isKnown(code)) return { text, language: 'en' };
  // What a code goes with never changes.
  const tell = TEXTS[language][code] as (given: Note['values']) => string;
  return { text: tell(values), language };
}
