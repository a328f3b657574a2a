import { clockConformance } from '@monsta/testkit';
import { systemClock } from './system-clock.ts';

clockConformance('system clock', () => {
  const clock = systemClock();
  return { clock, pass: (ms) => clock.sleep(ms) };
});
