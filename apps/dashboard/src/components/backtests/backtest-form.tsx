'use client';
import type { BacktestChoices, BacktestSummary } from '@monsta/contracts';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useAdminChange } from '../../data/admin-change.ts';
import { useTranslate } from '../../data/display.ts';
import { termFaults } from '../../data/fault.ts';
import { keys } from '../../data/keys.ts';
import { goTo } from '../../data/route.ts';
import {
  draftFaults,
  paramsOf,
  placeOf,
  specOf,
  type BacktestDraft,
  type DraftField,
} from '../../lib/backtest-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { ChangeFault } from '../trading/change-fault.tsx';
import { TokenField } from '../trading/token-field.tsx';
import { DataFields } from './data-fields.tsx';
import type { ShownFault } from './fields.ts';
import { ParameterFields } from './parameter-fields.tsx';
import { CostFields, FillFields, MoneyFields } from './terms-fields.tsx';

interface BacktestFormProps {
  readonly initial: BacktestDraft;
  readonly choices: BacktestChoices;
}

interface Refused {
  readonly fields: Readonly<Partial<Record<DraftField, string>>>;
  readonly params: Readonly<Record<string, string>>;
}

const NOT_REFUSED: Refused = { fields: {}, params: {} };

/** The server's faults by the fields that they are about. */
function refusedBy(thrown: unknown): Refused {
  const fields: Partial<Record<DraftField, string>> = {};
  const params: Record<string, string> = {};
  for (const { where, message } of termFaults(thrown)) {
    const place = placeOf(where);
    if (place === null) continue;
    if ('param' in place) params[place.param] = message;
    else fields[place.field] = [fields[place.field], message].filter((text) => text !== undefined).join('; ');
  }
  return { fields, params };
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 border-t border-line p-3 first:border-0">
      <legend className="contents">
        <span className="text-xs font-semibold">{title}</span>
      </legend>
      {children}
    </fieldset>
  );
}

const isSummary = (reply: unknown): reply is BacktestSummary =>
  typeof reply === 'object' && reply !== null && 'id' in reply && typeof reply.id === 'string';

/** Everything that decides a backtest. Nothing is sent while a field is wrong; what the server has against one stands beside it. */
export function BacktestForm({ initial, choices }: BacktestFormProps): ReactNode {
  const t = useTranslate();
  const { token, mutation } = useAdminChange([keys.backtests]);
  const [draft, setDraft] = useState(initial);
  const [refused, setRefused] = useState(NOT_REFUSED);
  const [tried, setTried] = useState(false);
  const [typed, setTyped] = useState('');
  const strategy = choices.strategies.find((each) => each.strategy === draft.strategy);
  const own = draftFaults(draft);
  const { faults, values } = paramsOf(strategy?.parameterSpecs ?? {}, draft.params);
  const count = Object.keys(own).length + Object.keys(faults).length;

  const change = <F extends DraftField>(field: F, value: BacktestDraft[F]): void => {
    setDraft((held) => ({ ...held, [field]: value }));
    setRefused(NOT_REFUSED);
  };
  const faultOf = (field: DraftField): ShownFault | null => {
    const code = own[field];
    // What is only not filled in yet is not reproached before it is sent.
    if (code !== undefined && (tried || code !== 'needed'))
      return { text: t(`backtests.fault.${code}`), lang: undefined };
    const said = refused.fields[field];
    return said === undefined ? null : { text: said, lang: 'en' };
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setTried(true);
    if (count > 0 || values === null || mutation.isPending) return;
    mutation.mutate(
      { ask: (client) => client.runBacktest(specOf(draft, values)), token: token.held ? null : typed.trim() },
      {
        onSuccess: (reply) => {
          if (isSummary(reply)) goTo({ kind: 'backtest', id: reply.id });
        },
        onError: (thrown) => setRefused(refusedBy(thrown)),
        onSettled: () => setTyped(''),
      },
    );
  };
  const parts = { draft, change, faultOf };
  const strategyFault = faultOf('strategy');

  return (
    <form onSubmit={submit} noValidate={token.held} className="flex flex-col" aria-label={t('backtests.new')}>
      <Part title={t('backtests.part.strategy')}>
        <ChoiceField
          label={t('table.strategy')}
          name="strategy"
          value={draft.strategy}
          options={choices.strategies.map((each) => ({
            value: each.strategy,
            label: each.from === 'shipped' ? each.strategy : `${each.strategy} (${t(`backtests.from.${each.from}`)})`,
          }))}
          onChange={(value) => {
            change('strategy', value);
            change('params', {});
          }}
        />
        {strategyFault === null ? null : (
          <p className="text-[0.7rem] text-danger" lang={strategyFault.lang}>
            {strategyFault.text}
          </p>
        )}
        {strategy === undefined ? null : (
          <>
            {strategy.description === null ? null : (
              <p lang="en" className="text-xs text-muted">
                {strategy.description}
              </p>
            )}
            <ParameterFields
              strategy={strategy}
              texts={draft.params}
              faults={faults}
              refused={refused.params}
              onChange={(name, value) => change('params', { ...draft.params, [name]: value })}
            />
          </>
        )}
      </Part>
      <Part title={t('backtests.part.data')}>
        <DataFields {...parts} choices={choices} />
      </Part>
      <Part title={t('backtests.part.money')}>
        <MoneyFields {...parts} />
      </Part>
      <Part title={t('backtests.part.costs')}>
        <CostFields {...parts} />
      </Part>
      <Part title={t('backtests.part.fills')}>
        <FillFields {...parts} />
      </Part>
      <div className="flex flex-col gap-2 border-t border-line p-3">
        {choices.truncated ? <p className="text-xs text-muted">{t('backtests.truncated')}</p> : null}
        <div className="max-w-sm">
          <TokenField holding={token} value={typed} onChange={setTyped} />
        </div>
        {mutation.error === null ? null : <ChangeFault fault={mutation.error} repeatable={false} />}
        <p aria-live="polite" className="text-xs text-danger">
          {tried && count > 0 ? t('backtests.faults', { count }) : null}
        </p>
        <button
          type="submit"
          disabled={mutation.isPending}
          className="min-h-9 self-start rounded bg-accent px-4 font-semibold text-on-accent disabled:opacity-60"
        >
          {mutation.isPending ? t('change.working') : t('backtests.run')}
        </button>
      </div>
    </form>
  );
}
