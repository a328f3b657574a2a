'use client';
import type { ModelMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { SmallButton } from '../parts/small-button.tsx';
import { AtStake } from '../trading/at-stake.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

/** Lets a kept model serve, or the one that serves serve no more. Strategies listen to what serves: money may hang on it. */
export function ModelActions({ model }: { readonly model: ModelMessage }): ReactNode {
  const t = useTranslate();
  const { id, state, instrument } = model;
  const act = state === 'serving' ? 'retire' : 'promote';
  return (
    <ConfirmDialog
      trigger={<SmallButton>{t(`models.${act}`)}</SmallButton>}
      title={t(`models.${act}.title`, { id })}
      text={t(`models.${act}.text`)}
      confirm={t(`models.${act}`)}
      danger={act === 'retire'}
      reason={null}
      ask={() => (client) => (act === 'retire' ? client.retireModel(id) : client.promoteModel(id))}
      touched={[keys.models, keys.predictions(instrument)]}
    >
      <AtStake />
    </ConfirmDialog>
  );
}
