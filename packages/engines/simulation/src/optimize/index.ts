export * from './optimization.ts';
export { searchSpace, spaceSize, type Dimension, type SearchSpace } from './space.ts';
export { stitched } from './stitch.ts';
export { SAMPLERS, type SamplerKind } from './study.ts';
export * from './walk-forward.ts';
