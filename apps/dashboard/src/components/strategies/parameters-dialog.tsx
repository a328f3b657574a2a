'use client';
import type { ParameterSpecMessage, StrategyMessage } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { describeFault } from '../../data/fault.ts';
import { keys } from '../../data/keys.ts';
import { namedIn, readParameters, type ParameterFault } from '../../lib/parameter-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Field } from '../parts/field.tsx';
import { SmallButton } from '../parts/small-button.tsx';
import { AtStake } from '../trading/at-stake.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

interface ParameterFieldProps {
  readonly name: string;
  readonly spec: ParameterSpecMessage;
  readonly value: string;
  readonly fault: ParameterFault | undefined;
  /** The server refused and named it. */
  readonly refused: boolean;
  readonly onChange: (value: string) => void;
}

function ParameterField({ name, spec, value, fault, refused, onChange }: ParameterFieldProps): ReactNode {
  const t = useTranslate();
  if (spec.kind === 'choice' || spec.kind === 'boolean') {
    const options = spec.kind === 'choice' ? spec.options : (['true', 'false'] as const);
    return (
      <ChoiceField
        label={name}
        name={name}
        value={value}
        options={options.map((option) => ({
          value: option,
          label: spec.kind === 'boolean' ? t(option === 'true' ? 'parameters.yes' : 'parameters.no') : option,
        }))}
        onChange={onChange}
      />
    );
  }
  const { min, max, default: usual } = spec;
  return (
    <Field
      label={name}
      name={name}
      value={value}
      onChange={onChange}
      hint={t('parameters.range', { min, max, usual })}
      fault={
        fault !== undefined
          ? t(`parameters.fault.${fault.code}`, { min: fault.min, max: fault.max })
          : refused
            ? t('parameters.refused')
            : null
      }
    />
  );
}

const textsOf = ({ parameters }: StrategyMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));

/** The parameters of a strategy as a form: ranges are held before anything is sent. */
export function ParametersDialog({ strategy }: { readonly strategy: StrategyMessage }): ReactNode {
  const t = useTranslate();
  const { id, parameterSpecs: specs, parameters } = strategy;
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [refused, setRefused] = useState<readonly string[]>([]);
  const { faults, changes } = readParameters(specs, parameters, texts);
  const names = Object.keys(specs);
  const changed = changes === null ? [] : Object.entries(changes);
  return (
    <ConfirmDialog
      trigger={<SmallButton aria-label={t('parameters.of', { id })}>{t('parameters.open')}</SmallButton>}
      title={t('parameters.title', { id })}
      text={t('parameters.text')}
      confirm={t('parameters.confirm')}
      danger={false}
      reason={null}
      ask={() => (client) => client.setStrategyParameters(id, { parameters: { ...changes } })}
      touched={[keys.strategies]}
      onOpen={() => {
        setTexts(textsOf(strategy));
        setRefused([]);
      }}
      maySend={() => changed.length > 0}
      onFault={(fault) => {
        const { code, message } = describeFault(fault);
        setRefused(code === 'parameters_invalid' && message !== null ? namedIn(message, names) : []);
      }}
    >
      <AtStake />
      <div className="grid grid-cols-2 gap-x-3 gap-y-2">
        {Object.entries(specs).map(([name, spec]) => (
          <ParameterField
            key={name}
            name={name}
            spec={spec}
            value={texts[name] ?? ''}
            fault={faults[name]}
            refused={refused.includes(name)}
            onChange={(value) => {
              setTexts((held) => ({ ...held, [name]: value }));
              setRefused([]);
            }}
          />
        ))}
      </div>
      <p aria-live="polite" data-testid="parameter-changes" className="figures text-xs">
        {changes === null ? (
          <span className="text-danger">{t('parameters.outOfRange')}</span>
        ) : changed.length === 0 ? (
          <span className="text-muted">{t('parameters.unchanged')}</span>
        ) : (
          changed.map(([name, value]) => (
            <span key={name} className="mr-3 whitespace-nowrap">
              <span className="text-muted">{name}</span> {String(parameters[name])} → <strong>{String(value)}</strong>
            </span>
          ))
        )}
      </p>
    </ConfirmDialog>
  );
}
