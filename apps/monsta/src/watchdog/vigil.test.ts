import { expect, test } from 'vitest';
import { Vigil } from './vigil.ts';

const looks = (vigil: Vigil, count: number, lives: boolean): readonly (string | null)[] =>
  Array.from({ length: count }, () => vigil.look(lives));

test('a program that is there and silent is lost after the beats of its time, not before', () => {
  const vigil = new Vigil(3_000);
  expect(looks(vigil, 4, true)).toEqual([null, null, null, expect.stringContaining('not been heard of for 4 s')]);
});

test('a beat begins the time anew', () => {
  const vigil = new Vigil(3_000);
  for (let round = 0; round < 10; round += 1) {
    expect(looks(vigil, 3, true)).toEqual([null, null, null]);
    vigil.beat();
  }
});

test('a machine that was suspended has looked as seldom as it has beaten: whatever the hours, one look is one', () => {
  const vigil = new Vigil(15_000);
  vigil.beat();
  // The night is over; the watchdog is the first to run.
  expect(vigil.look(true)).toBeNull();
  vigil.beat();
  expect(looks(vigil, 15, true).every((why) => why === null)).toBe(true);
});

test('a program that has ended and hung up is lost at once', () => {
  const vigil = new Vigil(15_000);
  vigil.cut();
  expect(vigil.look(false)).toContain('ended without a word');
});

test('a line that is cut while the program lives is waited for', () => {
  const vigil = new Vigil(2_000);
  vigil.cut();
  expect(looks(vigil, 2, true)).toEqual([null, null]);
  expect(vigil.look(true)).not.toBeNull();
});

test('a line that holds tells of a program in another container, whose pid means nothing here', () => {
  const vigil = new Vigil(2_000);
  for (let round = 0; round < 5; round += 1) {
    expect(vigil.look(false)).toBeNull();
    vigil.beat();
  }
});
