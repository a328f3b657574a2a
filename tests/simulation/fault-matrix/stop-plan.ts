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
  /** Null: the stop stands still. */
  readonly trailingBps: number | null;
  /** Null: there is no take profit. */
  readonly takeProfitPpm: number | null;
}

/** The price goes somewhere else for a while: it falls, and somebody buys so much down there, or it rises, and somebody sells so much. */
export interface Dip {
  readonly rises: boolean;
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
    rises: false,
    // Often just as the strategy decides.
    afterMs: pick(random, random.integer(45_000), DECIDES_MS - 500 + random.integer(2_500)),
    forMs: 300 + random.integer(15_000),
    at: price(Math.floor((middle * (PPM - below)) / PPM)),
    lots: quantity(pick(random, MUCH, 1_000 + random.integer(12_000))),
  };
}

/** To near the take profit, to it, or past it. */
function riseOf(random: Random, ask: number, takeProfitPpm: number): Dip {
  const above = pick(random, takeProfitPpm * 0.8, takeProfitPpm + 100, takeProfitPpm + 2_000);
  return {
    rises: true,
    afterMs: pick(random, random.integer(45_000), DECIDES_MS - 500 + random.integer(2_500)),
    forMs: 300 + random.integer(15_000),
    at: price(Math.ceil((ask * (PPM + above)) / PPM)),
    lots: quantity(pick(random, MUCH, 1_000 + random.integer(12_000))),
  };
}

/** What goes beyond one stop that stands still: in half of the cases a take profit, a stop that trails, or both. */
function extrasOf(random: Random): Pick<StopSettings, 'trailingBps' | 'takeProfitPpm'> {
  const takeProfitPpm = 1_000 + random.integer(8_000);
  const trailingBps = 20 + random.integer(150);
  return pick(
    random,
    { trailingBps: null, takeProfitPpm: null },
    { trailingBps: null, takeProfitPpm: null },
    { trailingBps: null, takeProfitPpm: null },
    { trailingBps: null, takeProfitPpm },
    { trailingBps, takeProfitPpm: null },
    { trailingBps, takeProfitPpm },
  );
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
  const more = seededRandom(seed + 5);
  const settings: StopSettings = {
    distancePpm: 1_500 + random.integer(15_000),
    limitOffsetPpm: random.integer(6_000),
    ...extrasOf(more),
  };
  const { takeProfitPpm } = settings;
  const moveOf = (): Dip => {
    const dip = dipOf(random, around.middle, settings);
    return takeProfitPpm !== null && more.integer(2) === 0 ? riseOf(more, around.middle, takeProfitPpm) : dip;
  };
  return {
    settings,
    wishes: Array.from({ length: around.wishes }, (_, index) => wishOf(random, index, around)),
    dips: Array.from({ length: around.minutes }, () => (random.integer(2) === 0 ? moveOf() : null)),
    deathsMs: Array.from({ length: around.minutes }, () => (random.integer(5) === 0 ? random.integer(40_000) : null)),
  };
}
