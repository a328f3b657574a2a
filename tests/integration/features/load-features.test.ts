import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';

const RUNNER = fileURLToPath(new URL('./load-features.test-support.ts', import.meta.url));

/** A file of this text, outside of the project. */
function fileOf(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-features-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

function load(asked: readonly { readonly file?: string; readonly set?: string }[]): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUNNER, JSON.stringify(asked)], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`nothing was loaded (${status}): ${stderr}`);
  return JSON.parse(stdout);
}

/** The first text of a language in a page of the docs. */
const example = (page: string, language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(
    readFileSync(join(ROOT, 'docs', page), 'utf8'),
  )?.[1] ?? '';

describe('features of a user’s own file', { timeout: 60_000 }, () => {
  it('load as docs/features.md shows them, after the columns of the declared set; what is unsound is refused with a word on what, and where', () => {
    const feature = (text: string): string =>
      fileOf('own.ts', `import { defineFeature } from 'monsta';\nexport default [defineFeature({ ${text} })];\n`);
    const set = (features: string): string => fileOf('set.json', `{"id":"mine","version":1,"features":[${features}]}`);
    expect(
      load([
        {
          file: fileOf('own.ts', example('features.md', 'ts')),
          set: fileOf('set.json', example('features.md', 'json')),
        },
        { file: '/nowhere/own.ts' },
        { file: fileOf('own.ts', "export default defineFeature({ name: 'x' });\n") },
        { file: feature("name: 'x', bars: 0, value: () => 1") },
        { file: feature("name: 'rsi_14', bars: 1, value: () => 1"), set: set('{"feature":"rsi"}') },
        { file: fileOf('own.ts', 'export const nothing = 1;\n') },
        { set: 'cores' },
        { set: '/nowhere/set.json' },
        { set: set('{"feature":"rsi","period":[1]}') },
        { set: set('{"feature":"rsj"}') },
      ]),
    ).toMatchObject([
      {
        names: ['log_return_1', 'rsi_14', 'rsi_14_x4', 'other_beta_96_ETHUSDT', 'upper_wick', 'decayed_volume'],
        warmUpBars: 567,
      },
      { fault: 'features_missing' },
      { fault: 'features_not_loadable', message: expect.stringContaining('own.ts, line 1') as unknown },
      { fault: 'feature_invalid', message: expect.stringContaining('bars of x must be') as unknown },
      { fault: 'feature_set_invalid', message: expect.stringContaining('rsi_14 twice') as unknown },
      { fault: 'feature_invalid' },
      { fault: 'feature_set_unknown' },
      { fault: 'feature_set_unreadable' },
      { fault: 'feature_set_invalid' },
      { fault: 'feature_unknown' },
    ]);
  });
});
