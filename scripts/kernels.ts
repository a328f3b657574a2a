/**
 * Compiles the numeric kernels: each `packages/engines/models/kernels/NAME.as.ts` (AssemblyScript) becomes `packages/engines/models/src/kernels/NAME.wasm.ts`, a module
 * with the WebAssembly bytes in base64, which is committed so that every entry of the program works from a clean clone.
 *
 * `node scripts/kernels.ts` writes them; `--check` compares what is there with what the sources give and fails where they differ. Exit status 0, 1 when a kernel can't be
 * compiled or differs.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCES = 'packages/engines/models/kernels/*.as.ts';
const TARGET = 'packages/engines/models/src/kernels';

const check = process.argv.includes('--check');
const folder = mkdtempSync(join(tmpdir(), 'monsta-kernels-'));

/** Shared memory is imported, so that threads can work on the same arrays; a kernel that nobody shares is given a memory of its own. */
function compile(source: string, name: string): Buffer {
  const output = join(folder, `${name}.wasm`);
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--sharedMemory', '--maximumMemory'];
  const features = ['simd', 'threads', 'relaxed-simd', 'bulk-memory'].flatMap((feature) => ['--enable', feature]);
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/assemblyscript/bin/asc.js'), source, '-o', output, ...options, '65536', ...features],
    { stdio: ['ignore', 'inherit', 'inherit'], cwd: ROOT },
  );
  return readFileSync(output);
}

const camel = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

try {
  for (const path of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const name = basename(path, '.as.ts');
    const wasm = compile(path, name);
    const text = `// Made by scripts/kernels.ts from kernels/${name}.as.ts: don't edit.\nexport const ${camel(name)}Wasm = '${wasm.toString('base64')}';\n`;
    const target = join(ROOT, TARGET, `${name}.wasm.ts`);
    if (!check) {
      writeFileSync(target, text);
      console.error(`${name}: ${wasm.length} bytes`);
    } else if (readFileSync(target, 'utf8') !== text) {
      console.error(
        `${TARGET}/${name}.wasm.ts is not what its source gives: run node scripts/kernels.ts and commit it`,
      );
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
