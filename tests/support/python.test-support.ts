import { execFileSync } from 'node:child_process';

/** A Python that has the modules, or why there is none; in continuous integration that is a failure. */
export function pythonWith(...modules: readonly string[]): { readonly python: string } | { readonly absent: string } {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
      return { python };
    } catch {
      // Another one may have them.
    }
  }
  const absent = `no Python here has ${modules.join(', ')} (Debian: python3-numpy, python3-sklearn, python3-xgboost)`;
  if (process.env['MONSTA_CI'] === '1') throw new Error(`${absent}; MONSTA_CI=1 asks for their tests`);
  return { absent };
}

/** Runs a script, piped in, with its arguments; returns what it prints, as JSON. */
export function runPython(python: string, script: string, argv: readonly string[]): unknown {
  const stdout = execFileSync(python, ['-', ...argv], { input: script, maxBuffer: 1 << 28, timeout: 100_000 });
  return JSON.parse(stdout.toString('utf8'));
}
