import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import type { Program } from '../compose/program.ts';
import { configExitCode } from '../config/load.ts';
import { STOP_DEADLINE_MS } from '../runtime/supervisor.ts';
import { untilStopped } from '../runtime/signals.ts';
import { configurationArguments, configurationFrom } from './configuration-flags.ts';

function greeting(program: Program, notice: string): string {
  const lines = [
    `MONSTA is running: ${program.url ?? 'without a page (the api-gateway is not among the roles)'}`,
    notice,
  ];
  if (program.adminToken !== null) {
    lines.push(`Admin token, shown this once: ${program.adminToken}`);
    if (program.url !== null)
      lines.push(`Page with the token already in place: ${program.url}/#token=${program.adminToken}`);
  }
  return lines.join('\n');
}

const LIVE_NOTICES = {
  testnet: 'TRADING LIVE ON THE TESTNET: orders go to the exchange’s test network. The money is not real.',
  real: 'TRADING LIVE WITH REAL MONEY: orders go to the exchange.',
} as const;

const NOTICES = {
  simulated: 'The market is SIMULATED. Nothing here is a real price.',
  replay: 'The market is a REPLAY of a recording, at the recording’s time.',
  testnet: 'The market is the exchange’s TESTNET. Its prices are not real.',
  real: 'Prices are real. Orders are filled on paper only.',
} as const;

function noticeOf({ accountId, tradingMode, venue }: Program, exposureMax: string | null): string {
  const { origin } = venue;
  if (tradingMode !== 'live' || (origin !== 'testnet' && origin !== 'real')) return NOTICES[origin];
  return `${LIVE_NOTICES[origin]}\nAccount ${accountId}, at most ${exposureMax} at stake.`;
}

/** Runs until SIGTERM or SIGINT; the stop takes at most ten seconds. */
export async function start(flags: FlagValues, output: Output): Promise<number> {
  const config = await configurationFrom(flags, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const stopped = untilStopped();
  // Loaded when the configuration is known to be good: a typing mistake is answered at once.
  const { startProgram } = await import('../compose/program.ts');
  let fail: (reason: string) => void = () => undefined;
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const starting = startProgram({
    config: config.value,
    renewToken: flags['renew-token'] === true,
    flags: configurationArguments(flags),
    onFatal: (reason) => fail(reason),
  });
  const begun = await Promise.race([starting, stopped.then(() => null)]);
  if (begun === null) return endHard(0);
  if (!begun.ok) {
    output.fault(begun.fault);
    return endHard(1);
  }
  const program = begun.value;
  const { origin } = program.venue;
  output.document(
    {
      url: program.url,
      adminToken: program.adminToken,
      venue: config.value.venue.name,
      origin,
      accountId: program.accountId,
      tradingMode: program.tradingMode,
      disclosure: program.venue.disclosure,
    },
    greeting(program, noticeOf(program, config.value.trading.live.exposureMax)),
  );
  const reason = await Promise.race([stopped, failed]);
  const asked = reason === 'SIGTERM' || reason === 'SIGINT';
  if (asked) program.logger.info('stopping', { reason });
  else program.logger.error('MONSTA can not go on and ends; its next start recovers', { code: 'fatal', reason });
  // Whatever hangs, the process is gone after the deadline; the ledger is durable at every moment.
  setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
  await program.stop(asked);
  return endHard(asked ? 0 : 1);
}

/** Everything is closed: what still keeps the process alive (a kept-alive connection, a thread on its way out) need not. */
function endHard(code: number): number {
  process.exitCode = code;
  setTimeout(() => process.exit(code), 100).unref();
  return code;
}
