/** What must be said wherever data of this market is shown. */
export const SIMULATION_DISCLOSURE =
  'Simulated market: synthetic prices from a seeded random process with no relation to any real market; their direction is unpredictable by construction, so a result obtained here says nothing about a real one.';
