'use client';
import type { BacktestChoices, BacktestStrategy } from '@monsta/contracts';
import type { ReactNode } from 'react';
import type { AdminChange } from '../../data/admin-change.ts';
import { useTranslate } from '../../data/display.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { ChangeFault } from '../trading/change-fault.tsx';
import { TokenField } from '../trading/token-field.tsx';
import type { ShownFault } from './fields.ts';

/** One part of a long form. */
export function FormPart({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 border-t border-line p-3 first:border-0">
      <legend className="contents">
        <span className="text-xs font-semibold">{title}</span>
      </legend>
      {children}
    </fieldset>
  );
}

/** What is wrong with a field that does not tell it itself. */
export function FieldFault({ fault }: { readonly fault: ShownFault | null }): ReactNode {
  return fault === null ? null : (
    <p className="text-[0.7rem] text-danger" lang={fault.lang}>
      {fault.text}
    </p>
  );
}

interface StrategyChoiceProps {
  readonly choices: BacktestChoices;
  readonly chosen: BacktestStrategy | undefined;
  readonly value: string;
  readonly fault: ShownFault | null;
  readonly onChange: (strategy: string) => void;
}

/** Which strategy, and what it says of itself. */
export function StrategyChoice({ choices, chosen, value, fault, onChange }: StrategyChoiceProps): ReactNode {
  const t = useTranslate();
  return (
    <>
      <ChoiceField
        label={t('table.strategy')}
        name="strategy"
        value={value}
        options={choices.strategies.map(({ strategy, from }) => ({
          value: strategy,
          label: from === 'shipped' ? strategy : `${strategy} (${t(`backtests.from.${from}`)})`,
        }))}
        onChange={onChange}
      />
      <FieldFault fault={fault} />
      {chosen === undefined || chosen.description === null ? null : (
        <p lang="en" className="text-xs text-muted">
          {chosen.description}
        </p>
      )}
    </>
  );
}

interface SendRowProps {
  readonly change: AdminChange;
  readonly typed: string;
  readonly onTyped: (token: string) => void;
  /** How many values can't be sent; null: nothing is to be said of it yet. */
  readonly faults: number | null;
  readonly truncated: boolean;
  readonly label: string;
}

/** The token, what came of sending, and the button. */
export function SendRow({ change, typed, onTyped, faults, truncated, label }: SendRowProps): ReactNode {
  const t = useTranslate();
  const { token, mutation } = change;
  return (
    <div className="flex flex-col gap-2 border-t border-line p-3">
      {truncated ? <p className="text-xs text-muted">{t('backtests.truncated')}</p> : null}
      <div className="max-w-sm">
        <TokenField holding={token} value={typed} onChange={onTyped} />
      </div>
      {mutation.error === null ? null : <ChangeFault fault={mutation.error} repeatable={false} />}
      <p aria-live="polite" className="text-xs text-danger">
        {faults === null || faults === 0 ? null : t('backtests.faults', { count: faults })}
      </p>
      <button
        type="submit"
        disabled={mutation.isPending}
        className="min-h-9 self-start rounded bg-accent px-4 font-semibold text-on-accent disabled:opacity-60"
      >
        {mutation.isPending ? t('change.working') : label}
      </button>
    </div>
  );
}

/** The id of what was queued. */
export function idIn(reply: unknown): string | null {
  return typeof reply === 'object' && reply !== null && 'id' in reply && typeof reply.id === 'string' ? reply.id : null;
}
