import { assetId, type Balance } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { atMs, balance, CONFIG, EMPTY, only, running, scripted, startInputs } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import type { DivergenceFound } from './reconcile.ts';

const resume = (ms: number): KernelInput => ({
  kind: 'command',
  tsUs: atMs(ms),
  id: `c${ms}`,
  actor: 'tester',
  action: { kind: 'set-state', state: 'ACTIVE', reason: 'I have looked', flatten: false },
});

const EVERY_MS = 60_000;
const stranger: DivergenceFound = { id: 'unknown_order:web_1', code: 'unknown_order', message: 'x', grade: 'seen' };
const breach: DivergenceFound = { id: 'fills_differ:m1', code: 'fills_differ', message: 'y', grade: 'breach' };

/** One world in which comparisons come one a minute. */
class Comparisons {
  kernel: Kernel = running([scripted([])]);
  ms = 0;
  #last: readonly KernelOutput[] = [];

  /** The codes of what the next comparisons told. */
  next(times: number, found: readonly DivergenceFound[], cash = '10000'): readonly string[] {
    const told: string[] = [];
    for (let time = 0; time < times; time += 1) {
      this.ms += EVERY_MS;
      const plan = { events: [], cancels: [], divergences: found };
      const balances: readonly Balance[] = [balance('USDT', cash)];
      const input: KernelInput = { kind: 'reconcile', tsUs: atMs(this.ms), plan, balances };
      const outputs = this.kernel.handle(input);
      const account = only(outputs, 'account');
      if (account.length > 0) this.#last = account;
      told.push(...only(outputs, 'divergence').map(({ divergence }) => divergence.code));
    }
    return told;
  }

  /** The program is started anew, on what was recorded last. */
  restart(): void {
    const account = only(this.#last, 'account').at(-1)?.account ?? null;
    const kernel = new Kernel(CONFIG, [scripted([])]);
    const state = { ...EMPTY, account, balances: [balance('USDT', '10000')] };
    for (const input of startInputs(this.ms, [balance('USDT', '10000')], state).slice(0, 2)) kernel.handle(input);
    this.kernel = kernel;
  }
}

describe('a divergence', () => {
  test('that a hundred comparisons find is told once', () => {
    const world = new Comparisons();
    expect(world.next(100, [stranger])).toEqual(['unknown_order']);
  });

  test('that was gone and comes back is told once more', () => {
    const world = new Comparisons();
    expect(world.next(50, [stranger])).toEqual(['unknown_order']);
    expect(world.next(1, [])).toEqual([]);
    expect(world.next(50, [stranger])).toEqual(['unknown_order']);
  });

  test('each is a record of its own', () => {
    const kernel = running([scripted([])]);
    const ids = [stranger, null, stranger].flatMap((found, index) => {
      const plan = { events: [], cancels: [], divergences: found === null ? [] : [found] };
      const outputs = kernel.handle({
        kind: 'reconcile',
        tsUs: atMs((index + 1) * EVERY_MS),
        plan,
        balances: [balance('USDT', '10000')],
      });
      return only(outputs, 'divergence').map(({ divergence }) => divergence.id);
    });
    expect(new Set(ids).size).toBe(2);
  });

  test('that stands is not told again after a restart; one that went away meanwhile is, when it is back', () => {
    const world = new Comparisons();
    expect(world.next(2, [stranger])).toEqual(['unknown_order']);
    world.restart();
    expect(world.next(20, [stranger])).toEqual([]);
    world.next(1, []);
    world.restart();
    expect(world.next(20, [stranger])).toEqual(['unknown_order']);
  });

  test('goes on as it stood in a kernel that is restored from a snapshot', () => {
    const world = new Comparisons();
    expect(world.next(1, [stranger, breach])).toEqual(['unknown_order']);
    const strategies = [scripted([])];
    world.kernel = Kernel.restore(JSON.parse(JSON.stringify(world.kernel.snapshot())), CONFIG, strategies);
    expect(world.next(20, [stranger, breach])).toEqual(['fills_differ']);
  });
});

describe('lots that ledger and venue count differently', () => {
  test('in one comparison alone are of two moments, and nothing is said', () => {
    const world = new Comparisons();
    for (let time = 0; time < 10; time += 1) expect([...world.next(1, [breach]), ...world.next(1, [])]).toEqual([]);
    expect(world.kernel.gate.state).toBe('ACTIVE');
  });

  test('in two that follow each other are told once, and only exits are allowed until a person resumes', () => {
    const world = new Comparisons();
    expect(world.next(100, [breach])).toEqual(['fills_differ']);
    expect(world.kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
    world.kernel.handle(resume(world.ms + 1));
    expect(world.next(100, [breach])).toEqual([]);
    expect(world.kernel.gate.state).toBe('ACTIVE');
    world.next(1, []);
    expect(world.next(100, [breach])).toEqual(['fills_differ']);
    expect(world.kernel.gate.state).toBe('REDUCING');
  });
});

describe('a balance that differs', () => {
  test('for a hundred comparisons is told once; where another difference comes later, that is told too', () => {
    const world = new Comparisons();
    expect(world.next(100, [], '9999')).toEqual(['balance_differs']);
    expect(world.next(100, [], '9999')).toEqual([]);
    expect(world.next(100, [], '10000')).toEqual(['balance_differs']);
    expect(world.kernel.account().balances).toEqual([{ ...balance('USDT', '10000'), asset: assetId('USDT') }]);
  });
});
