'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import type { MessageKey } from '../../i18n/index.ts';
import { USUAL_SIZE, type BacktestDraft, type DraftField } from '../../lib/backtest-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Field } from '../parts/field.tsx';
import type { FieldsProps } from './fields.ts';

type TextField = {
  [F in DraftField]: BacktestDraft[F] extends string ? (string extends BacktestDraft[F] ? F : never) : never;
}[DraftField];
type OneOf = 'sizing' | 'limits' | 'slippage' | 'acts' | 'sizedAt' | 'limitFills' | 'endOfData' | 'gaps';

const OPTIONS = {
  sizing: ['fraction', 'fixed', 'units', 'volatility', 'kelly'],
  limits: ['none', 'configured'],
  slippage: ['rate', 'ticks', 'square-root', 'none'],
  acts: ['next-open', 'next-close', 'close'],
  sizedAt: ['decision', 'fill'],
  limitFills: ['through', 'touch'],
  endOfData: ['mark', 'close', 'open'],
  gaps: ['break', 'join'],
} as const satisfies { readonly [F in OneOf]: readonly BacktestDraft[F][] };

const optionsOf = <F extends OneOf>(field: F): readonly BacktestDraft[F][] =>
  (OPTIONS as { readonly [Name in OneOf]: readonly BacktestDraft[Name][] })[field];

function Text({
  field,
  unit,
  hint,
  ...props
}: FieldsProps & { readonly field: TextField; readonly unit?: string; readonly hint?: MessageKey }): ReactNode {
  const t = useTranslate();
  const fault = props.faultOf(field);
  return (
    <Field
      label={t(`backtests.field.${field}` as MessageKey)}
      name={field}
      value={props.draft[field]}
      onChange={(value) => props.change(field, value)}
      {...(unit === undefined ? {} : { unit })}
      fault={fault?.text ?? null}
      faultLang={fault?.lang}
      {...(hint === undefined ? {} : { hint: t(hint) })}
    />
  );
}

function Choice<F extends OneOf>({
  field,
  onChosen,
  ...props
}: FieldsProps & { readonly field: F; readonly onChosen?: (value: BacktestDraft[F]) => void }): ReactNode {
  const t = useTranslate();
  const options = optionsOf(field);
  return (
    <ChoiceField<BacktestDraft[F]>
      label={t(`backtests.field.${field}` as MessageKey)}
      name={field}
      value={props.draft[field]}
      options={options.map((value) => ({ value, label: t(`backtests.${field}.${value}` as MessageKey) }))}
      onChange={(value) => {
        props.change(field, value);
        onChosen?.(value);
      }}
    />
  );
}

const GRID = 'grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-3 xl:grid-cols-4';
const SIZE_UNITS = { fraction: '%', fixed: undefined, units: undefined, volatility: '%', kelly: '%' } as const;

/** What the account has, and how large its positions are. */
export function MoneyFields(props: FieldsProps): ReactNode {
  const t = useTranslate();
  const { draft, change } = props;
  const sizeUnit = SIZE_UNITS[draft.sizing];
  return (
    <div className={GRID}>
      <Text field="cash" {...props} hint="backtests.hint.cash" />
      <Choice field="sizing" {...props} onChosen={(kind) => change('size', USUAL_SIZE[kind])} />
      <Text
        field="size"
        {...props}
        {...(sizeUnit === undefined ? {} : { unit: sizeUnit })}
        hint={`backtests.size.${draft.sizing}`}
      />
      {draft.sizing === 'volatility' ? (
        <Text field="volatilityBars" {...props} hint="backtests.hint.volatilityBars" />
      ) : null}
      <Text field="rebalanceBand" {...props} unit="%" hint="backtests.hint.rebalanceBand" />
      <ChoiceField
        label={t('backtests.field.short')}
        name="short"
        value={draft.short ? 'yes' : 'no'}
        options={[
          { value: 'no', label: t('backtests.short.no') },
          { value: 'yes', label: t('backtests.short.yes') },
        ]}
        onChange={(value) => change('short', value === 'yes')}
      />
      {draft.short ? <Text field="margin" {...props} unit="%" hint="backtests.hint.margin" /> : null}
      <Choice field="limits" {...props} />
      <Text field="lot" {...props} hint="backtests.hint.lot" />
      <Text field="notionalMin" {...props} hint="backtests.hint.notionalMin" />
    </div>
  );
}

/** What trading costs. */
export function CostFields(props: FieldsProps): ReactNode {
  const t = useTranslate();
  const { slippage } = props.draft;
  return (
    <div className={GRID}>
      <Text field="takerFeeBps" {...props} unit="bps" hint="backtests.hint.bps" />
      <Text field="makerFeeBps" {...props} unit="bps" />
      <Text field="feePerOrder" {...props} hint="backtests.hint.cash" />
      <Text field="feePerUnit" {...props} hint="backtests.hint.feePerUnit" />
      <Text field="feeMinimum" {...props} hint="backtests.hint.feeMinimum" />
      <Choice field="slippage" {...props} />
      {slippage === 'ticks' ? (
        <Text field="slippageTicks" {...props} unit={t('backtests.unit.ticks')} />
      ) : slippage === 'none' ? null : (
        <Text field="slippageBps" {...props} unit="bps" />
      )}
    </div>
  );
}

/** How orders fill from bars. */
export function FillFields(props: FieldsProps): ReactNode {
  const t = useTranslate();
  return (
    <>
      <div className={GRID}>
        <Choice field="acts" {...props} />
        <Choice field="sizedAt" {...props} />
        <Choice field="limitFills" {...props} />
        <Text field="volumeShare" {...props} unit="%" hint="backtests.hint.volumeShare" />
        <Choice field="gaps" {...props} />
        <Text field="yearDays" {...props} hint="backtests.hint.yearDays" />
        <Choice field="endOfData" {...props} />
      </div>
      {props.draft.acts === 'close' ? (
        <p className="text-xs text-warn">
          <span aria-hidden="true">▲ </span>
          {t('backtests.warn.close')}
        </p>
      ) : null}
    </>
  );
}
