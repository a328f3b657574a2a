import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '@monsta/core';
import { RESERVED_STRATEGY_IDS } from '../config/strategies.ts';

const face = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where the types of Node lie: with MONSTA, whatever is installed around the strategy. */
const typeRoot = (): string => dirname(dirname(fileURLToPath(import.meta.resolve('@types/node/package.json'))));

/** A file of the example, with the strategy's name in it. */
const example = (file: string, name: string): string =>
  readFileSync(new URL(`./example/${file}`, import.meta.url), 'utf8').replaceAll('NAME', name);

const configText = (): string =>
  `${JSON.stringify(
    {
      compilerOptions: {
        ...{ target: 'es2025', lib: ['es2025', 'esnext'], module: 'preserve', moduleDetection: 'force', strict: true },
        ...{ noEmit: true, allowImportingTsExtensions: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true },
        ...{ skipLibCheck: true, types: ['node'], typeRoots: [typeRoot()] },
        paths: { monsta: [face('../index.ts')], 'monsta/testing': [face('../testing/index.ts')] },
      },
      include: ['*.ts'],
    },
    null,
    2,
  )}\n`;

/** Writes an example strategy with its test into a folder; the files. Faults: `strategy_name`, `strategy_exists` (nothing is overwritten), `strategy_not_written`. */
export function writeNewStrategy(name: string, directory: string): Result<readonly string[]> {
  if (!/^[a-z0-9-]{1,40}$/.test(name) || RESERVED_STRATEGY_IDS.includes(name))
    return err(
      'strategy_name',
      `a strategy is called by a-z, 0-9 and '-', at most 40 characters, and not ${RESERVED_STRATEGY_IDS.join(' or ')}; '${name}' is not`,
    );
  const files = [
    [`${name}.ts`, example('strategy.ts.txt', name)],
    [`${name}.test.ts`, example('strategy.test.ts.txt', name)],
    ['tsconfig.json', configText()],
    ['README.md', example('README.md.txt', name)],
  ] as const;
  const there = files.map(([file]) => join(directory, file)).find((path) => existsSync(path));
  if (there !== undefined)
    return err(
      'strategy_exists',
      `${there} is there already, and nothing is overwritten; name an empty folder with --dir`,
    );
  try {
    mkdirSync(directory, { recursive: true });
    for (const [file, text] of files) writeFileSync(join(directory, file), text, { flag: 'wx' });
    return ok(files.map(([file]) => join(directory, file)));
  } catch (thrown) {
    return err('strategy_not_written', thrown instanceof Error ? thrown.message : String(thrown));
  }
}
