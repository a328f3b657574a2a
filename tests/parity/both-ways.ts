import { createHash } from 'node:crypto';
import { aiTradingConfigSchema, kernelConfigOf } from '@monsta/ai-trading/config';
import { encodeBar, encodeBook, encodeQuote, encodeTrade, topics } from '@monsta/contracts';
import {
  expectOk,
  ok,
  US_PER_MS,
  type FeedState,
  type Fill,
  type Instrument,
  type MarketEvent,
  type Result,
} from '@monsta/core';
import type { EventStream, Ledger, MarketHistory, Page, PageRequest } from '@monsta/ports';
import { hashRun, runTape, type RunRecords, type TapeInput } from '@monsta/simulation';
import type { ConfiguredStrategy, DecisionRecord } from '@monsta/trading';
import { accountOptions } from '@monsta/venue-paper';
import { paperVenueConfigSchema } from '@monsta/venue-paper/config';
import { ACCOUNT, Tape, World } from '../integration/trading/world.ts';
import { START_US, type TapeEvent } from './generated-tape.ts';

export interface Run {
  readonly tape: readonly TapeEvent[];
  readonly instruments: readonly Instrument[];
  /** Anew for each way: a strategy may keep things beside its state. */
  strategies(): readonly ConfiguredStrategy[];
  /** Of the trading role, and of the paper venue. */
  readonly role?: object;
  readonly paper?: object;
}

const DEPTH = 20;
const ROLE = { risk: { staleAfterMs: 120_000 }, silentAfterMs: 3_600_000, bookEveryMs: 100, bookDepth: DEPTH };
const PAPER = { quoteAgeMsMax: 120_000 };

const feedOf = ({ id }: Instrument): FeedState => ({
  ...{ kind: 'feed', instrument: id, status: 'live', reason: null, tsEventUs: START_US, tsInitUs: START_US },
});

const roleOf = (run: Run) => aiTradingConfigSchema.parse({ ...ROLE, ...run.role });

/** The loop alone, as a backtest runs it. */
export function byLoop(run: Run): RunRecords {
  const role = roleOf(run);
  const input = (event: MarketEvent): TapeInput => ({ kind: 'market', tsUs: event.tsInitUs, event });
  return runTape({
    config: kernelConfigOf(role, ACCOUNT, null),
    strategies: run.strategies(),
    instruments: run.instruments,
    account: accountOptions(paperVenueConfigSchema.parse({ ...PAPER, ...run.paper })),
    startUs: START_US,
    tickUs: role.tickMs * US_PER_MS,
    bookEveryMs: role.bookEveryMs,
    tape: [...run.instruments.map(feedOf), ...run.tape].map(input),
  });
}

function historyOf(instruments: readonly Instrument[], tape: Tape): MarketHistory {
  return {
    ...tape.history(),
    instruments: () => Promise.resolve(ok(instruments)),
    feeds: () => Promise.resolve(ok(instruments.map(feedOf))),
    bars: () => Promise.resolve(ok([])),
  };
}

function publish(stream: EventStream, event: TapeEvent, instruments: readonly Instrument[]): void {
  const instrument = instruments.find(({ id }) => id === event.instrument);
  if (instrument === undefined) throw new RangeError(`${event.instrument} is not on the tape`);
  const { id } = instrument;
  const [subject, payload] =
    event.kind === 'trade'
      ? [topics.trades(id), encodeTrade(event, instrument)]
      : event.kind === 'quote'
        ? [topics.quotes(id), encodeQuote(event, instrument)]
        : event.kind === 'bar'
          ? [topics.bars(id, event.interval), encodeBar(event, instrument)]
          : [topics.book(id), encodeBook(event, instrument, DEPTH)];
  expectOk(stream.publish(subject, payload, { tsEventUs: event.tsEventUs }));
}

/** All of a paged list of the ledger, which gives the newest first; oldest first. */
async function allOf<T>(
  read: (page: PageRequest) => Promise<Result<Page<T>>>,
  cursor: string | null = null,
): Promise<readonly T[]> {
  const { items, nextCursor } = expectOk(await read({ limit: 500, cursor }));
  const older = nextCursor === null ? [] : await allOf(read, nextCursor);
  return [...older, ...items.toReversed()];
}

async function recordsOf(ledger: Ledger): Promise<RunRecords> {
  const orders = await allOf((page) => ledger.orders(ACCOUNT, page));
  const decisions = await allOf((page) => ledger.decisions(ACCOUNT, page));
  const fills: Fill[] = [];
  for await (const fill of ledger.allFills(ACCOUNT)) fills.push(expectOk(fill).value);
  return { orders: orders.map(({ value }) => value), fills, decisions: decisions as readonly DecisionRecord[] };
}

/** The trading role with its ledger, its journal, the event stream and the paper venue, all on real files, under a virtual clock. */
export async function byRole(run: Run): Promise<RunRecords> {
  const market = new Tape();
  const world = new World(market);
  const { clock } = market;
  try {
    const life = await world.live(run.strategies(), {
      config: { ...ROLE, ...run.role },
      paper: { ...PAPER, ...run.paper },
      history: historyOf(run.instruments, market),
    });
    expectOk(await world.start(life));
    await world.quiet(life);
    for (let at = 0; at < run.tape.length;) {
      const dueUs = run.tape[at]?.tsInitUs ?? START_US;
      // Not in leaps: what is decided on a tick is sent and answered before the next.
      while (clock.nowUs() < dueUs) {
        await clock.advance(Math.min(dueUs - clock.nowUs(), 1_000_000) / US_PER_MS);
        await world.quiet(life);
      }
      for (let event = run.tape[at]; event?.tsInitUs === dueUs; event = run.tape[at]) {
        publish(life.stream, event, run.instruments);
        at += 1;
      }
      await world.quiet(life);
    }
    if (life.fatal.length > 0) throw new Error(`the role has failed: ${JSON.stringify(life.fatal)}`);
    const records = await recordsOf(life.ledger);
    await life.kill();
    return records;
  } finally {
    world.remove();
  }
}

export const sha256Of = (records: RunRecords): string => hashRun(records, createHash('sha256')).digest('hex');
