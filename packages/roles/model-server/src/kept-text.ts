import { err, hashText, ok, type Result } from '@monsta/core';

/** A JSON value as a text that tells when it was damaged: a line of form, checksum and length, then the JSON. */
export function keptText(form: string, value: unknown): string {
  const json = JSON.stringify(value);
  return `${form} ${hashText(json).toString(16).padStart(8, '0')} ${json.length}\n${json}\n`;
}

const damaged = (why: string): Result<never> => err('model_malformed', why);

/** The inverse of `keptText`. Faults: `model_malformed`, `model_version_unknown` (another form). */
export function readKeptText(form: string, text: string): Result<unknown> {
  const end = text.indexOf('\n');
  const [kind, version, hash, length] = text.slice(0, Math.max(0, end)).split(' ');
  if (kind === undefined || version === undefined || hash === undefined || length === undefined)
    return damaged('its first line is not that of a kept model');
  if (`${kind} ${version}` !== form)
    return err(
      'model_version_unknown',
      `it is a '${`${kind} ${version}`.slice(0, 60)}', and this program reads '${form}'`,
    );
  const json = text.slice(end + 1, -1);
  if (String(json.length) !== length)
    return damaged(`it was cut short or added to: ${json.length} of ${length} characters`);
  if (hashText(json).toString(16).padStart(8, '0') !== hash) return damaged('its checksum does not fit what it holds');
  try {
    return ok(JSON.parse(json) as unknown);
  } catch (thrown) {
    return damaged(String(thrown));
  }
}
