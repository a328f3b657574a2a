'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import {
  ENTRY_TYPES,
  fieldsOf,
  type DraftField,
  type EntryType,
  type OrderDraft,
  type ReadDraft,
} from '../../lib/order-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Field } from '../parts/field.tsx';
import { Segments } from '../parts/segments.tsx';
import { EstimateNote } from './estimate-note.tsx';

interface OrderFieldsProps {
  readonly draft: OrderDraft;
  readonly instrument: InstrumentMessage;
  readonly read: ReadDraft;
  /** What the server found wrong with the last try. */
  readonly refused: Readonly<Partial<Record<DraftField, string>>>;
  /** An empty field is no fault before somebody tried to go on. */
  readonly showFaults: boolean;
  readonly onChange: <K extends keyof OrderDraft>(name: K, value: OrderDraft[K]) => void;
}

const SIDES = ['buy', 'sell'] as const;
const TIMES = ['gtc', 'ioc', 'fok'] as const;
const PRICES = ['limitPrice', 'stopPrice', 'stopLimitPrice'] as const;
const EXITS = ['exitStop', 'exitProfit'] as const;

/** Every field that the chosen type has. */
export function OrderFields(props: OrderFieldsProps): ReactNode {
  const { draft, instrument, read, refused, showFaults, onChange } = props;
  const t = useTranslate();
  const format = useFormat();
  const has = fieldsOf(draft);

  const field = (name: DraftField, label: string, unit: string, hint?: ReactNode): ReactNode => {
    const fault = read.faults[name];
    const shown = fault !== undefined && (showFaults || (fault.code !== 'needed' && draft[name] !== ''));
    const said = refused[name];
    return (
      <Field
        key={name}
        label={label}
        name={name}
        unit={unit}
        value={draft[name]}
        onChange={(value) => onChange(name, value)}
        fault={shown ? t(`entry.fault.${fault.code}`, { limit: format.exact(fault.limit) }) : (said ?? null)}
        faultLang={shown ? undefined : 'en'}
        hint={hint}
      />
    );
  };
  const optional = (name: DraftField, need: 'needed' | 'may' | null): string =>
    need === 'may'
      ? t('entry.optional', { name: t(`entry.${name as Exclude<DraftField, 'size'>}`) })
      : t(`entry.${name as Exclude<DraftField, 'size'>}`);

  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-2">
        <Segments
          label={t('table.side')}
          segments={SIDES.map((value) => ({ value, label: t(`side.${value}`) }))}
          value={draft.side}
          onChange={(side) => onChange('side', side)}
        />
        <ChoiceField<EntryType>
          label={t('orders.type')}
          name="type"
          beside
          value={draft.type}
          options={ENTRY_TYPES.map((value) => ({ value, label: t(`entry.type.${value}`) }))}
          onChange={(type) => onChange('type', type)}
        />
      </div>
      <div className="grid grid-cols-[1fr_auto] items-start gap-2">
        {field(
          'size',
          t(draft.sizeIn === 'base' ? 'positions.quantity' : 'entry.amount'),
          draft.sizeIn === 'base' ? instrument.base : instrument.quote,
        )}
        <ChoiceField
          label={t('entry.sizeIn')}
          name="sizeIn"
          value={draft.sizeIn}
          options={[
            { value: 'base', label: instrument.base },
            { value: 'quote', label: instrument.quote },
          ]}
          onChange={(sizeIn) => onChange('sizeIn', sizeIn)}
        />
      </div>
      <div className="grid grid-cols-2 items-start gap-2">
        {PRICES.map((name) => {
          const need = has[name];
          if (need === null) return null;
          const label =
            name === 'stopPrice' && draft.type === 'trailing_stop'
              ? t('entry.optional', { name: t('entry.activation') })
              : optional(name, need);
          return field(name, label, instrument.quote);
        })}
        {has.trailing === null ? null : field('trailing', t('entry.trailing'), '%')}
        {has.timeInForce ? (
          <ChoiceField
            label={t('entry.timeInForce')}
            name="timeInForce"
            value={draft.timeInForce}
            options={TIMES.map((value) => ({ value, label: value.toUpperCase() }))}
            onChange={(timeInForce) => onChange('timeInForce', timeInForce)}
          />
        ) : null}
        {has.icebergQuantity === null
          ? null
          : field('icebergQuantity', optional('icebergQuantity', 'may'), instrument.base)}
      </div>
      {draft.side === 'buy' ? (
        <details className="text-xs">
          <summary className="min-h-6 font-medium text-muted">{t('entry.exit')}</summary>
          <div className="mt-1 grid grid-cols-2 items-start gap-2">
            {EXITS.map((name) => field(name, t(`entry.${name}`), instrument.quote))}
          </div>
          <p className="mt-1 text-[0.7rem] text-muted">{t('entry.exit.text')}</p>
        </details>
      ) : (
        <p className="text-[0.7rem] text-muted">{t('entry.sellsOwn')}</p>
      )}
      <EstimateNote estimate={read.estimate} instrument={instrument} />
    </>
  );
}
