'use client';
import type { TradingState } from '@monsta/core';
import { AlertDialog } from 'radix-ui';
import { useId, useState, type ReactNode, type SubmitEvent } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useTradingChange } from '../../data/trading-change.ts';
import { ChangeFault } from './change-fault.tsx';
import { TokenField } from './token-field.tsx';

const REASON_CHARACTERS_MAX = 200;

interface ChangeDialogProps {
  readonly trigger: ReactNode;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly danger: boolean;
  readonly state: TradingState;
  readonly flatten: boolean;
  /** What stands in the field of the reason at first. */
  readonly reason: string;
  /** Called when the dialog opens: what was chosen in an abandoned one must not linger. */
  readonly onOpen?: () => void;
  readonly children?: ReactNode;
}

/** Asks before the trading state is changed, and stays open until the server has said that it is. */
export function ChangeDialog(props: ChangeDialogProps): ReactNode {
  const t = useTranslate();
  const { token, mutation } = useTradingChange();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState(props.reason);
  const [typed, setTyped] = useState('');
  const reasonId = useId();

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    mutation.mutate(
      {
        state: props.state,
        flatten: props.flatten,
        reason: reason.trim(),
        token: token.held ? null : typed.trim(),
      },
      { onSuccess: () => setOpen(false), onSettled: () => setTyped('') },
    );
  };

  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) {
          setReason(props.reason);
          setTyped('');
          mutation.reset();
          props.onOpen?.();
        }
      }}
    >
      <AlertDialog.Trigger asChild>{props.trigger}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/55" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 max-h-[92dvh] w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-lg border border-line bg-panel p-4 shadow-2xl">
          <AlertDialog.Title className="text-base font-semibold">{props.title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-xs text-muted">{props.text}</AlertDialog.Description>
          <form onSubmit={submit} className="mt-3 flex flex-col gap-3">
            {props.children}
            <div className="flex flex-col gap-1">
              <label htmlFor={reasonId} className="text-xs font-semibold">
                {t('change.reason')}
              </label>
              <input
                id={reasonId}
                name="reason"
                required
                pattern=".*\S.*"
                maxLength={REASON_CHARACTERS_MAX}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
                autoComplete="off"
                className="min-h-9 rounded border border-strong bg-ground px-2"
              />
              <p className="text-[0.7rem] text-muted">{t('change.reason.hint')}</p>
            </div>
            <TokenField holding={token} value={typed} onChange={setTyped} />
            {mutation.error === null ? null : <ChangeFault fault={mutation.error} />}
            <div className="flex justify-end gap-2">
              <AlertDialog.Cancel className="min-h-9 rounded border border-strong px-3 font-medium">
                {t('change.cancel')}
              </AlertDialog.Cancel>
              <button
                type="submit"
                disabled={mutation.isPending}
                className={`min-h-9 rounded px-3 font-semibold disabled:opacity-60 ${props.danger ? 'bg-danger text-on-danger' : 'bg-accent text-on-accent'}`}
              >
                {mutation.isPending ? t('change.working') : props.confirm}
              </button>
            </div>
          </form>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
