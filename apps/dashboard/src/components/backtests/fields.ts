import type { Translate } from '../../i18n/index.ts';
import type { BacktestDraft, DraftFault, DraftField } from '../../lib/backtest-draft.ts';
import type { Refused, SpecForm } from './use-spec-form.ts';

export interface ShownFault {
  readonly text: string;
  /** Words of the server's are English. */
  readonly lang: 'en' | undefined;
}

/** What every part of the form is given. */
export interface FieldsProps {
  readonly draft: BacktestDraft;
  readonly change: <F extends DraftField>(field: F, value: BacktestDraft[F]) => void;
  /** What is wrong with a field; null while nothing is. */
  readonly faultOf: (field: DraftField) => ShownFault | null;
}

const PARAMETER = 'param:';

/** Under which key a refusal of a field, or of a parameter, is kept. */
export const refusalKey = (place: { readonly field: DraftField } | { readonly param: string } | null): string | null =>
  place === null ? null : 'param' in place ? `${PARAMETER}${place.param}` : place.field;

/** Refusals of parameters, by their names. */
export const parameterFaults = (refused: Refused): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(refused).flatMap(([key, message]) =>
      key.startsWith(PARAMETER) ? [[key.slice(PARAMETER.length), message]] : [],
    ),
  );

/** Words of the server's. */
export const refusal = (refused: Refused, key: string): ShownFault | null => {
  const text = refused[key];
  return text === undefined ? null : { text, lang: 'en' };
};

/** What is wrong with the fields of a backtest: what the form knows itself, else what the server has said. */
export const draftFaultReader =
  (
    own: Readonly<Partial<Record<DraftField, DraftFault>>>,
    { tried, refused }: Pick<SpecForm, 'tried' | 'refused'>,
    t: Translate,
  ): FieldsProps['faultOf'] =>
  (field) => {
    const code = own[field];
    // What is only not filled in yet is not reproached before it is sent.
    if (code !== undefined && (tried || code !== 'needed'))
      return { text: t(`backtests.fault.${code}`), lang: undefined };
    return refusal(refused, field);
  };
