'use client';
import type { BacktestChoices } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { DataFields } from './data-fields.tsx';
import type { FieldsProps } from './fields.ts';
import { FormPart } from './form-parts.tsx';
import { CostFields, FillFields, MoneyFields } from './terms-fields.tsx';

/** On which bars a backtest runs, with what money, at which costs, and how its orders fill. */
export function TermParts({ choices, ...parts }: FieldsProps & { readonly choices: BacktestChoices }): ReactNode {
  const t = useTranslate();
  return (
    <>
      <FormPart title={t('backtests.part.data')}>
        <DataFields {...parts} choices={choices} />
      </FormPart>
      <FormPart title={t('backtests.part.money')}>
        <MoneyFields {...parts} />
      </FormPart>
      <FormPart title={t('backtests.part.costs')}>
        <CostFields {...parts} />
      </FormPart>
      <FormPart title={t('backtests.part.fills')}>
        <FillFields {...parts} />
      </FormPart>
    </>
  );
}
