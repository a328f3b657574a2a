export { checkShares, type EarlyStopping } from './early-stopping.ts';
export { deflatedSharpeOf, returnBlocks } from './figures.ts';
export * from './objective.ts';
export * from './optimization.ts';
export { searchSpace, spaceSize, type Dimension, type SearchSpace } from './space.ts';
export { stitched } from './stitch.ts';
export { lossOf, SAMPLERS, type SamplerKind } from './study.ts';
export * from './walk-forward.ts';
