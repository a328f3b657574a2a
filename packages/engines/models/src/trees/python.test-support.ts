import { execFileSync } from 'node:child_process';

/** A Python that has these modules; null where there is none: the tests that need it then skip, and fail where `MONSTA_CI=1` asks for them. */
export function pythonWith(...modules: readonly string[]): string | null {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore', timeout: 60_000 });
      return python;
    } catch {
      // The next one may have them.
    }
  }
  return null;
}
