import { webcrypto } from 'node:crypto';
import { MonstaError } from '@monsta/client';
import { describe, expect, it } from 'vitest';
import { askedByPerson } from '../lib/asked-by-person.ts';
import { newRequestId } from '../lib/request-id.ts';
import { describeFault, termFaults } from './fault.ts';
import { TokenKeeper } from './token-keeper.ts';

const refusal = (code: string, details: unknown) =>
  new MonstaError({ code, message: 'no', retry: 'permanent', details: { status: 422, details } });

describe('a change that a person asks for', () => {
  it('is refused by risk with rule, limit and actual number', () => {
    const denial = { rule: 'position_max', limit: '10 %', actual: '12 %' };
    expect(describeFault(refusal('order_denied', denial)).denial).toEqual(denial);
    expect(describeFault(refusal('order_denied', { rule: 'x' })).denial).toBeNull();
    expect(describeFault(refusal('order_invalid', denial)).denial).toBeNull();
    expect(describeFault(new Error('x')).denial).toBeNull();
  });

  it('is refused for its terms with the place of each', () => {
    const faults = [{ where: 'limitPrice', message: 'off the tick' }];
    expect(termFaults(refusal('order_invalid', { faults: [...faults, { where: 1 }, null] }))).toEqual(faults);
    expect(termFaults(refusal('order_invalid', undefined))).toEqual([]);
    expect(termFaults(new Error('x'))).toEqual([]);
  });

  it('carries an id of its own, in the form that the server takes', () => {
    const ids = new Set(Array.from({ length: 50 }, () => newRequestId(webcrypto)));
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });

  it('is told in the decision log as who asked for what', () => {
    const wanted = { command: 'cancel-order', actor: 'admin', requestId: 'r', clientOrderId: 'o' };
    expect(askedByPerson(wanted)).toEqual({ command: 'cancel-order', actor: 'admin', terms: { clientOrderId: 'o' } });
    for (const other of [null, 'x', { target: 1 }, { command: 'unheard-of', actor: 'a' }])
      expect(askedByPerson(other)).toBeNull();
  });
});

describe('the admin token of a tab', () => {
  const keeperOf = (held: string | null) => {
    const store = new Map<string, string>(held === null ? [] : [['monsta.adminToken', held]]);
    const sent: (string | null)[] = [];
    const keeper = new TokenKeeper(
      { setToken: (token) => void sent.push(token) },
      {
        getItem: (key) => store.get(key) ?? null,
        setItem: (key, value) => void store.set(key, value),
        removeItem: (key) => void store.delete(key),
      },
    );
    return { keeper, sent };
  };

  it('is one for all dialogs: accepted in one it is held in each, forgotten in one it is gone in each', () => {
    const { keeper, sent } = keeperOf(null);
    const seen: boolean[] = [];
    const end = keeper.subscribe(() => seen.push(keeper.held()));
    keeper.use('typed');
    expect(keeper.held()).toBe(false);
    keeper.accept('typed');
    keeper.forget();
    end();
    keeper.accept('again');
    expect(seen).toEqual([true, false]);
    expect(sent).toEqual([null, 'typed', null]);
  });

  it('is sent as it is held when none is typed', () => {
    const { keeper, sent } = keeperOf('held');
    keeper.use(null);
    expect(sent).toEqual(['held', 'held']);
  });
});
