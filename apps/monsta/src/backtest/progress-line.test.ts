import { expect, it } from 'vitest';
import { ProgressLine } from './progress-line.ts';

function shown(isTTY: boolean, at: readonly (readonly [ms: number, done: number])[]): string {
  let text = '';
  const line = new ProgressLine({ isTTY, write: (more: string) => (text += more) }, 'bars', 0);
  for (const [ms, done] of at) line.show(done, 1_000_000, ms);
  line.end();
  return text;
}

it('a run of less than a second shows nothing', () => {
  expect(
    shown(true, [
      [0, 0],
      [900, 900_000],
    ]),
  ).toBe('');
});

it('a terminal shows a bar with the rate and what is left, and takes it away at the end', () => {
  const text = shown(true, [
    [0, 0],
    [2_000, 250_000],
  ]);
  expect(text).toContain('██████░░');
  expect(text).toContain('25 %, 125k bars/s, 0:06 left');
  expect(text.endsWith('\r\u001b[K')).toBe(true);
});

it('elsewhere a plain line comes every five seconds', () => {
  expect(
    shown(false, [
      [0, 0],
      [2_000, 1],
      [5_000, 5_000],
      [5_100, 5_001],
      [10_000, 10_000],
    ]),
  ).toBe('0 %, 1.00k bars/s, 16:35 left\n1 %, 1.00k bars/s, 16:30 left\n');
});

it('one that is resumed does not count what was there as done now', () => {
  expect(
    shown(false, [
      [0, 500_000],
      [10_000, 600_000],
    ]),
  ).toBe('60 %, 10.0k bars/s, 0:40 left\n');
});
