/** `2024-08-01 00:00`, UTC. */
export const minuteText = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
export const countText = (count: number): string => count.toLocaleString('en-US');
/** Without the dust of a binary fraction. */
export const percentText = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;
/** How many bars are missing of those that should be there. */
export const missingShareText = (missing: number, there: number): string =>
  `${((100 * missing) / (there + missing)).toPrecision(2)} %`;
/** Most frequent first. */
export const rulesText = (rules: Readonly<Record<string, number>>): string =>
  Object.entries(rules)
    .toSorted(([, one], [, other]) => other - one)
    .map(([rule, count]) => `${rule} ${countText(count)}`)
    .join(', ');
/** Where in a file; empty where that is not known. */
export const fileText = (file: string | null, line: string | null): string =>
  file === null ? '' : ` (${file}${line === null ? '' : `, ${line}`})`;
