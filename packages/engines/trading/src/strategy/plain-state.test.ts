import { expect, test } from 'vitest';
import { STATE_BYTES_MAX, stateTextOf } from './plain-state.ts';

test('a plain object is kept as its JSON text', () => {
  const state = { anchor: null, held: [0.1, 0], names: { one: 'ä', two: true } };
  expect(stateTextOf(state, 'state')).toEqual({ text: JSON.stringify(state) });
});

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

test.each<[string, unknown, string]>([
  ['no object', [1], 'state must be an object'],
  ['what JSON would leave out', { seen: { at: undefined } }, "state.seen.at is undefined, which JSON can't hold"],
  ['what JSON would make null of', { list: [1, Number.NaN] }, 'state.list[1] is NaN'],
  ['what JSON would make text of', { since: new Date(0) }, 'state.since is a Date'],
  ['what lies within itself', cyclic, 'more than 32 levels deep (or within itself)'],
])('%s is refused, and the place named', (_what, state, words) => {
  expect(stateTextOf(state, 'state')).toEqual({ fault: expect.stringContaining(words) as string });
});

test('what is too large is measured in bytes, not in letters', () => {
  // {"t":"…"} takes eight beside the text.
  const [most, letters] = [STATE_BYTES_MAX - 8, (STATE_BYTES_MAX - 8) / 2];
  expect(stateTextOf({ t: 'a'.repeat(most) }, 'state')).toHaveProperty('text');
  expect(stateTextOf({ t: 'ä'.repeat(letters) }, 'state')).toHaveProperty('text');
  const fault = `state is ${STATE_BYTES_MAX + 2} bytes long as JSON; at most ${STATE_BYTES_MAX} are kept`;
  expect(stateTextOf({ t: 'ä'.repeat(letters + 1) }, 'state')).toEqual({ fault });
});
