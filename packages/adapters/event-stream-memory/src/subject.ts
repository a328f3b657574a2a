import { err, ok, type Result } from '@monsta/core';

/** What every broker we may stand on (NATS, RabbitMQ) takes as a subject. */
const SUBJECT_LENGTH_MAX = 255;

const TOKEN = /^[^\s\p{Cc}.*>]+$/u;

const show = (subject: string): string => (subject.length > 60 ? `${subject.slice(0, 60)}…` : subject);

function tokensOf(subject: string): Result<readonly string[]> {
  if (subject.length === 0 || subject.length > SUBJECT_LENGTH_MAX) {
    return err(
      'subject_invalid',
      `subject '${show(subject)}' has ${subject.length} characters; use 1 to ${SUBJECT_LENGTH_MAX}`,
    );
  }
  return ok(subject.split('.'));
}

const malformed = (subject: string, allowed: string): Result<never> =>
  err('subject_invalid', `subject '${show(subject)}' is malformed; use tokens parted by dots, ${allowed}`);

/** Null when a message may be published under `subject`. Fault `subject_invalid`. */
export function checkSubject(subject: string): Result<null> {
  const tokens = tokensOf(subject);
  if (!tokens.ok) return tokens;
  if (tokens.value.every((token) => TOKEN.test(token))) return ok(null);
  return malformed(subject, 'each without spaces, * and >');
}

/** What a subscription listens to: one subject, or a pattern over whole tokens. */
export type SubjectFilter =
  | { readonly kind: 'exact'; readonly subject: string }
  | { readonly kind: 'pattern'; matches(subject: string): boolean };

/** Reads a subscription's subject: `*` stands for one token, `>` at the end for one or more. Fault `subject_invalid`. */
export function parseFilter(subject: string): Result<SubjectFilter> {
  const split = tokensOf(subject);
  if (!split.ok) return split;
  const tokens = split.value;
  const open = tokens.at(-1) === '>';
  const fixed = open ? tokens.slice(0, -1) : tokens;
  if (!fixed.every((token) => token === '*' || TOKEN.test(token))) {
    return malformed(subject, '* for one whole token, > for the rest at the end');
  }
  if (!open && !fixed.includes('*')) return ok({ kind: 'exact', subject });
  return ok({
    kind: 'pattern',
    matches(candidate) {
      const parts = candidate.split('.');
      if (open ? parts.length <= fixed.length : parts.length !== fixed.length) return false;
      return fixed.every((token, index) => token === '*' || token === parts[index]);
    },
  });
}
