import { describe, expect, it } from 'vitest';
import { readDamaged, SOUND_FILES } from './damaged-files.test-support.ts';

describe('damaged files of tree models', () => {
  it.each(Object.entries(SOUND_FILES))(
    'give a fault or a model that can be walked, six thousand times: %s',
    (_, text) => {
      for (let seed = 0; seed < 3; seed += 1) {
        const { faults, sound } = readDamaged(text, 2_000, seed);
        expect(faults).toBeGreaterThan(sound / 10);
      }
    },
  );
});
