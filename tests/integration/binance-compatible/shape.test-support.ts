/**
 * What a value must look like. `decimal`: a plain decimal as text; `time`: a time in whole milliseconds. A list in brackets has any
 * number of such items; a `tuple` exactly these. Of an object every field is named, those that may be absent with a question mark.
 */
export type Shape =
  | 'text'
  | 'decimal'
  | 'integer'
  | 'boolean'
  | 'time'
  | 'microseconds'
  | 'anything'
  | readonly [Shape]
  | { readonly tuple: readonly Shape[] }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** An object with exactly these fields, in any order. */
export const fields = (of: Readonly<Record<string, Shape>>): { readonly fields: Readonly<Record<string, Shape>> } => ({
  fields: of,
});

/** As `fields`, with all of another's. */
export const extending = (
  base: { readonly fields: Readonly<Record<string, Shape>> },
  more: Readonly<Record<string, Shape>>,
): { readonly fields: Readonly<Record<string, Shape>> } => ({ fields: { ...base.fields, ...more } });

const DECIMAL = /^-?\d+(\.\d+)?$/;
const MS_RANGE = [1_000_000_000_000, 10_000_000_000_000] as const;

function isOf(value: unknown, shape: Exclude<Shape, readonly [Shape] | object>): boolean {
  switch (shape) {
    case 'anything':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'decimal':
      return typeof value === 'string' && DECIMAL.test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'time':
      return Number.isSafeInteger(value) && Number(value) > MS_RANGE[0] && Number(value) < MS_RANGE[1];
    case 'microseconds':
      return Number.isSafeInteger(value) && Number(value) > MS_RANGE[0] * 1_000 && Number(value) < MS_RANGE[1] * 1_000;
  }
}

function objectProblems(value: object, of: Readonly<Record<string, Shape>>, at: string): readonly string[] {
  const given: Readonly<Record<string, unknown>> = { ...value };
  const known = new Set(Object.keys(of).map((name) => name.replace('?', '')));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  return [
    ...unknown.map((name) => `${at}.${name} is not documented`),
    ...Object.entries(of).flatMap(([declared, shape]) => {
      const name = declared.replace('?', '');
      if (name in given) return shapeProblems(given[name], shape, `${at}.${name}`);
      return declared.endsWith('?') ? [] : [`${at}.${name} is missing`];
    }),
  ];
}

/** Everything by which a value differs from a shape; empty where it has it. */
export function shapeProblems(value: unknown, shape: Shape, at = ''): readonly string[] {
  if (typeof shape === 'string') return isOf(value, shape) ? [] : [`${at} is no ${shape}: ${JSON.stringify(value)}`];
  if ('fields' in shape) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`];
    return objectProblems(value, shape.fields, at);
  }
  if (!Array.isArray(value)) return [`${at} is no list`];
  const items: readonly unknown[] = value;
  if ('tuple' in shape) {
    if (items.length !== shape.tuple.length)
      return [`${at} has ${items.length} items instead of ${shape.tuple.length}`];
    return shape.tuple.flatMap((item, index) => shapeProblems(items[index], item, `${at}[${index}]`));
  }
  return items.flatMap((item, index) => shapeProblems(item, shape[0], `${at}[${index}]`));
}
