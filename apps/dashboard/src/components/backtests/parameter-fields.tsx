'use client';
import type { BacktestStrategy } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { followsData } from '../../lib/backtest-draft.ts';
import type { ParameterFault } from '../../lib/parameter-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Field } from '../parts/field.tsx';

interface ParameterFieldsProps {
  readonly strategy: BacktestStrategy;
  readonly texts: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, ParameterFault>>;
  /** What the server has against one, in its words. */
  readonly refused: Readonly<Record<string, string>>;
  readonly onChange: (name: string, value: string) => void;
}

/** What a strategy takes, each with its range. */
export function ParameterFields({ strategy, texts, faults, refused, onChange }: ParameterFieldsProps): ReactNode {
  const t = useTranslate();
  const { parameterSpecs, fault } = strategy;
  if (parameterSpecs === null)
    return (
      <p role="alert" lang="en" className="text-xs break-words text-danger">
        {fault?.message}
      </p>
    );
  const entries = Object.entries(parameterSpecs);
  if (entries.length === 0) return <p className="text-xs text-muted">{t('backtests.noParameters')}</p>;
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-3 xl:grid-cols-4">
      {entries.map(([name, spec]) => {
        const follows = followsData(name, spec);
        const text = texts[name] ?? (follows ? '' : String(spec.default));
        const change = (value: string): void => onChange(name, value);
        if (spec.kind === 'choice' || spec.kind === 'boolean') {
          const options = spec.kind === 'choice' ? spec.options : (['true', 'false'] as const);
          return (
            <ChoiceField
              key={name}
              label={name}
              name={`params.${name}`}
              value={text}
              options={[
                ...(follows ? [{ value: '', label: t('backtests.data.ofFile') }] : []),
                ...options.map((value) => ({
                  value,
                  label: spec.kind === 'boolean' ? t(value === 'true' ? 'parameters.yes' : 'parameters.no') : value,
                })),
              ]}
              onChange={change}
            />
          );
        }
        const own = faults[name];
        return (
          <Field
            key={name}
            label={name}
            name={`params.${name}`}
            value={text}
            onChange={change}
            hint={t('parameters.range', { min: spec.min, max: spec.max, usual: spec.default })}
            fault={
              own === undefined
                ? (refused[name] ?? null)
                : t(`parameters.fault.${own.code}`, { min: own.min, max: own.max })
            }
            faultLang={own === undefined ? 'en' : undefined}
          />
        );
      })}
    </div>
  );
}
