import { price, quantity, seededRandom, type Price, type Quantity, type Random } from '@monsta/core';
import type { Wish } from '../../integration/trading/world.ts';

const PPM = 1_000_000;
const MUCH = 1_000_000;
/** From where dips are counted until the bar closes. */
const DECIDES_MS = 40_000;

/** Where the stops of positions stand, as the role is configured. */
export interface StopSettings {
  readonly distancePpm: number;
  readonly limitOffsetPpm: number;
}

/** The price falls for a while, and somebody buys so much down there. */
export interface Dip {
  readonly afterMs: number;
  readonly forMs: number;
  readonly at: Price;
  readonly lots: Quantity;
}

/** What a case draws whose positions are protected at the exchange. */
export interface StopPlan {
  readonly settings: StopSettings;
  readonly wishes: readonly Wish[];
  /** By the minute; null: the price stays. */
  readonly dips: readonly (Dip | null)[];
  /** For how long the program is down that dies as the price falls, by the minute; null: it lives on. */
  readonly deathsMs: readonly (number | null)[];
}

interface Surroundings {
  readonly middle: number;
  /** The entries are limit orders at this price; null: at the market. */
  readonly resting: number | null;
  readonly wishes: number;
  readonly minutes: number;
}

const pick = <T>(random: Random, first: T, ...rest: readonly T[]): T =>
  [first, ...rest][random.integer(rest.length + 1)] ?? first;

/** To near the stop, through it, or through its limit too. */
function dipOf(random: Random, middle: number, { distancePpm, limitOffsetPpm }: StopSettings): Dip {
  const below = pick(
    random,
    distancePpm * 0.8,
    distancePpm + 200,
    distancePpm + limitOffsetPpm * 0.5,
    distancePpm + limitOffsetPpm + 1_000,
  );
  return {
    // Often just as the strategy decides.
    afterMs: pick(random, random.integer(45_000), DECIDES_MS - 500 + random.integer(2_500)),
    forMs: 300 + random.integer(15_000),
    at: price(Math.floor((middle * (PPM - below)) / PPM)),
    lots: quantity(pick(random, MUCH, 1_000 + random.integer(12_000))),
  };
}

function wishOf(random: Random, index: number, { middle, resting }: Surroundings): Wish {
  const above = { share: 0, limitPrice: (middle + 800) / 100 };
  if (index % 2 === 0) return resting === null ? 1 : { share: 1, limitPrice: resting / 100 };
  return pick<Wish>(random, 0, 0.5, 0.25, null, above);
}

/** Null in half of the cases: their positions have no stops. The numbers that everything else is drawn from stay as they are. */
export function stopPlan(seed: number, around: Surroundings): StopPlan | null {
  const random = seededRandom(seed + 4);
  if (random.integer(2) === 0) return null;
  const settings = { distancePpm: 1_500 + random.integer(15_000), limitOffsetPpm: random.integer(6_000) };
  return {
    settings,
    wishes: Array.from({ length: around.wishes }, (_, index) => wishOf(random, index, around)),
    dips: Array.from({ length: around.minutes }, () =>
      random.integer(2) === 0 ? dipOf(random, around.middle, settings) : null,
    ),
    deathsMs: Array.from({ length: around.minutes }, () => (random.integer(5) === 0 ? random.integer(40_000) : null)),
  };
}
