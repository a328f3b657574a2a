'use client';
import type { CommandReply, InstrumentMessage, ManualOrderRequest } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { termFaults } from '../../data/fault.ts';
import { keys } from '../../data/keys.ts';
import {
  EMPTY_DRAFT,
  faultsByField,
  readDraft,
  type DraftField,
  type Estimate,
  type OrderDraft,
} from '../../lib/order-draft.ts';
import { newRequestId } from '../../lib/request-id.ts';
import { Panel } from '../parts/panel.tsx';
import { AtStake } from '../trading/at-stake.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';
import { OrderFields } from './order-fields.tsx';
import { OrderSummary } from './order-summary.tsx';
import { useMarketPrices } from './use-market-prices.ts';

/** What the open dialog asks about: frozen, so that the market does not change it under a person's eyes. */
interface Asked {
  readonly order: ManualOrderRequest;
  readonly estimate: Estimate | null;
}

function isCommandReply(reply: unknown): reply is CommandReply {
  return typeof reply === 'object' && reply !== null && 'orders' in reply && 'note' in reply;
}

/** Orders by hand: typed, checked, read over once more, and sent once. Remount it for another instrument. */
export function OrderEntryPanel({ instrument }: { readonly instrument: InstrumentMessage }): ReactNode {
  const t = useTranslate();
  const market = useMarketPrices(instrument.id);
  const [draft, setDraft] = useState<OrderDraft>(EMPTY_DRAFT);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<Readonly<Partial<Record<DraftField, string>>>>({});
  const [asked, setAsked] = useState<Asked | null>(null);
  const [done, setDone] = useState<CommandReply | null>(null);
  const read = readDraft(draft, instrument, market);

  const change = <K extends keyof OrderDraft>(name: K, value: OrderDraft[K]): void => {
    setDraft((held) => ({ ...held, [name]: value }));
    setRefused({});
    setDone(null);
  };

  const mayOpen = (): boolean => {
    setTried(true);
    setDone(null);
    if (read.order === null) return false;
    // One id for one confirmation, however often it is pressed or sent again.
    setAsked({ order: { ...read.order, requestId: newRequestId(window.crypto) }, estimate: read.estimate });
    return true;
  };

  return (
    <Panel title={t('entry.title', { instrument: `${instrument.base}/${instrument.quote}` })}>
      <form noValidate onSubmit={(event) => event.preventDefault()} className="flex flex-col gap-2.5 p-3">
        <OrderFields
          draft={draft}
          instrument={instrument}
          read={read}
          refused={refused}
          showFaults={tried}
          onChange={change}
        />
        <AtStake liveOnly />
        <ConfirmDialog
          trigger={
            <button
              type="submit"
              className="min-h-10 rounded bg-accent px-3 font-semibold text-on-accent hover:brightness-110"
            >
              {t(`entry.review.${draft.side}`)}
            </button>
          }
          title={t(`entry.confirm.${draft.side}`, { instrument: instrument.id })}
          text={t('entry.confirm.text')}
          confirm={t('entry.place')}
          danger={false}
          reason={null}
          repeatable
          mayOpen={mayOpen}
          ask={() => async (client) => {
            if (asked === null) throw new Error('an order was sent that nobody was asked about');
            return client.placeOrder(asked.order);
          }}
          touched={[keys.orders, keys.decisions]}
          onDone={(reply) => {
            setTried(false);
            setDraft((held) => ({ ...EMPTY_DRAFT, side: held.side, type: held.type, sizeIn: held.sizeIn }));
            setDone(isCommandReply(reply) ? reply : null);
          }}
          onFault={(fault) => setRefused(faultsByField(termFaults(fault)))}
        >
          <AtStake />
          {asked === null ? null : (
            <OrderSummary order={asked.order} type={draft.type} estimate={asked.estimate} instrument={instrument} />
          )}
        </ConfirmDialog>
        <output data-testid="entry-result" className="text-xs empty:hidden">
          {done === null ? null : (
            <>
              <span className="text-good">{t(done.repeated ? 'entry.repeated' : 'entry.placed')}</span>{' '}
              {done.note === null ? null : <span lang="en">{done.note}</span>}
            </>
          )}
        </output>
      </form>
    </Panel>
  );
}
