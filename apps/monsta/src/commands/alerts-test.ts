import { systemClock } from '@monsta/clock-system';
import { sendTest } from '@monsta/notifier';
import { createTelemetry } from '@monsta/telemetry-node';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { openAlertChannels } from '../compose/alert-channels.ts';
import { openTransport } from '../compose/transport.ts';
import { configExitCode } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';

/** Sends a real test message through each configured channel, or the one that is named; 1 where one did not take it. Needs no running program. */
export async function alertsTest(flags: FlagValues, output: Output): Promise<number> {
  const loaded = await configurationFrom({ ...flags, 'log-level': flags['log-level'] ?? 'warn' }, process.env);
  if (!loaded.ok) {
    output.fault(loaded.fault);
    return configExitCode(loaded.fault);
  }
  const config = loaded.value;
  const clock = systemClock();
  const { logger } = createTelemetry({ level: config.log.level, service: 'monsta', processMetrics: false });
  const transport = openTransport(config.transport, process.env, logger);
  if (!transport.ok) {
    output.fault(transport.fault);
    return 1;
  }
  try {
    const channels = openAlertChannels({ config, environment: process.env, transport: transport.value, clock });
    if (!channels.ok) {
      output.fault(channels.fault);
      return 1;
    }
    const notifiers = channels.value.map(({ notifier }) => notifier);
    const asked = typeof flags['channel'] === 'string' ? flags['channel'] : null;
    const { language, sending } = config.alerts;
    const sent = await sendTest(notifiers, asked, { clock, timeoutMs: sending.timeoutMs, language, about: {} });
    for (const notifier of notifiers) await notifier.close();
    if (!sent.ok) {
      output.fault(sent.fault);
      return 1;
    }
    const lines = sent.value.map(({ channel, error, elapsedMs }) =>
      error === null ? `${channel}: sent (${elapsedMs} ms)` : `${channel}: ${error.code}: ${error.message}`,
    );
    output.document({ items: sent.value }, lines.join('\n'));
    return sent.value.every(({ error }) => error === null) ? 0 : 1;
  } finally {
    await transport.value.close();
  }
}
