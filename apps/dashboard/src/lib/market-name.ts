/** Whether a market is one that MONSTA generates, by the name of its catalogue. */
export const isSimulatedMarket = (market: string): boolean => market.startsWith('simulated');
