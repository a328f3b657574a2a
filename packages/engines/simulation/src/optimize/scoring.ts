/** How one trial is judged: all that a thread that runs trials knows of an optimisation. */
export { checkShares, type EarlyStopping } from './early-stopping.ts';
export { deflatedSharpeOf, returnBlocks } from './figures.ts';
export * from './objective.ts';
