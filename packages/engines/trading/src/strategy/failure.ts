/** Where a strategy threw, from its stack. */
export interface StrategyFailure {
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

const withoutScheme = (url: string): string => url.replace(/^file:\/\//, '');

/** What is called by strategies and throws at what they do wrong: this folder, and the indicators. */
const OWN = ['.', '../../../features/src/'].map((folder) => withoutScheme(new URL(folder, import.meta.url).href));

/** The topmost line of the stack that names a file, those of ours left out where there are others: who called wrongly is the one to look at. */
export function describeFailure(thrown: unknown): StrategyFailure {
  if (!(thrown instanceof Error)) return { message: `threw ${String(thrown)}`, file: null, line: null };
  const places = [...(thrown.stack ?? '').matchAll(/\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]*?):(\d+):\d+\)?$/gm)];
  const place =
    places.find(([, file = '']) => !OWN.some((folder) => withoutScheme(file).startsWith(folder))) ?? places[0];
  return {
    message: `${thrown.name}: ${thrown.message}`.slice(0, 500),
    file: place?.[1] === undefined ? null : withoutScheme(place[1]),
    line: place?.[2] === undefined ? null : Number(place[2]),
  };
}

/** `at FILE:LINE`, with a blank before it; nothing where the place is unknown. */
export const placeOf = ({ file, line }: StrategyFailure): string =>
  file === null ? '' : ` at ${file}${line === null ? '' : `:${line}`}`;
