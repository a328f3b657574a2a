import type { BarSeries, TimestampUs } from '@monsta/core';
import type { AccountMonitor } from '../account-monitor.ts';
import type { AlgoDesk } from '../algo-desk.ts';
import type { CommandDesk } from '../command-desk.ts';
import type { KeptRecords } from '../kept-records.ts';
import type { KernelConfig, KernelOutput } from '../kernel-types.ts';
import type { Markets } from '../markets.ts';
import type { Portfolio } from '../portfolio.ts';
import type { ProtectiveDesk } from '../protective-desk.ts';
import type { RiskDesk } from '../risk.ts';
import type { StrategyDesk } from '../strategy-desk.ts';
import type { StrategyGates } from '../strategy-gates.ts';
import type { StrategyWatch } from '../strategy-watch.ts';
import type { TradingGate } from '../trading-gate.ts';

/** Bars whose closes a curve follows. A price in ticks times `tickUnits` over `tickPower` is one in the quote asset: by these operations in this order, as everywhere. */
export interface CurveLine {
  readonly series: BarSeries;
  readonly stepUs: number;
  readonly tickUnits: number;
  readonly tickPower: number;
}

/** What the kernel's caller draws with, a point at each close. */
export interface CurvePen {
  add(timeMs: number, equity: number, exposure: number): void;
  /** The closes of the bars from one on and before another, at which that cash and so many coins are held. */
  stretch(line: CurveLine, from: number, to: number, cash: number, coins: number): void;
}

/** How far closes may be let by: bars that stay between these prices, and close at this time at the latest. */
export interface Glide {
  readonly below: number;
  readonly above: number;
  readonly untilUs: number;
}

/** What the short cut looks at, and what it does of the kernel's. */
export interface ClosesParts {
  readonly config: KernelConfig;
  readonly keeps: KeptRecords;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly monitor: AccountMonitor;
  readonly risk: RiskDesk;
  readonly protective: ProtectiveDesk;
  readonly algos: AlgoDesk;
  readonly commands: CommandDesk;
  readonly strategies: StrategyDesk;
  readonly watch: StrategyWatch;
  /** False before the account is there, and where records are kept that the short cut does not make. */
  open(): boolean;
  /** The kernel's clock goes on. */
  passTo(nowUs: TimestampUs): void;
  /** The equity of now is held against every limit, exactly. */
  evaluate(): void;
  /** What is said from here on belongs together. */
  begin(): void;
  /** What follows an input; all that was said since `begin`. */
  end(): readonly KernelOutput[];
}
