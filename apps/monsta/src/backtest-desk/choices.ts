import { statSync } from 'node:fs';
import type { BacktestChoices, BacktestSource, BacktestStrategy } from '@monsta/contracts';
import { err, INTERVALS, msFromUs, ok, type Result } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import { strategyFile } from '../strategies/source.ts';
import { Places } from './places.ts';
import type { RemoteShelf } from './shelf-protocol.ts';

/** More bars than any history holds. */
const ALL = 10_000_000;

/** Which writing of a file it is: the module of another one is not taken for it. */
export function instanceOf(strategy: string): number {
  const path = strategyFile(strategy);
  return path === null ? 0 : Math.trunc(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

/** What a backtest over REST may be of, with each strategy looked at once for each time that it was written. */
export class ChoiceList {
  readonly #places: Places;
  readonly #shelf: Pick<RemoteShelf, 'describe' | 'catalogue'>;
  readonly #history: MarketHistory;
  readonly #known = new Map<string, { readonly instance: number; readonly choice: BacktestStrategy }>();

  constructor(places: Places, shelf: Pick<RemoteShelf, 'describe' | 'catalogue'>, history: MarketHistory) {
    this.#places = places;
    this.#shelf = shelf;
    this.#history = history;
  }

  async all(): Promise<Result<BacktestChoices>> {
    const names = this.#places.strategies();
    const strategies: BacktestStrategy[] = [];
    for (const from of ['shipped', 'configured', 'file'] as const) {
      const list = from === 'file' ? names.files : names[from];
      for (const name of list) strategies.push(await this.#strategy(name, from));
    }
    const files = this.#places.dataFiles();
    const catalogue = await this.#shelf.catalogue();
    if (!catalogue.ok) return err('backtest_unreadable', catalogue.fault.message, { retry: 'retryable' });
    return ok({
      strategies,
      sources: [...(await this.#collected()), ...catalogue.value, ...files.map(fileSource)],
      truncated: files.length === Places.listedMax || names.files.length === Places.listedMax,
    });
  }

  async #strategy(name: string, from: BacktestStrategy['from']): Promise<BacktestStrategy> {
    const strategy = this.#places.strategy(name);
    const nothing = { strategy: name, from, description: null, parameterSpecs: null };
    if (!strategy.ok) return { ...nothing, fault: strategy.fault };
    const instance = instanceOf(strategy.value);
    const known = this.#known.get(name);
    if (known?.instance === instance) return known.choice;
    const face = await this.#shelf.describe(strategy.value, instance);
    const { code, message } = face.ok ? { code: '', message: '' } : face.fault;
    const choice: BacktestStrategy = face.ok
      ? { strategy: name, from, ...face.value, fault: null }
      : { ...nothing, fault: { code, message } };
    this.#known.set(name, { instance, choice });
    return choice;
  }

  async #collected(): Promise<readonly BacktestSource[]> {
    const instruments = await this.#history.instruments();
    // At the very start nothing is collected yet.
    if (!instruments.ok) return [];
    const sources: BacktestSource[] = [];
    for (const { id } of instruments.value) {
      for (const interval of INTERVALS) {
        const bars = await this.#history.bars({ instrument: id, interval, limit: ALL, beforeUs: null });
        const closed = bars.ok ? bars.value.filter((bar) => bar.closed) : [];
        const [first] = closed;
        const last = closed.at(-1);
        if (first === undefined || last === undefined) continue;
        const [startMs, endMs] = [msFromUs(first.openTimeUs), msFromUs(last.closeTimeUs)];
        sources.push({
          kind: 'collected',
          market: null,
          instrument: id,
          interval,
          path: null,
          bars: closed.length,
          startMs,
          endMs,
        });
      }
    }
    return sources;
  }
}

const fileSource = (path: string): BacktestSource => ({
  ...{ kind: 'file', market: null, path, instrument: null, interval: null, bars: null, startMs: null, endMs: null },
});
