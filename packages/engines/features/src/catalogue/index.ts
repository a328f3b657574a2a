import type { FeatureFamily } from '../feature-definition.ts';
import { AVERAGE_FAMILIES } from './averages.ts';
import { CALENDAR_FAMILIES } from './calendar.ts';
import { CROSS_ASSET_FAMILIES } from './cross-asset.ts';
import { OSCILLATOR_FAMILIES } from './oscillators.ts';
import { RETURN_FAMILIES } from './returns.ts';
import { VOLUME_FAMILIES } from './volume.ts';

/** All features that ship, as families with open parameters. */
export const FEATURE_FAMILIES: readonly FeatureFamily[] = [
  ...RETURN_FAMILIES,
  ...AVERAGE_FAMILIES,
  ...OSCILLATOR_FAMILIES,
  ...VOLUME_FAMILIES,
  ...CALENDAR_FAMILIES,
  ...CROSS_ASSET_FAMILIES,
];
