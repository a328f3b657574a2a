import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, type BuildTarget } from './cached-build.ts';

/** Appends a line to `runs`, copies the source to the output, and obeys what the source says. */
const COMPILER = `
  import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  appendFileSync('runs', 'run\\n');
  const source = readFileSync('src/page.txt', 'utf8');
  if (source === 'broken') process.exit(3);
  if (source === 'nothing') process.exit(0);
  if (source === 'edited while building') writeFileSync('src/page.txt', 'edited');
  mkdirSync('out', { recursive: true });
  if (source === 'slow') { writeFileSync('out/started', ''); await new Promise(() => setInterval(() => {}, 1000)); }
  if (existsSync('out/index.html')) process.exit(4);
  writeFileSync('out/index.html', source);
`;

let root: string;
const logged: string[] = [];
const log = (line: string): void => void logged.push(line);

const target: BuildTarget = {
  name: 'page',
  inputs: ['src/**'],
  notInputs: ['**/*.test.txt'],
  output: 'out',
  mustContain: 'index.html',
  command: [process.execPath, 'compiler.mjs'],
  folder: '.',
  environment: {},
  missing: () => null,
};

const write = (text: string, file = 'src/page.txt'): void => writeFileSync(join(root, file), text);
const runs = (): number =>
  existsSync(join(root, 'runs')) ? readFileSync(join(root, 'runs'), 'utf8').split('\n').length - 1 : 0;
const page = (): string => readFileSync(join(root, 'out/index.html'), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'monsta-build-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'compiler.mjs'), COMPILER);
  write('hello');
  logged.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the cached build', () => {
  it('builds once and then finds its output fresh', async () => {
    expect((await build(root, target, log)).kind).toBe('built');
    expect(await build(root, target, log)).toEqual({ kind: 'fresh' });
    expect([runs(), page()]).toEqual([1, 'hello']);
  });

  it('builds again when a source changed, and not when only a test did', async () => {
    await build(root, target, log);
    write('a test', 'src/page.test.txt');
    expect((await build(root, target, log)).kind).toBe('fresh');
    write('changed');
    expect((await build(root, target, log)).kind).toBe('built');
    expect([runs(), page()]).toEqual([2, 'changed']);
  });

  it('builds again when the output was removed or altered', async () => {
    await build(root, target, log);
    rmSync(join(root, 'out'), { recursive: true });
    expect((await build(root, target, log)).kind).toBe('built');
    write('tampered', 'out/index.html');
    expect((await build(root, target, log)).kind).toBe('built');
    expect(page()).toBe('hello');
  });

  it('records nothing when the command fails, and builds after the source is mended', async () => {
    await build(root, target, log);
    write('broken');
    expect(await build(root, target, log)).toEqual({
      kind: 'failed',
      reason: `${process.execPath} ended with status 3`,
    });
    expect((await build(root, target, log)).kind).toBe('failed');
    write('hello');
    expect((await build(root, target, log)).kind).toBe('built');
    expect(page()).toBe('hello');
  });

  it('takes a command that built nothing for a failure', async () => {
    write('nothing');
    expect(await build(root, target, log)).toEqual({ kind: 'failed', reason: 'out/index.html was not built' });
  });

  it('trusts no output whose sources changed while it was built', async () => {
    write('edited while building');
    expect((await build(root, target, log)).kind).toBe('built');
    expect((await build(root, target, log)).kind).toBe('built');
    expect(page()).toBe('edited');
  });

  it('says what is missing before it starts', async () => {
    const outcome = await build(root, { ...target, missing: () => 'there is no page' }, log);
    expect([outcome, runs()]).toEqual([{ kind: 'failed', reason: 'there is no page' }, 0]);
  });
});

/** Builds in a process of its own, as two `npm start` would. */
function buildElsewhere(): ReturnType<typeof spawn> {
  const { missing: _, ...plain } = target;
  const program = `
    import { build } from ${JSON.stringify(join(import.meta.dirname, 'cached-build.ts'))};
    const target = { ...${JSON.stringify(plain)}, missing: () => null };
    const outcome = await build(${JSON.stringify(root)}, target, () => {});
    console.log(outcome.kind);
  `;
  // A process group of its own, so that the build can be killed together with what it started.
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

async function answer(child: ReturnType<typeof spawn>): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) text += String(chunk);
  return text.trim();
}

describe('two builds at once', () => {
  it('build once: the second waits and finds the output fresh', async () => {
    const answers = await Promise.all([answer(buildElsewhere()), answer(buildElsewhere())]);
    expect([answers.toSorted((a, b) => a.localeCompare(b)), runs()]).toEqual([['built', 'fresh'], 1]);
  });

  it('a build killed in the middle leaves neither a record nor a lock', async () => {
    await build(root, target, log);
    write('slow');
    const child = buildElsewhere();
    await appears(join(root, 'out'), 'started');
    if (child.pid === undefined) throw new Error('the build did not start');
    process.kill(-child.pid, 'SIGKILL');
    expect(await answer(child)).toBe('');
    write('hello');
    expect((await build(root, target, log)).kind).toBe('built');
    expect(page()).toBe('hello');
  });
});

/** Resolves when `folder` holds `name`; the folder itself may not exist yet. */
async function appears(folder: string, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(root, { recursive: true }, () => {
      if (!existsSync(join(folder, name))) return;
      watcher.close();
      resolve();
    });
    if (existsSync(join(folder, name))) {
      watcher.close();
      resolve();
    }
  });
}
