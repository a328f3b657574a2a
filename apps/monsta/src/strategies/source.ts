import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StrategySource } from '@monsta/trading';

/** Where a strategy comes from, and of a file what it holds now. Null where the file can't be read. */
export function strategySource(nameOrFile: string): StrategySource | null {
  const path = strategyFile(nameOrFile);
  if (path === null) return { strategy: nameOrFile, sha256: null };
  try {
    return { strategy: path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
  } catch {
    return null;
  }
}

/** The file that a strategy is read from; null for one that is shipped. */
export const strategyFile = (nameOrFile: string): string | null =>
  looksLikeFile(nameOrFile) ? resolve(nameOrFile) : null;

const looksLikeFile = (text: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(text);
