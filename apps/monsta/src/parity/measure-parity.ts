import {
  addAmounts,
  commonBase,
  err,
  intervalMs,
  msFromUs,
  ok,
  type Amount,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { compareTrades, type ParityComparison } from '@monsta/simulation';
import { Backtest, Trades } from '@monsta/simulation/backtest';
import { JournalReplay, type ConfiguredStrategy, type Kernel, type LifeRecord } from '@monsta/trading';
import { livesOf, replayJournal, strategiesOf } from '../replay/replay-journal.ts';
import { JournalMarket } from './journal-market.ts';

export interface ParityOptions {
  /** What a taker is taken to pay over the open, parts per million; a bar has no spread. */
  readonly slippagePpm: number;
}

export interface ParityReport extends ParityComparison {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: Interval;
  readonly instruments: readonly InstrumentId[];
  /** Bars that the backtest was run on, those before the beginning included. */
  readonly bars: number;
  readonly runTrades: number;
  readonly backtestTrades: number;
  /** What the backtest takes for granted, and what may make the two differ beside the fills. */
  readonly notes: readonly string[];
}

const KEEPS = { decisions: 'denials', ledger: false } as const;
const CLOSES_PER_STEP = 5_000;

/**
 * Holds what a journal's run traded against a backtest of the same bars: the same strategies, parameters, limits and first cash, orders filled at the next open as a backtest fills them.
 * Faults: as of `replayJournal`; `parity_differs` where the journal is not what the program does; `parity_no_bars`, `parity_no_beginning`, `parity_steps_changed`.
 */
export async function measureParity(directory: string, options: ParityOptions): Promise<Result<ParityReport>> {
  const lives = await livesOf(directory);
  if (!lives.ok) return lives;
  const life = [...lives.value.values()].at(-1);
  if (life === undefined) return err('replay_no_beginning', 'the journal holds no life');
  const strategies = await strategiesOf(life, -1);
  if (!strategies.ok) return strategies;
  const market = new JournalMarket();
  const traded = new Trades((life.config.short ?? null) !== null);
  let kernel: Kernel | null = null;
  const replay = new JournalReplay({
    keeps: KEEPS,
    heard(input, outputs, now) {
      kernel = now;
      market.saw(input, outputs);
      for (const output of outputs) traded.heard(output);
    },
  });
  const replayed = await replayJournal(directory, replay);
  if (!replayed.ok) return replayed;
  if (replayed.value.difference !== null) {
    const { sequence } = replayed.value.difference;
    return err('parity_differs', `the replay differs from the run at record ${sequence}: see monsta replay`);
  }
  const played = backtestOf(life, strategies.value, market, options);
  if (!played.ok || kernel === null) return played.ok ? err('parity_no_beginning', NO_BEGINNING) : played;
  const { backtest, interval, instruments, bars, notes } = played.value;
  const outcome = backtest.outcome();
  const run = traded.asOfNow(kernel, () => outcome.curve.timeMs.subarray(1))();
  return ok({
    ...compareTrades(run, outcome.trades, intervalMs(interval)),
    fromMs: outcome.startMs,
    toMs: market.toUs === null ? outcome.endMs : msFromUs(market.toUs),
    interval,
    instruments,
    bars,
    runTrades: run.length,
    backtestTrades: outcome.trades.length,
    notes: [...notes, ...(lives.value.size > 1 ? [`${lives.value.size} lives: a backtest knows no restarts`] : [])],
  });
}

const NO_BEGINNING = 'the journal does not hold when trading began, with the balances of then';

interface Played {
  readonly backtest: Backtest;
  readonly interval: Interval;
  readonly instruments: readonly InstrumentId[];
  readonly bars: number;
  readonly notes: readonly string[];
}

function backtestOf(
  { config }: LifeRecord,
  strategies: readonly ConfiguredStrategy[],
  market: JournalMarket,
  { slippagePpm }: ParityOptions,
): Result<Played> {
  const { fromUs, balances } = market;
  if (fromUs === null || balances === null) return err('parity_no_beginning', NO_BEGINNING);
  const wanted = strategies.flatMap(({ definition, parameters }) => definition.intervals(parameters));
  const interval = commonBase(wanted);
  if (interval === null) return err('parity_no_bars', 'no strategy of the run looks at bars');
  const instruments = [...new Set(strategies.flatMap((strategy) => strategy.instruments))];
  const series = market.series(instruments, interval);
  if (!series.ok) return series;
  const feePpm = market.feePpm ?? 0;
  const cash = balances.find(({ asset }) => asset === config.quoteAsset);
  const free: Amount = cash === undefined ? (0n as Amount) : addAmounts(cash.free, cash.locked);
  const backtest = new Backtest({
    config,
    strategies,
    account: {
      rules: { ...DEFAULT_BAR_RULES, interval, slippage: { kind: 'rate', ppm: slippagePpm } },
      fees: { makerPpm: feePpm, takerPpm: feePpm },
      feesFrom: market.feesInBase ? 'received' : 'quote',
      balances: [{ asset: config.quoteAsset, free }],
    },
    series: series.value,
    fromMs: msFromUs(fromUs),
    endOfData: 'mark',
    records: 'trades',
  });
  while (backtest.step(CLOSES_PER_STEP));
  const notes = [
    `orders of the backtest fill at the next open of ${interval} bars, ${slippagePpm / 100} basis points to the worse`,
    `fees of ${feePpm / 100} basis points, which is what the run's fills cost on average`,
    'what persons ordered by hand is in the run alone',
  ];
  const bars = series.value.reduce((sum, { length }) => sum + length, 0);
  return ok({ backtest, interval, instruments, bars, notes });
}
