/** Of an hour's standardized price shock, this much carries over into the next hour's where nothing else is chosen. */
export const DEFAULT_EDGE = 0.05;

/** The chance that the best possible forecast of the next hour's direction is right: two normal shocks with this correlation have one sign so often. */
export const bestForecast = (edge: number): number => 0.5 + Math.asin(Math.abs(edge)) / Math.PI;

/** What must be said wherever data of this market is shown. */
export function simulationDisclosure(edge: number): string {
  const predictable =
    edge === 0
      ? 'their direction is unpredictable by construction'
      : `by construction the best possible forecast of the next hour's direction is right ${(bestForecast(edge) * 100).toFixed(1)} % of the time`;
  return `Simulated market: agents trade around synthetic prices from a seeded random process with regimes and jumps; ${predictable}. A result obtained here says nothing about a real market.`;
}
