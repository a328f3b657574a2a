import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProgram } from '../support/program.test-support.ts';

const LOOP = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'loop',
  parameters: {},
  interval: () => '1m',
  warmUpBars: () => 1,
  onBar() {
    for (;;) {}
  },
});
`;

it(
  'a strategy that never returns ends the process with its reason, instead of hanging it',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-loop-'));
    const strategy = join(folder, 'loop.ts');
    writeFileSync(strategy, LOOP);
    const flags = ['--port', '0', '--data-dir', join(folder, 'data'), '--strategy', strategy, '--log-level', 'error'];
    const program = await startProgram(flags);
    // A minute's bar has to close, and then the watchdog's patience to end.
    expect(await program.exited(120_000)).toBe(1);
    // The reason has to be read even where only errors are logged.
    expect(program.log()).toContain('never returns');
  },
);
