import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { expect, test } from 'vitest';
import { watchTimers } from './timer-lateness.ts';

const NAME = 'monsta_trading_timer_lateness_seconds';

test('the lateness of timers is measured fifty times a second, until it is closed', async () => {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const watched = watchTimers(clock, telemetry.metrics);
  await clock.advance(1_000);
  expect(telemetry.value(NAME)).toBe(50);
  watched.close();
  await clock.advance(1_000);
  expect(telemetry.value(NAME)).toBe(50);
});
