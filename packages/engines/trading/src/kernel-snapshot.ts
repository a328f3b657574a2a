import type { AccountId } from '@monsta/core';
import type { AccountDesk } from './account-desk.ts';
import type { AccountMonitor } from './account-monitor.ts';
import type { AlgoDesk } from './algo-desk.ts';
import type { Books } from './books.ts';
import type { CommandDesk } from './command-desk.ts';
import type { DivergenceDesk } from './divergence-desk.ts';
import type { Markets } from './markets.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { encodePosition } from './position-record.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { RiskDesk } from './risk.ts';
import type { SlippageBook } from './slippage-book.ts';
import type { StrategyDesk } from './strategy-desk.ts';
import type { StrategyGates } from './strategy-gates.ts';
import type { TradingGate } from './trading-gate.ts';

/** What a kernel is made of, each with a state of its own. */
export interface KernelRooms {
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly books: Books;
  readonly desk: OrderDesk;
  readonly accountDesk: AccountDesk;
  readonly divergences: DivergenceDesk;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly monitor: AccountMonitor;
  readonly commands: CommandDesk;
  readonly risk: RiskDesk;
  readonly protective: ProtectiveDesk;
  readonly algos: AlgoDesk;
  readonly slippage: SlippageBook;
  readonly strategies: StrategyDesk;
}

/** The state of all rooms, as plain data. */
export const roomsState = (rooms: KernelRooms, accountId: AccountId) => ({
  instruments: rooms.markets.instruments(),
  markets: rooms.markets.snapshot(),
  money: rooms.portfolio.money.state,
  positions: rooms.portfolio.positions().map((position) => encodePosition(position, accountId)),
  excursed: rooms.portfolio.excursed,
  orders: rooms.portfolio.inSteps(),
  equity: rooms.books.equity,
  desk: rooms.desk.state,
  seenFills: [...rooms.desk.seenFills],
  seenTransfers: [...rooms.accountDesk.seenTransfers],
  agreedUs: rooms.accountDesk.agreedUs,
  divergences: rooms.divergences.state,
  ignored: rooms.desk.ignored,
  causes: rooms.gate.causes(),
  lifted: rooms.gate.lifted,
  strategyGates: rooms.gates.state,
  monitor: rooms.monitor.state,
  commands: rooms.commands.state,
  risk: rooms.risk.state,
  protective: rooms.protective.state,
  algos: rooms.algos.state,
  slippage: rooms.slippage.state,
  strategies: rooms.strategies.state,
});

/** Brings the rooms of a new kernel to where `roomsState` found them. */
export function restoreRooms(rooms: KernelRooms, state: ReturnType<typeof roomsState>): void {
  rooms.markets.setInstruments(state.instruments);
  rooms.markets.restore(state.markets);
  rooms.portfolio.money.restore(state.money);
  rooms.accountDesk.restore(state.seenTransfers, state.agreedUs);
  rooms.divergences.restore(state.divergences);
  rooms.portfolio.recover(state.positions);
  rooms.portfolio.restoreExcursed(state.excursed);
  for (const { order, instrument } of state.orders) rooms.portfolio.putOrder(order, instrument);
  rooms.books.restore(state.equity);
  rooms.desk.restore(state.desk, state.seenFills);
  rooms.desk.restoreIgnored(state.ignored);
  rooms.gate.restore(state.causes, state.lifted);
  rooms.gates.restore(state.strategyGates);
  rooms.monitor.restore(state.monitor);
  rooms.commands.restore(state.commands);
  rooms.risk.restore(state.risk);
  rooms.protective.restore(state.protective);
  rooms.algos.restore(state.algos);
  rooms.slippage.restore(state.slippage);
  // After the gates: it brings back what its strategies' gates hold for longer.
  rooms.strategies.restore(state.strategies);
}
