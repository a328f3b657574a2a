import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expectOk, seededRandom } from '@monsta/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeScratch, type Scratch } from './scratch.test-support.ts';

const WRITER = fileURLToPath(new URL('crash-writer.test-support.ts', import.meta.url));

/** What a writer has acknowledged of a secret: that it is there, that its metadata changed, that it may be going, that it is gone. */
type Mark = '+' | '=' | '?' | '-';

describe('a store whose processes are killed', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = makeScratch();
  });
  afterEach(() => scratch.remove());

  /** Runs a writer and kills it without warning after so many acknowledgements. */
  async function writeAndKill(prefix: string, acknowledgements: number): Promise<ReadonlyMap<string, Mark>> {
    const child = spawn(process.execPath, [WRITER, scratch.path, scratch.keyPath, prefix], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const marks = new Map<string, Mark>();
    let count = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      marks.set(line.slice(1), line.slice(0, 1) as Mark);
      count += 1;
      if (count === acknowledgements) child.kill('SIGKILL');
    }
    await exited;
    expect(child.signalCode).toBe('SIGKILL');
    return marks;
  }

  it(
    'holds what was acknowledged, readable, with two that write and change the key at once',
    { timeout: 60_000 },
    async () => {
      const random = seededRandom(20_261_126);
      const marks = new Map<string, Mark>();
      for (let round = 0; round < 3; round += 1) {
        const written = await Promise.all(
          ['x', 'y'].map((who) => writeAndKill(`${who}${round}-`, 4 + random.integer(20))),
        );
        for (const each of written) for (const [name, mark] of each) marks.set(name, mark);
        const secrets = await scratch.open();
        expect(readFileSync(scratch.keyPath, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(2);
        const listed = expectOk(await secrets.list());
        expect(listed.filter(({ fault }) => fault !== null)).toEqual([]);
        const found = new Set(listed.map(({ name }) => name));
        for (const [name, mark] of marks) {
          if (mark === '?') continue;
          expect([name, found.has(name)]).toEqual([name, mark !== '-']);
          if (mark === '-') continue;
          const secret = expectOk(await secrets.read(name));
          expect(secret?.value).toBe(`value of ${name}`);
          if (mark === '=') expect(secret?.metadata).toEqual({ changed: 1 });
        }
        expectOk(await secrets.rekey());
        expect(readFileSync(scratch.keyPath, 'utf8').trim().split('\n')).toHaveLength(1);
        expect(expectOk(await secrets.list()).filter(({ fault }) => fault !== null)).toEqual([]);
        await secrets.close();
      }
      expect(marks.size).toBeGreaterThan(10);
    },
  );
});
