import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSecret, type SecretSource } from './secret-input.ts';

const pipe = (...chunks: string[]): SecretSource => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** A terminal at which these keys are hit; notes whether it would have shown them. */
function terminal(...chunks: string[]) {
  const seen: string[] = [];
  const source = Object.assign(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), {
    isTTY: true,
    setRawMode: (mode: boolean) => void seen.push(mode ? 'hidden' : 'shown'),
  });
  return { seen, source, ask: () => void seen.push('asked') };
}

describe('a secret', () => {
  it('is typed unseen, corrected, and ended by Enter', async () => {
    const { ask, seen, source } = terminal('ab', 'x\u007f', 'c\u007f\u007f\u007f\u007fsecret\rmore');
    expect(await readSecret(null, source, ask)).toEqual({ ok: true, value: 'secret' });
    expect(seen).toEqual(['asked', 'hidden', 'shown']);
  });

  it.each([
    ['Control-C', 'half\u0003'],
    ['Control-D', '\u0004'],
    ['the end', 'half'],
  ])('is none after %s, and the terminal shows again what is typed', async (_, keys) => {
    const { ask, seen, source } = terminal(keys);
    expect(await readSecret(null, source, ask)).toMatchObject({ ok: false, fault: { code: 'aborted' } });
    expect(seen.at(-1)).toBe('shown');
  });

  it('is piped whole, with its lines, and nothing is asked', async () => {
    const asked: string[] = [];
    const read = await readSecret(null, pipe('-----BEGIN', ' PRIVATE KEY-----\nab\n'), () => void asked.push('asked'));
    expect(read).toEqual({ ok: true, value: '-----BEGIN PRIVATE KEY-----\nab\n' });
    expect(asked).toEqual([]);
  });

  it('is read from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'key.pem');
    writeFileSync(path, 'from the file');
    expect(await readSecret(path, pipe('piped'), () => undefined)).toEqual({ ok: true, value: 'from the file' });
    expect(await readSecret(`${path}.none`, pipe(''), () => undefined)).toMatchObject({
      fault: { code: 'secret_unreadable' },
    });
    expect(await readSecret(tmpdir(), pipe(''), () => undefined)).toMatchObject({
      fault: { code: 'secret_unreadable' },
    });
    writeFileSync(path, 'x'.repeat(20_000));
    expect(await readSecret(path, pipe(''), () => undefined)).toMatchObject({ fault: { code: 'secret_unreadable' } });
  });

  it('does not come without an end', async () => {
    const endless = 'x'.repeat(20_000);
    expect(await readSecret(null, pipe(endless), () => undefined)).toMatchObject({
      fault: { code: 'secret_unreadable' },
    });
    const { ask, source } = terminal(endless);
    expect(await readSecret(null, source, ask)).toMatchObject({ fault: { code: 'secret_unreadable' } });
  });
});
