import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LineLog } from './line-log.ts';

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lines.jsonl');
}

test('keeps values over programs, oldest first, for its owner alone', () => {
  const path = place();
  expect([...new LineLog(path).read()]).toEqual([]);
  new LineLog(path).append({ a: 1 });
  new LineLog(path).append([2]);
  expect([...new LineLog(path).read()]).toEqual([{ a: 1 }, [2]]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a line that a crash cut in two takes none with it, at whatever character it was cut', () => {
  const cut = `${JSON.stringify({ name: 'ÄÖ한국' })}\n`;
  for (let length = 1; length < cut.length; length += 1) {
    const path = place();
    const log = new LineLog(path);
    log.append({ before: true });
    appendFileSync(path, cut.slice(0, length));
    log.append({ after: true });
    log.append({ later: true });
    const whole = length === cut.length - 1 ? [{ name: 'ÄÖ한국' }] : [];
    expect([...log.read()], `cut after ${length}`).toEqual([
      { before: true },
      ...whole,
      { after: true },
      { later: true },
    ]);
  }
});
