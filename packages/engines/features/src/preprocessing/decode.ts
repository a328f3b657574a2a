import { err, ok, type Result } from '@monsta/core';
import type { FittedPipeline } from './pipeline.ts';

type Fields = Readonly<Record<string, unknown>>;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isNumbers = (value: unknown, length: number, nullable = false): boolean =>
  Array.isArray(value) &&
  value.length === length &&
  value.every((each) => (typeof each === 'number' && Number.isFinite(each)) || (nullable && each === null));

/** What a fitted step must hold beside its names, by how many columns come in and go out. */
const HOLDS: Readonly<Record<string, (step: Fields, inputs: number, outputs: number) => boolean>> = {
  standard: isScaling,
  robust: isScaling,
  'min-max': isScaling,
  winsorise: ({ least, most }, inputs, outputs) =>
    inputs === outputs && isNumbers(least, inputs, true) && isNumbers(most, inputs, true),
  'select-variance': isSelection,
  'select-correlation': isSelection,
  'select-importance': isSelection,
  pca: ({ means, components, variances, share }, inputs, outputs) =>
    isNumbers(means, inputs) &&
    isNumbers(variances, outputs) &&
    typeof share === 'number' &&
    Array.isArray(components) &&
    components.length === outputs &&
    components.every((each) => isNumbers(each, inputs)),
  outliers: ({ medians, deviations, beyond, columns }, inputs, outputs) =>
    inputs === outputs &&
    isNumbers(medians, inputs, true) &&
    isNumbers(deviations, inputs) &&
    typeof beyond === 'number' &&
    typeof columns === 'number',
};

function isScaling({ centres, spreads }: Fields, inputs: number, outputs: number): boolean {
  return inputs === outputs && isNumbers(centres, inputs) && isNumbers(spreads, inputs);
}

function isSelection({ kept, scores }: Fields, inputs: number, outputs: number): boolean {
  return (
    isNumbers(kept, outputs) &&
    (kept as readonly number[]).every((column) => Number.isInteger(column) && column >= 0 && column < inputs) &&
    isNumbers(scores, inputs, true)
  );
}

/** A fitted pipeline from what was written down. Faults: `pipeline_malformed`, `pipeline_version_unknown`. */
export function decodePipeline(value: unknown): Result<FittedPipeline> {
  const malformed = (what: string) => err('pipeline_malformed', `the fitted pipeline is malformed: ${what}`);
  if (typeof value !== 'object' || value === null) return malformed('it is no object');
  const { version, inputs, outputs, steps, outlierRows } = value as Fields;
  if (version !== 1)
    return err('pipeline_version_unknown', `a fitted pipeline of version ${String(version)} is not known`);
  if (!isTexts(inputs) || !isTexts(outputs)) return malformed('its columns are no lists of names');
  if (!Array.isArray(steps) || typeof outlierRows !== 'number') return malformed('it has no steps');
  let before: readonly string[] = inputs;
  for (const [index, each] of (steps as readonly unknown[]).entries()) {
    if (typeof each !== 'object' || each === null) return malformed(`step ${index + 1} is no object`);
    const step = each as Fields;
    const { inputs: takes, outputs: gives } = step;
    if (!isTexts(takes) || !isTexts(gives) || takes.join('\n') !== before.join('\n'))
      return malformed(`step ${index + 1} does not take what the one before gives`);
    const holds =
      typeof step['step'] === 'string' && Object.hasOwn(HOLDS, step['step']) ? HOLDS[step['step']] : undefined;
    if (holds?.(step, takes.length, gives.length) !== true) return malformed(`step ${index + 1} lacks its numbers`);
    before = gives;
  }
  if (before.join('\n') !== outputs.join('\n')) return malformed('its last step gives other columns than it says');
  // Every part of it has been looked at.
  return ok(value as FittedPipeline);
}
