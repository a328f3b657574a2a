import type { ExchangeModel, TradingModel } from '@monsta/binance-server';
import {
  accountId,
  assetId,
  instrumentId,
  parseAmount,
  expectOk,
  price,
  quantity,
  usFromMs,
  type InstrumentId,
  type TimestampUs,
} from '@monsta/core';
import type { Execution, ExecutionReport, NewOrder, OrderView } from '@monsta/matching';
import type { Clock, Logger } from '@monsta/ports';
import { createSimulatedExchange } from './simulated-exchange.ts';

export const BTC = instrumentId('BTCUSDT');
const USER = accountId('user');

/** A clock that stands where it is set; timers on it never run, so that nothing happens but what is asked for. */
export class SetClock implements Clock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowUs(): TimestampUs {
    return usFromMs(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(): { cancel(): void } {
    return { cancel: () => undefined };
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

type Terms = Pick<NewOrder, 'side' | 'type'> & {
  readonly lots: number;
  readonly ticks?: number;
  readonly timeInForce?: 'gtc' | 'ioc';
};

/** A live market with one user who has plenty of everything. */
export class LiveMarket {
  readonly model: ExchangeModel;
  readonly trading: TradingModel;
  readonly clock: SetClock;
  /** Reports of the user's orders. */
  readonly reports: ExecutionReport[] = [];

  constructor(startMs: number, seed: number, instruments: readonly InstrumentId[], logger?: Logger) {
    this.clock = new SetClock(startMs);
    this.model = createSimulatedExchange({
      seed,
      clock: this.clock,
      instruments,
      ...(logger === undefined ? {} : { logger }),
    });
    const { trading } = this.model;
    if (trading === null) throw new Error('the simulated exchange takes orders');
    this.trading = trading;
    const free = expectOk(parseAmount('1000000000'));
    trading.exchange.addAccount(USER, {
      balances: ['BTC', 'USDT'].map((asset) => ({ asset: assetId(asset), free })),
    });
    trading.listen({
      onReport: (report) => {
        if (report.account === USER) this.reports.push(report);
      },
      onTrade: () => undefined,
      onBest: () => undefined,
      onListStatus: () => undefined,
      onAccount: () => undefined,
    });
  }

  pass(ms: number): void {
    this.clock.pass(ms);
    this.trading.advance();
  }

  place({ side, type, lots, ticks, timeInForce }: Terms): OrderView {
    this.trading.advance();
    const placed = this.trading.exchange.place(
      {
        account: USER,
        symbol: BTC,
        side,
        type,
        quantity: quantity(lots),
        price: ticks === undefined ? null : price(ticks),
        timeInForce: type === 'LIMIT' ? (timeInForce ?? 'gtc') : null,
        quoteOrderQuantity: null,
        stopPrice: null,
        trailingDelta: null,
        icebergQuantity: null,
        clientOrderId: null,
        selfTradeMode: null,
        strategyId: null,
        strategyType: null,
      },
      this.model.nowUs(),
    );
    if (!placed.ok) throw new Error(placed.fault.message);
    return placed.value;
  }

  /** The status of one of the user's orders, by what was last told of it. */
  statusOf({ orderId }: OrderView): OrderView['status'] | null {
    return this.reports.findLast((report) => report.orderId === orderId)?.status ?? null;
  }

  /** The user's fills so far. */
  fills(): readonly Execution[] {
    return this.reports.map(({ execution }) => execution).filter((execution) => execution !== null);
  }

  bid(): number {
    return this.model.quote(BTC)?.bidPrice ?? 0;
  }

  ask(): number {
    return this.model.quote(BTC)?.askPrice ?? 0;
  }

  mid(): number {
    return (this.bid() + this.ask()) / 2;
  }
}
