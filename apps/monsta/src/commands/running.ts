import { err, ok, type Result } from '@monsta/core';
import { textOf, type FlagValues } from '../cli/arguments.ts';

/** Where a running program answers, by `--url`. Fault `flag_invalid`. */
export function urlFrom(flags: FlagValues): Result<string> {
  const base = textOf(flags, 'url') ?? 'http://127.0.0.1:8080';
  if (/^https?:\/\/\S+$/.test(base) && URL.canParse(base)) return ok(base);
  return err('flag_invalid', `--url '${base}' is no http address, e.g. http://127.0.0.1:8080`);
}
