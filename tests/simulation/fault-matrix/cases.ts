import { CELLS, cellOf, type Cell, type Client } from './cells.ts';
import { runCollectorCase, type CaseOutcome } from './collector-case.ts';

/** Seeds that every run of the tests plays, from 1 on. */
const SEEDS = 300;

const RUN: Readonly<Record<Client, (seed: number, cell: Cell) => Promise<CaseOutcome>>> = {
  collector: runCollectorCase,
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

/** The seeds among the first `SEEDS` that are about a client. */
export function seedsOf(client: Client): readonly number[] {
  return Array.from({ length: SEEDS }, (_, index) => index + 1).filter((seed) => cellOf(seed).client === client);
}

/** Which seeds play each cell. */
export function coverage(): ReadonlyMap<string, readonly number[]> {
  const seeds = new Map<string, number[]>(CELLS.map((cell) => [nameOf(cell), []]));
  for (let seed = 1; seed <= SEEDS; seed += 1) seeds.get(nameOf(cellOf(seed)))?.push(seed);
  return seeds;
}
