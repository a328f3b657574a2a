import { internalSubjects, type TradingAction, type TradingCommand } from '@monsta/contracts';
import { expectOk, seededRandom, strategyId, type VenueOrderEvent } from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';
import { openFileJournal, readJournalFiles } from '@monsta/journal-file';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import {
  decodeInput,
  decodeLife,
  defineStrategy,
  JournalReplay,
  Kernel,
  parseParameters,
  type ConfiguredStrategy,
  type KernelOutput,
  type CutOffCall,
  type ReplayDifference,
} from '@monsta/trading';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ACCOUNT, BTC, scripted, World, type Life } from './world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

/** No locks: what is wanted is traded. */
const OPTIONS = { config: { risk: { staleAfterMs: 120_000, lossCooldownMs: 0 } } };

test('the journal of two lives, replayed, gives the same orders and decisions as were recorded', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0, { share: 1, limitPrice: 59_900 }, null, 0, 0])];
  const closes = [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000];
  let life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  for (const [minute, close] of closes.entries()) {
    if (minute === 3) {
      await life.kill();
      life = await world.live(strategies, OPTIONS);
      expectOk(await world.start(life));
    }
    await world.minute(life, close, [close, close - 1]);
  }
  const page = { limit: 1_000, cursor: null };
  const decisions = expectOk(await life.ledger.decisions(ACCOUNT, page)).items;
  const orders = expectOk(await life.ledger.orders(ACCOUNT, page)).items.map(({ value }) => value.clientOrderId);
  await life.kill();

  const { logger } = recordingTelemetry();
  const journal = expectOk(
    await openFileJournal({ directory: join(world.directory, 'journal'), clock: new VirtualClock(), logger }),
  );
  let kernel: Kernel | null = null;
  const outputs: KernelOutput[] = [];
  for await (const record of journal.read(0)) {
    const { payload } = expectOk(record);
    // Each life begins with the ledger's state: another kernel.
    const begun = decodeLife(payload);
    if (begun !== null) kernel = new Kernel(begun.config, strategies);
    const input = decodeInput(payload);
    // Beginnings of lives and records of commands are no inputs.
    if (input === null || kernel === null) continue;
    outputs.push(...kernel.handle(input));
  }
  await journal.close();
  expect(outputs.flatMap((output) => (output.kind === 'decision' ? [output.decision] : [])).toReversed()).toEqual(
    decisions,
  );
  expect(
    outputs.flatMap((output) => (output.kind === 'submit' ? [output.request.clientOrderId] : [])).toReversed(),
  ).toEqual(orders);
  expect(orders).toHaveLength(4);
});

/** Runs the journal of a world again; `change` may tamper with a record before. */
async function replayed(
  world: World,
  strategies: Parameters<World['live']>[0],
  change: (payload: unknown, sequence: number) => unknown = (payload) => payload,
  cutOffs: readonly (CutOffCall | null)[] = [],
) {
  const replay = new JournalReplay();
  let difference: ReplayDifference | null = null;
  for await (const record of readJournalFiles(join(world.directory, 'journal'))) {
    const { sequence, payload } = expectOk(record);
    const given = change(payload, sequence);
    const life = decodeLife(given);
    if (life === null) difference ??= replay.take(sequence, given);
    else replay.begin(life, strategies, cutOffs[replay.counts.lives] ?? null);
  }
  replay.finish();
  return { difference, counts: replay.counts };
}

test('a run with kills comes out again, command for command; a journal or a strategy that was tampered with does not', async () => {
  const world = new World();
  worlds.push(world);
  const wishes = [1, 0, { share: 1, limitPrice: 59_900 }, 0, 1, 0] as const;
  const strategies = [scripted(wishes)];
  let life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  for (const [minute, close] of [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000].entries()) {
    if (minute === 2 || minute === 4) {
      await life.kill();
      life = await world.live(strategies, OPTIONS);
      expectOk(await world.start(life));
    }
    await world.minute(life, close, [close, close - 1]);
  }
  await life.kill();

  const same = await replayed(world, strategies);
  expect(same.difference).toBeNull();
  expect(same.counts).toMatchObject({ lives: 3, unchecked: 0, gaps: 0 });
  expect(same.counts.commands).toBeGreaterThan(3);

  const otherStrategy = await replayed(world, [scripted([0.5, ...wishes.slice(1)])]);
  expect(otherStrategy.difference).toMatchObject({ input: 'market', recorded: [{ kind: 'submit' }] });

  const isClosedBar = (payload: unknown): boolean => JSON.stringify(payload).includes('"kind":"bar"');
  let bars = 0;
  const withoutABar = await replayed(world, strategies, (payload) => {
    if (!isClosedBar(payload)) return payload;
    bars += 1;
    return bars === 1 ? { kind: 'tick', tsUs: (payload as { tsUs: number }).tsUs } : payload;
  });
  expect(withoutABar.difference).toMatchObject({ recorded: [{ kind: 'submit' }], replayed: null });

  const withoutACommand = await replayed(world, strategies, (payload, sequence) =>
    (payload as { kind: string }).kind === 'commands' ? { kind: 'tick', tsUs: sequence } : payload,
  );
  expect(withoutACommand.difference).toMatchObject({ recorded: null, replayed: [{ kind: 'submit' }] });
});

test('what the journal no longer holds the beginning of, or could not be written, is said and not compared', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0])];
  const life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  await world.minute(life, 6_000_000, [6_000_000, 5_999_999]);
  await life.kill();
  const headless = await replayed(world, strategies, (payload) => (decodeLife(payload) === null ? payload : {}));
  expect(headless.counts).toMatchObject({ lives: 0, inputs: 0 });
  expect(headless.counts.unchecked).toBeGreaterThan(3);
  const gap = await replayed(world, strategies, (payload, sequence) => (sequence === 4 ? { kind: 'gap' } : payload));
  expect(gap.difference).toBeNull();
  expect(gap.counts).toMatchObject({ lives: 1, gaps: 1 });
});

/** A line to the venue that tells some things twice, and others only after what came later. */
function badLine(seed: number): { wrap(venue: ExecutionVenue): ExecutionVenue } {
  const random = seededRandom(seed);
  return {
    wrap: (venue) =>
      new Proxy(venue, {
        get(target, name) {
          if (name === 'onEvent')
            return (listener: (event: VenueOrderEvent) => void) => {
              let late: VenueOrderEvent | null = null;
              target.onEvent((event) => {
                const kept = late;
                late = null;
                if (kept === null && random.integer(3) === 0) late = event;
                else listener(event);
                if (random.integer(3) === 0) listener(event);
                if (kept !== null) listener(kept);
              });
            };
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
  };
}

const LIMIT_MAKER = {
  requestId: null,
  instrument: 'BTCUSDT',
  side: 'buy',
  type: 'limit_maker',
  timeInForce: 'gtc',
  quantity: '0.001',
  stopPrice: null,
  stopLimitPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  exit: null,
  reason: 'by hand',
} as const;

const variable = (): ConfiguredStrategy => {
  const definition = defineStrategy({
    name: 'variable',
    parameters: { share: { kind: 'number', default: 0.2, min: 0, max: 1 } },
    intervals: () => ['1m'],
    state: () => ({ bars: 0 }),
    onBar({ bar, parameters, state, setTarget }) {
      state.bars += 1;
      const rests = state.bars % 3 === 0 ? { limitPrice: bar.close * 0.999 } : {};
      setTarget(state.bars % 2 === 0 ? parameters.share : 0, rests);
    },
  });
  const parameters = expectOk(parseParameters(definition, null));
  return { id: strategyId('variable'), definition, parameters, instruments: [BTC.id] };
};

test('a run with gaps in the feed, late and doubled events, a refused order, crashes amid orders, a strategy cut off and a person at work comes out again', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0, 1, 0.3, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]), variable()];
  // The fifth life hangs: its strategy never returns from the third call, which ends it.
  const hangs = { strategyIndex: 1, handler: 'onBar', call: 3 } as const;
  const watch = () => {
    let calls = 0;
    return {
      enter() {
        calls += 1;
        if (calls === hangs.call) throw new Error('the thread is ended here');
      },
      leave: () => undefined,
    };
  };
  const failure = { message: 'onBar had not returned', file: null, line: null };
  const cutOff = { life: { cutOff: hangs }, cutOff: [{ strategyId: strategyId('variable'), failure }] };
  const lives: readonly Parameters<World['live']>[1][] = [
    { cut: { step: 'event', call: 2, when: 'before' } },
    { cut: { step: 'submit', call: 1, when: 'before' } },
    { cut: { step: 'commit', call: 6, when: 'after' } },
    { cut: { step: 'paper-sync', call: 2, when: 'before' } },
    { watch: watch() },
    cutOff,
  ];
  let number = 0;
  const next = async (): Promise<Life> => {
    const begun = await world.live(strategies, { ...OPTIONS, shared: badLine(number), ...lives[number] });
    number += 1;
    expectOk(await world.start(begun));
    return begun;
  };
  let life = await next();
  let asked = 0;
  const ask = async (action: TradingAction): Promise<void> => {
    asked += 1;
    const command: TradingCommand = { id: `c${asked}`, actor: 'ann', action };
    expectOk(life.stream.publish(internalSubjects.tradingCommands, command, { tsEventUs: world.tape.clock.nowUs() }));
    await world.quiet(life);
  };
  for (let minute = 0; minute < 40; minute += 1) {
    if (life.power.off || life.fatal.length > 0) {
      await life.kill();
      life = await next();
    }
    const close = 6_000_000 + (((minute * 7) % 5) - 2) * 3_000;
    if (minute % 8 === 3) world.tape.publishFeed(life.stream, 'stale');
    await world.minute(life, close, [close, close - 1]);
    if (life.power.off || life.fatal.length > 0) continue;
    if (minute % 8 === 3) world.tape.publishFeed(life.stream, 'live');
    // Above the best offer it would take, and is refused by the exchange.
    if (minute % 3 === 0) await ask({ kind: 'place-order', order: { ...LIMIT_MAKER, limitPrice: '60500' } });
    if (minute % 4 === 1) await ask({ kind: 'place-order', order: { ...LIMIT_MAKER, limitPrice: '59800' } });
    const id = strategyId('variable');
    if (minute % 9 === 2)
      await ask({ kind: 'set-parameters', strategyId: id, parameters: { share: 0.1 + minute / 100 } });
    if (minute % 10 === 5) await ask({ kind: 'set-strategy', strategyId: id, state: 'paused', reason: 'lunch' });
    if (minute % 10 === 6) await ask({ kind: 'set-strategy', strategyId: id, state: 'running', reason: 'back' });
    if (minute === 33) await ask({ kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: true });
    if (minute === 35) await ask({ kind: 'set-state', state: 'ACTIVE', reason: 'go on', flatten: false });
  }
  const orders = expectOk(await life.ledger.orders(ACCOUNT, { limit: 1_000, cursor: null })).items;
  await life.kill();
  expect(number).toBe(lives.length);
  const codes = new Set(orders.map(({ value }) => value.reasonCode));
  expect(codes).toContain('would_match_immediately');
  const cutOffs = [null, null, null, null, hangs, null];
  const again = await replayed(world, strategies, undefined, cutOffs);
  expect(again.difference).toBeNull();
  expect(again.counts).toMatchObject({ lives: lives.length, stuck: 1, unchecked: 0, gaps: 0 });
  expect(again.counts.commands).toBeGreaterThan(20);
}, 60_000);
