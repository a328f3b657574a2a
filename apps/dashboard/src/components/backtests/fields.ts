import type { BacktestDraft, DraftField } from '../../lib/backtest-draft.ts';

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
