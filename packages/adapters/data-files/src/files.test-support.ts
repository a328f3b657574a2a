import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentId } from '@monsta/core';
import { onTestFinished } from 'vitest';
import type { BarTerms } from './bar-terms.ts';

/** A file that is gone when the test has ended. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-data-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Terms of BTCUSDT with all open. */
export function btc(terms: Partial<BarTerms> = {}, instrument: Partial<BarTerms['instrument']> = {}): BarTerms {
  return {
    instrument: {
      id: instrumentId('BTCUSDT'),
      tick: null,
      lot: { units: 1, scale: 8 },
      quote: null,
      ...instrument,
    },
    interval: null,
    fromMs: null,
    toMs: null,
    ...terms,
  };
}
