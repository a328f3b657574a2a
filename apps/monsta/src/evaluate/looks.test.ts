import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LookLog } from './looks.ts';

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-looks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const line = (fingerprint: string, series = 'A 1h 3600000') => ({ atMs: 1, series, fingerprint, model: 'm' });

describe('the looks at a series', () => {
  it('are counted in the order in which they were taken first, whoever opens the file', () => {
    const dataDir = place();
    expect(new LookLog(dataDir).claim(line('a'))).toEqual({ look: 1, looks: 1, earlier: [] });
    expect(new LookLog(dataDir).claim(line('b'))).toMatchObject({ look: 2, looks: 2, earlier: [{ model: 'm' }] });
    expect(new LookLog(dataDir).claim(line('a'))).toMatchObject({ look: 1, looks: 2, earlier: [] });
    expect(new LookLog(dataDir).claim(line('c', 'B 1h 3600000'))).toMatchObject({ look: 1, looks: 1 });
  });

  it('that came to no end are taken back, and the file only grows', () => {
    const dataDir = place();
    const log = new LookLog(dataDir);
    log.claim(line('a'));
    log.claim(line('b'));
    const file = join(dataDir, 'evaluations', 'looks.jsonl');
    const before = readFileSync(file, 'utf8');
    log.withdraw(line('b'));
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);
    expect(log.claim(line('c'))).toMatchObject({ look: 2, looks: 2 });
    expect(log.claim(line('b'))).toMatchObject({ look: 3, looks: 3 });
  });

  it('stand while one of several evaluations that are the same look is not taken back', () => {
    const dataDir = place();
    const log = new LookLog(dataDir);
    log.claim(line('a'));
    expect(new LookLog(dataDir).claim(line('a'))).toMatchObject({ look: 1, looks: 1 });
    // The other one goes on to its end.
    log.withdraw(line('a'));
    expect(log.claim(line('b'))).toMatchObject({ look: 2, looks: 2 });
    log.withdraw(line('a'));
    expect(log.claim(line('c'))).toMatchObject({ look: 2, looks: 2 });
  });

  it('pass over lines that were cut in two or are none', () => {
    const dataDir = place();
    const log = new LookLog(dataDir);
    log.claim(line('a'));
    appendFileSync(join(dataDir, 'evaluations', 'looks.jsonl'), '{"atMs":1,"ser\n42\n{"atMs":"x"}\n');
    expect(log.claim(line('b'))).toMatchObject({ look: 2, looks: 2 });
  });
});
