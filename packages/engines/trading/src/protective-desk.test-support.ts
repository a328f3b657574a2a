import { price, quantity, type ClientOrderId, type Fill, type VenueOrderEvent } from '@monsta/core';
import {
  atMs,
  barInput,
  BTC,
  CONFIG,
  money,
  quoteInput,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import type { PlannedStop } from './exit-plan.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput } from './kernel-types.ts';
import type { ConfiguredStrategy } from './strategy.ts';

const STOPPED: PlannedStop = { price: null, distancePpm: 20_000, limitOffsetPpm: 5_000, trailingBps: null };
export const GUARDED: KernelConfig = { ...CONFIG, exitPlan: { stop: STOPPED, takeProfit: null } };
/** With a take profit 3 % above what was paid. */
export const BRACKETED: KernelConfig = {
  ...CONFIG,
  exitPlan: { stop: STOPPED, takeProfit: { price: null, distancePpm: 30_000 } },
};
/** With a stop that follows the market 2 % below its highest price. */
export const TRAILED: KernelConfig = {
  ...CONFIG,
  exitPlan: { stop: { ...STOPPED, distancePpm: null, trailingBps: 200 }, takeProfit: null },
};
/** What a target of 1 buys at 60,000. */
export const LOTS = 1_583;
export const STOP = {
  type: 'stop_loss_limit',
  side: 'sell',
  stopPrice: 5_880_000,
  limitPrice: 5_850_600,
  reduceOnly: true,
};

const COMMANDS: ReadonlySet<KernelOutput['kind']> = new Set([
  'submit',
  'submit-list',
  'cancel',
  'cancel-list',
  'replace',
]);

/** A kernel and what it asked of the venue, with a clock that goes on by itself. */
export class Desk {
  kernel: Kernel;
  readonly strategies: readonly ConfiguredStrategy[];
  readonly asked: KernelOutput[] = [];
  /** All that the kernel said. */
  readonly said: KernelOutput[] = [];
  ms = 60_001;
  #fills = 0;

  constructor(
    targets: readonly (number | null)[],
    config = GUARDED,
    limitPrice?: number,
    own: Partial<ConfiguredStrategy> = {},
  ) {
    this.strategies = [{ ...scripted(targets, 'scripted', limitPrice), ...own }];
    this.kernel = new Kernel(config, this.strategies);
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      this.said.push(...this.kernel.handle(input));
    this.give(barInput(0, 6_000_000));
  }

  give(input: KernelInput): readonly KernelOutput[] {
    const outputs = this.kernel.handle(input);
    this.said.push(...outputs);
    this.asked.push(...outputs.filter(({ kind }) => COMMANDS.has(kind)));
    return outputs;
  }

  /** What was asked last: a submit or a replacement. */
  get last(): { readonly id: ClientOrderId; readonly kind: string } {
    const output = this.asked.at(-1);
    if (output?.kind === 'submit' || output?.kind === 'replace')
      return { id: output.request.clientOrderId, kind: output.kind };
    if (output?.kind === 'cancel') return { id: output.clientOrderId, kind: 'cancel' };
    throw new Error('nothing was asked');
  }

  tell(event: VenueOrderEvent): readonly KernelOutput[] {
    this.ms += 1;
    return this.give(venueInput(this.ms, event));
  }

  accept(id = this.last.id): readonly KernelOutput[] {
    const venueOrderId = `v${id}` as Fill['venueOrderId'];
    return this.tell({ kind: 'order-accepted', clientOrderId: id, venueOrderId, tsEventUs: atMs(this.ms) });
  }

  cancel(id: ClientOrderId): readonly KernelOutput[] {
    return this.tell({ kind: 'order-canceled', clientOrderId: id, reason: 'asked', tsEventUs: atMs(this.ms) });
  }

  reject(code: string, id = this.last.id): readonly KernelOutput[] {
    return this.tell({ kind: 'order-rejected', clientOrderId: id, code, reason: code, tsEventUs: atMs(this.ms) });
  }

  fill(lots: number, at = 6_000_000, id = this.last.id): readonly KernelOutput[] {
    const order = this.kernel.workingOrders().find(({ clientOrderId }) => clientOrderId === id);
    if (order === undefined) throw new Error(`${id} does not work`);
    this.#fills += 1;
    const fill: Fill = {
      fillId: `f${this.#fills}` as Fill['fillId'],
      clientOrderId: id,
      venueOrderId: `v${id}` as Fill['venueOrderId'],
      strategyId: order.strategyId,
      instrument: order.instrument,
      side: order.side,
      price: price(at),
      quantity: quantity(lots),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: atMs(this.ms),
    };
    return this.tell({ kind: 'order-filled', fill, tsEventUs: atMs(this.ms) });
  }

  tick(ms: number): readonly KernelOutput[] {
    this.ms = Math.max(this.ms, ms);
    return this.give({ kind: 'tick', tsUs: atMs(this.ms) });
  }

  trade(ms: number, at: number): readonly KernelOutput[] {
    this.ms = Math.max(this.ms, ms);
    return this.give(tradeInput(ms, at));
  }

  get protection() {
    return this.kernel.positions()[0]?.protection;
  }
}

/** Holds what a target of 1 buys, with its stop resting. */
export function guarded(targets: readonly (number | null)[] = [1]): Desk {
  const desk = new Desk(targets);
  desk.accept();
  desk.fill(LOTS);
  desk.accept();
  return desk;
}
export const requestOf = (desk: Desk): unknown => {
  const output = desk.asked.at(-1);
  return output?.kind === 'submit' || output?.kind === 'replace' ? output.request : null;
};
