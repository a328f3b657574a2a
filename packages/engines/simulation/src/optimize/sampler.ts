import { mixSeed, seededRandom } from '@monsta/core';
import { gridPoint, snapped, spaceSize, type Point, type SearchSpace } from './space.ts';

/** What came of a trial, as a sampler hears it: less loss is better. Those that were stopped early rank behind all that were finished, those that failed behind those. */
export type Told =
  | { readonly kind: 'finished' | 'stopped'; readonly loss: number }
  /** It threw, was cut off, or its objective can't be known. */
  | { readonly kind: 'failed' };

/** The space as a search sees it. */
export interface Field {
  readonly space: SearchSpace;
  /** Whether the strategy can be run with it at all. */
  accepts(point: Point): boolean;
  /** The trial that a point was given to; null for one that is new. */
  trialOf(point: Point): number | null;
}

/** The next point, new and accepted; `wait`: not before more trials are told; null: there is none left. */
export type Ask = { readonly point: Point } | 'wait' | null;

/**
 * Proposes what to try next. It is asked for trials 0, 1, 2 … and told of them in the same order, some later; what it answers depends on nothing but its seed and what it was told
 * before, so that the same results, told again in the same order, bring it back to where it was.
 */
export interface Sampler {
  ask(trial: number): Ask;
  tell(trial: number, point: Point, told: Told): void;
}

export const isNew = (field: Field, point: Point): boolean => field.trialOf(point) === null && field.accepts(point);

const DRAWS = 1_000;
/** A space so small is looked through from end to end before it is given up. */
const SMALL = 100_000;

/** A point drawn evenly that is new and accepted; null where there seems to be none: surely none in a small space. */
export function drawNew(field: Field, ...seeds: readonly number[]): Point | null {
  const { space } = field;
  const random = seededRandom(mixSeed(...seeds));
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const point = snapped(
      space,
      space.dimensions.map(() => random.next()),
    );
    if (isNew(field, point)) return point;
  }
  const size = spaceSize(space);
  if (size > SMALL) return null;
  const first = random.integer(size);
  for (let step = 0; step < size; step += 1) {
    const point = gridPoint(space, (first + step) % size);
    if (isNew(field, point)) return point;
  }
  return null;
}
