import { CELLS, cellOf, type Cell, type Client } from './cells.ts';
import { runCollectorCase, type CaseOutcome } from './collector-case.ts';
import { runTradingCase } from './trading-case.ts';

/** Seeds that every run of the tests plays, from 1 on. */
const SEEDS = 300;

const RUN: Readonly<Record<Client, (seed: number, cell: Cell) => Promise<CaseOutcome>>> = {
  collector: runCollectorCase,
  'user-stream': runTradingCase,
  'order-entry': runTradingCase,
  account: runTradingCase,
};

const nameOf = ({ client, fault, moment }: Cell): string => `${client}, ${fault}, ${moment}`;

/** Plays the case of a seed. Null where all holds, else what does not, and how to play it again. */
export async function failureOf(seed: number): Promise<string | null> {
  const cell = cellOf(seed);
  const again = `npm run soak -- --seed ${seed} --duration-s 1 fault-matrix`;
  try {
    const { violations, faultLog } = await RUN[cell.client](seed, cell);
    if (violations.length === 0) return null;
    const what = violations.slice(0, 5).join('\n  ');
    return `seed ${seed} (${nameOf(cell)}): ${again}\n  ${what}\nfaults:\n  ${faultLog.slice(0, 20).join('\n  ')}`;
  } catch (thrown) {
    return `seed ${seed} (${nameOf(cell)}): ${again}\n  ${String(thrown)}`;
  }
}

const BATCH = 24;

/** The seeds among the first `SEEDS` that are about these clients, some at a time, each with its first. */
export function batchesOf(
  ...clients: readonly Client[]
): readonly (readonly [first: number, seeds: readonly number[]])[] {
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1).filter((seed) =>
    clients.includes(cellOf(seed).client),
  );
  return Array.from({ length: Math.ceil(seeds.length / BATCH) }, (_, index) => {
    const batch = seeds.slice(index * BATCH, (index + 1) * BATCH);
    return [batch[0] ?? 0, batch] as const;
  });
}

/** Which seeds play each cell. */
export function coverage(): ReadonlyMap<string, readonly number[]> {
  const seeds = new Map<string, number[]>(CELLS.map((cell) => [nameOf(cell), []]));
  for (let seed = 1; seed <= SEEDS; seed += 1) seeds.get(nameOf(cellOf(seed)))?.push(seed);
  return seeds;
}
