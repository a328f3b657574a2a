'use client';
import type { QueryKey } from '@tanstack/react-query';
import { AlertDialog } from 'radix-ui';
import { useId, useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { useAdminChange, type Asking } from '../../data/admin-change.ts';
import { useTranslate } from '../../data/display.ts';
import { ChangeFault } from './change-fault.tsx';
import { TokenField } from './token-field.tsx';

const REASON_CHARACTERS_MAX = 200;

interface ConfirmDialogProps {
  readonly trigger: ReactNode;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly danger: boolean;
  /** What stands in the field of the reason at first; null: no reason is asked for. */
  readonly reason: string | null;
  /** What is asked of the server, with the reason given; called once a press. */
  readonly ask: (reason: string) => Asking;
  /** True when asking again can't do it twice. */
  readonly repeatable?: boolean;
  /** What the change may have touched: asked for again whatever comes of it. */
  readonly touched: readonly QueryKey[];
  /** False keeps the dialog shut. */
  readonly mayOpen?: () => boolean;
  /** Called when the dialog opens: what was chosen in an abandoned one must not linger. */
  readonly onOpen?: () => void;
  /** False keeps a form with faults from being sent. */
  readonly maySend?: () => boolean;
  readonly onDone?: (reply: unknown) => void;
  readonly onFault?: (fault: Error) => void;
  readonly children?: ReactNode;
}

interface ReasonFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ReasonField({ value, onChange }: ReasonFieldProps): ReactNode {
  const t = useTranslate();
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs font-semibold">
        {t('change.reason')}
      </label>
      <input
        id={id}
        name="reason"
        required
        pattern=".*\S.*"
        maxLength={REASON_CHARACTERS_MAX}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        className="min-h-9 rounded border border-strong bg-ground px-2"
      />
      <p className="text-[0.7rem] text-muted">{t('change.reason.hint')}</p>
    </div>
  );
}

/** Asks before something is changed, and stays open until the server has said that it is. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const t = useTranslate();
  const { token, mutation } = useAdminChange(props.touched);
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState(props.reason ?? '');
  const [typed, setTyped] = useState('');
  // The second press of a double click comes before React has disabled the button.
  const asking = useRef(false);

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    // A portal's events bubble through React's tree: the form around the trigger must not hear of it.
    event.stopPropagation();
    if (asking.current || props.maySend?.() === false) return;
    asking.current = true;
    mutation.mutate(
      { ask: props.ask(reason.trim()), token: token.held ? null : typed.trim() },
      {
        onSuccess: (reply) => {
          setOpen(false);
          props.onDone?.(reply);
        },
        onError: (fault) => props.onFault?.(fault),
        onSettled: () => {
          asking.current = false;
          setTyped('');
        },
      },
    );
  };

  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (next && props.mayOpen?.() === false) return;
        setOpen(next);
        if (!next) return;
        setReason(props.reason ?? '');
        setTyped('');
        mutation.reset();
        props.onOpen?.();
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
            {props.reason === null ? null : <ReasonField value={reason} onChange={setReason} />}
            <TokenField holding={token} value={typed} onChange={setTyped} />
            {mutation.error === null ? null : (
              <ChangeFault fault={mutation.error} repeatable={props.repeatable ?? false} />
            )}
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
