import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '@monsta/core';
import type { Logger } from '@monsta/ports';
import { onTestFinished } from 'vitest';

/** A file that is gone after the running test. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-replay-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const gzipped = (text: string): Uint8Array => gzipSync(text);

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const RECORDER_LAG_MS = 1_260;

export interface GeneratedRecording {
  readonly lines: readonly string[];
  /** Payloads as they stand in the file, in order, by stream. */
  readonly payloads: { readonly trade: string[]; readonly bookTicker: string[]; readonly depth: string[] };
  readonly text: string;
}

interface GenerateOptions {
  readonly symbol?: string;
  readonly startMs?: number;
  readonly seconds?: number;
  readonly snapshot?: boolean;
  readonly seed?: number;
  readonly priceDigits?: number;
  readonly quantityDigits?: number;
}

const eight = (units: number, digits: number): string => (units / 10 ** digits).toFixed(8);

/** Ten book changes and some trades a second, as a recorder with a late clock writes them; nothing in it is real. */
export function generateRecording(options: GenerateOptions = {}): GeneratedRecording {
  const { symbol = 'BTCUSDT', seconds = 90, snapshot = true, seed = 1 } = options;
  const { startMs = 1_723_161_250_000, priceDigits = 2, quantityDigits = 5 } = options;
  const random = seededRandom(seed);
  const stream = symbol.toLowerCase();
  const lines: string[] = [];
  const payloads = { trade: [] as string[], bookTicker: [] as string[], depth: [] as string[] };
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  let mid = 6_000_000;
  for (let level = 1; level <= 30; level += 1) {
    bids.set(mid - level, 1 + random.integer(1_000));
    asks.set(mid + level, 1 + random.integer(1_000));
  }
  let updateId = 1_000;
  let tradeId = 5_000;
  const write = (eventMs: number, json: string): void => {
    const receivedUs = (eventMs - RECORDER_LAG_MS + random.integer(20)) * 1_000 + random.integer(1_000);
    const before = Number(lines.at(-1)?.slice(0, 16) ?? 0);
    lines.push(`${Math.max(before, receivedUs)}000 ${json}`);
  };
  const tell = (kind: keyof typeof payloads, type: string, eventMs: number, data: object): void => {
    const payload = JSON.stringify(data);
    payloads[kind].push(payload);
    write(eventMs, `{"stream":"${stream}@${type}","data":${payload}}`);
  };
  const levels = (side: ReadonlyMap<number, number>): string[][] =>
    [...side].map(([price, quantity]) => [eight(price, priceDigits), eight(quantity, quantityDigits)]);
  const best = (side: ReadonlyMap<number, number>, pick: (...prices: number[]) => number): [number, number] => {
    const price = pick(...side.keys());
    return [price, side.get(price) ?? 0];
  };
  for (let step = 0; step < seconds * 10; step += 1) {
    const eventMs = startMs + step * 100;
    if (snapshot && step === 5) {
      write(eventMs, JSON.stringify({ lastUpdateId: updateId, bids: levels(bids), asks: levels(asks) }));
    }
    mid += random.integer(3) - 1;
    const changed = { b: new Map<number, number>(), a: new Map<number, number>() };
    const set = (book: Map<number, number>, change: Map<number, number>, price: number, quantity: number): void => {
      if (quantity === 0) book.delete(price);
      else book.set(price, quantity);
      change.set(price, quantity);
    };
    for (const price of [...bids.keys()].filter((at) => at >= mid)) set(bids, changed.b, price, 0);
    for (const price of [...asks.keys()].filter((at) => at <= mid)) set(asks, changed.a, price, 0);
    set(bids, changed.b, mid - 1 - random.integer(5), 1 + random.integer(1_000));
    set(asks, changed.a, mid + 1 + random.integer(5), 1 + random.integer(1_000));
    const first = updateId + 1;
    updateId += 1 + random.integer(9);
    tell('depth', 'depth@100ms', eventMs, {
      e: 'depthUpdate',
      E: eventMs,
      s: symbol,
      U: first,
      u: updateId,
      b: levels(changed.b),
      a: levels(changed.a),
    });
    const [bid, bidSize] = best(bids, Math.max);
    const [ask, askSize] = best(asks, Math.min);
    const [b, a] = [eight(bid, priceDigits), eight(ask, priceDigits)];
    const [B, A] = [eight(bidSize, quantityDigits), eight(askSize, quantityDigits)];
    tell('bookTicker', 'bookTicker', eventMs, { u: updateId, s: symbol, b, B, a, A });
    for (let count = random.integer(3); count > 0; count -= 1) {
      const maker = random.integer(2) === 0;
      tradeId += 1;
      tell('trade', 'trade', eventMs, {
        e: 'trade',
        E: eventMs,
        s: symbol,
        t: tradeId,
        p: maker ? b : a,
        q: eight(1 + random.integer(500), quantityDigits),
        T: eventMs - 1,
        m: maker,
        M: true,
      });
    }
  }
  return { lines, payloads, text: `${lines.join('\n')}\n` };
}
