import { err, ok, type Result } from '@monsta/core';
import { z } from 'zod';

/** One thing wrong with a request. */
interface InputFault {
  readonly code: string;
  /** `query.limit`, `body.reason`. */
  readonly where: string;
  readonly message: string;
}

const WHOLE_NUMBER = /^-?\d{1,16}$/;

/** What is wrong, in words; of a query, which is all text, the checker would speak of types that nobody can send. */
function messageOf(issue: z.core.$ZodIssue, place: 'query' | 'body', value: unknown): string {
  if (issue.code !== 'invalid_type' || place === 'body') return issue.message;
  const [name] = issue.path;
  const given: unknown =
    typeof value === 'object' && value !== null && name !== undefined ? Reflect.get(value, name) : undefined;
  if (given === undefined) return 'is needed';
  return issue.expected === 'number' || issue.expected === 'int'
    ? 'must be a whole number in digits, e.g. 100'
    : issue.message;
}

function describeIssue(
  issue: z.core.$ZodIssue,
  place: 'query' | 'body',
  known: readonly string[],
  value: unknown,
): InputFault[] {
  const where = [place, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'parameter_invalid',
      where: `${where}.${key.slice(0, 60)}`,
      message: known.length === 0 ? 'unknown; none is taken here' : `unknown; known are ${known.join(', ')}`,
    }));
  }
  const code =
    issue.code === 'invalid_value' && issue.path[0] === 'interval' ? 'interval_unknown' : 'parameter_invalid';
  return [{ code, where, message: messageOf(issue, place, value) }];
}

/** All faults as one: their own code where they share one, else `parameter_invalid`. */
function refuse(faults: readonly InputFault[]): Result<never> {
  const codes = new Set(faults.map(({ code }) => code));
  const [only = 'parameter_invalid'] = codes;
  return err(
    codes.size === 1 ? only : 'parameter_invalid',
    faults.map(({ where, message }) => `${where}: ${message}`).join('; '),
    { details: { faults } },
  );
}

function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: 'query' | 'body',
  earlier: readonly InputFault[] = [],
): Result<z.output<T>> {
  const parsed = schema.safeParse(value);
  if (parsed.success && earlier.length === 0) return ok(parsed.data);
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const issues = parsed.success ? [] : parsed.error.issues;
  return refuse([...earlier, ...issues.flatMap((issue) => describeIssue(issue, place, known, value))]);
}

/** Names of the schema's whole-number parameters: a query is text, and only there digits become a number. */
function numericKeys(schema: z.ZodObject): ReadonlySet<string> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return new Set(
    Object.entries(properties).flatMap(([name, property]) =>
      typeof property === 'object' && property.type === 'integer' ? [name] : [],
    ),
  );
}

/** A reader of query strings for one schema. Faults name every parameter that is wrong, unknown or given twice. */
export function queryReader<T extends z.ZodObject>(schema: T): (rawQuery: string) => Result<z.output<T>> {
  const numeric = numericKeys(schema);
  return (rawQuery) => {
    const values = new Map<string, unknown>();
    const twice: InputFault[] = [];
    for (const [name, value] of new URLSearchParams(rawQuery)) {
      if (values.has(name))
        twice.push({ code: 'parameter_invalid', where: `query.${name.slice(0, 60)}`, message: 'given more than once' });
      values.set(name, numeric.has(name) && WHOLE_NUMBER.test(value) ? Number(value) : value);
    }
    return check(schema, Object.fromEntries(values), 'query', twice);
  };
}

/** Reads a JSON body. Faults: `message_malformed` for what is no JSON, else those of the schema. */
export function readBody<T extends z.ZodType>(schema: T, body: string): Result<z.output<T>> {
  let value: unknown;
  try {
    value = JSON.parse(body) as unknown;
  } catch {
    return err('message_malformed', body === '' ? 'a JSON body is needed' : 'the body is no JSON');
  }
  return check(schema, value, 'body');
}
