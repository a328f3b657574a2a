'use client';
import type { BacktestChoices } from '@monsta/contracts';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useTranslate } from '../../data/display.ts';
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
import { draftFaultReader, parameterFaults, refusalKey } from './fields.ts';
import { FormPart, idIn, SendRow, StrategyChoice } from './form-parts.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { TermParts } from './term-parts.tsx';
import { useSpecForm } from './use-spec-form.ts';

interface BacktestFormProps {
  readonly initial: BacktestDraft;
  readonly choices: BacktestChoices;
}

/** Everything that decides a backtest. Nothing is sent while a field is wrong; what the server has against one stands beside it. */
export function BacktestForm({ initial, choices }: BacktestFormProps): ReactNode {
  const t = useTranslate();
  const form = useSpecForm([keys.backtests], (where) => refusalKey(placeOf(where)));
  const [draft, setDraft] = useState(initial);
  const strategy = choices.strategies.find((each) => each.strategy === draft.strategy);
  const own = draftFaults(draft);
  const { faults, values } = paramsOf(strategy?.parameterSpecs ?? {}, draft.params);
  const count = Object.keys(own).length + Object.keys(faults).length;

  const change = <F extends DraftField>(field: F, value: BacktestDraft[F]): void => {
    setDraft((held) => ({ ...held, [field]: value }));
    form.forget();
  };
  const faultOf = draftFaultReader(own, form, t);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const ready = count > 0 || values === null ? null : specOf(draft, values);
    form.send(ready === null ? null : (client) => client.runBacktest(ready), (reply) => {
      const id = idIn(reply);
      if (id !== null) goTo({ kind: 'backtest', id });
    });
  };
  const parts = { draft, change, faultOf };

  return (
    <form
      onSubmit={submit}
      noValidate={form.change.token.held}
      className="flex flex-col"
      aria-label={t('backtests.new')}
    >
      <FormPart title={t('backtests.part.strategy')}>
        <StrategyChoice
          choices={choices}
          chosen={strategy}
          value={draft.strategy}
          fault={faultOf('strategy')}
          onChange={(value) => {
            change('strategy', value);
            change('params', {});
          }}
        />
        {strategy === undefined ? null : (
          <ParameterFields
            strategy={strategy}
            texts={draft.params}
            faults={faults}
            refused={parameterFaults(form.refused)}
            onChange={(name, value) => change('params', { ...draft.params, [name]: value })}
          />
        )}
      </FormPart>
      <TermParts {...parts} choices={choices} />
      <SendRow
        change={form.change}
        typed={form.typed}
        onTyped={form.setTyped}
        faults={form.tried ? count : null}
        truncated={choices.truncated}
        label={t('backtests.run')}
      />
    </form>
  );
}
