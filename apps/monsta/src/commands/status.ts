import { systemClock } from '@monsta/clock-system';
import { createTransport } from '@monsta/transport-node';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { urlFrom } from './running.ts';

const TIMEOUT_MS = 5_000;

export async function status(flags: FlagValues, output: Output): Promise<number> {
  const url = urlFrom(flags);
  if (!url.ok) {
    output.fault(url.fault);
    return 2;
  }
  const base = url.value;
  const transport = createTransport();
  const began = systemClock().monotonicMs();
  const reply = await transport.request({
    method: 'GET',
    url: new URL('/api/v1/status', base).href,
    timeoutMs: TIMEOUT_MS,
  });
  await transport.close();
  if (!reply.ok) {
    output.fault({
      code: 'not_running',
      message: `nothing answers at ${base} (${reply.fault.message}); start it with npm start, or name its address with --url`,
      retry: 'retryable',
    });
    return 1;
  }
  let body: unknown;
  try {
    body = JSON.parse(reply.value.body);
  } catch {
    body = null;
  }
  if (reply.value.status !== 200 || body === null) {
    output.fault({
      code: 'not_monsta',
      message: `what answers at ${base} is no running monsta (HTTP ${reply.value.status})`,
      retry: 'permanent',
    });
    return 1;
  }
  output.note(`answered in ${Math.round(systemClock().monotonicMs() - began)} ms`);
  output.document(body, JSON.stringify(body, null, 2));
  return 0;
}
