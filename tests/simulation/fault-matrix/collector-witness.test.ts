import type { BookSnapshot, MarketEvent } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { FaultName, Moment } from './cells.ts';
import { runCollectorCase, type Mutation } from './collector-case.ts';

/** What the witness says of a client that is wrong in this way. */
async function saidOf(fault: FaultName, moment: Moment, mutation: Mutation): Promise<string> {
  const { violations } = await runCollectorCase(7, { client: 'collector', fault, moment }, mutation);
  return violations.join('\n');
}

/** A number that counts events of a kind from 1. */
function counted(kind: MarketEvent['kind']): (event: MarketEvent) => number {
  let count = 0;
  return (event) => (event.kind === kind ? (count += 1) : 0);
}

describe('a client is found out that', { timeout: 60_000 }, () => {
  it('loses a trade and says nothing', async () => {
    const trades = counted('trade');
    const said = await saidOf('delay', 'before', { events: (event) => (trades(event) === 10 ? [] : [event]) });
    expect(said).toMatch(/trade \d+ is missing and nobody said so/);
  });

  it('tells a trade twice', async () => {
    const trades = counted('trade');
    const said = await saidOf('delay', 'before', {
      events: (event) => (trades(event) === 10 ? [event, event] : [event]),
    });
    expect(said).toMatch(/trade (\d+) came after trade \1/);
  });

  it('tells a trade otherwise than it was', async () => {
    const trades = counted('trade');
    const events = (event: MarketEvent): readonly MarketEvent[] =>
      event.kind === 'trade' && trades(event) === 10 ? [{ ...event, buyerIsMaker: !event.buyerIsMaker }] : [event];
    expect(await saidOf('delay', 'before', { events })).toMatch(/trade \d+ is not as it was traded/);
  });

  it('does not say that trades remain missing', async () => {
    const events = (event: MarketEvent): readonly MarketEvent[] =>
      event.kind === 'feed' && event.status === 'gap' ? [] : [event];
    expect(await saidOf('fail', 'repair', { events })).toMatch(/trade \d+ is missing and nobody said so/);
  });

  it('calls itself live while it is not', async () => {
    const events = (event: MarketEvent): readonly MarketEvent[] =>
      event.kind === 'feed' && event.status !== 'ended' ? [{ ...event, status: 'live', reason: null }] : [event];
    expect(await saidOf('freeze-connection', 'calm', { events })).toMatch(/live/);
  });

  it('gives out a book that has fallen behind as if it were in step', async () => {
    let kept: BookSnapshot | null = null;
    // Of the best level alone nothing is told.
    const book = (given: BookSnapshot | null): BookSnapshot | null =>
      given === null || given.bids.length < 2 ? given : (kept ??= given);
    expect(await saidOf('delay', 'before', { book })).toMatch(/with a book that stands still/);
  });

  it('gives out a book with a level that is not there', async () => {
    const book = (given: BookSnapshot | null): BookSnapshot | null =>
      given === null ? null : { ...given, bids: given.bids.slice(1) };
    expect(await saidOf('delay', 'before', { book })).toMatch(/the book at update \d+ is not as it was/);
  });
});
