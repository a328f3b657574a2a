import { ok, type Fault, type Result } from '@monsta/core';
import { goesThrough } from '@monsta/transport-node';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { openExchangeKeys } from '../compose/exchange-keys.ts';
import { certificatesOf, proxyFrom } from '../compose/transport.ts';
import { DEFAULT_INSTRUMENTS } from '../compose/venues.ts';
import { configExitCode } from '../config/load.ts';
import { accountChecks } from '../doctor/account-checks.ts';
import type { Check } from '../doctor/check.ts';
import { diskCheck } from '../doctor/disk-check.ts';
import { exchangeChecks } from '../doctor/exchange-checks.ts';
import { networkChecks } from '../doctor/network-checks.ts';
import { createNetworkProbe } from '../doctor/network-probe.ts';
import { openAccountContext, venueFrom, type AccountContext } from './account-context.ts';
import type { AccountVenue } from '../config/names.ts';

/** A doctor that waits for an hour's ban to end, or tries for minutes, tells nobody anything. */
const IMPATIENT = { requestAttemptsMax: 2 };

/** Everything that is looked at, in the order in which one thing needs the other. Faults are those of the keys' store and of the transport. */
async function examine(
  { config, clock, addresses, connect }: AccountContext,
  venue: AccountVenue,
  account: string | null,
): Promise<Result<readonly Check[]>> {
  const proxy = proxyFrom(config.transport, process.env);
  if (!proxy.ok) return proxy;
  const certificates = config.transport.caFile === null ? ok([]) : certificatesOf(config.transport.caFile);
  if (!certificates.ok) return certificates;
  const connection = connect(venue, IMPATIENT);
  const opened = await openExchangeKeys({ config, environment: process.env, clock, connect: () => connection });
  if (!opened.ok) return opened;
  try {
    const { restUrl, wsUrl, wsApiUrl } = addresses(venue);
    const network = await networkChecks(
      createNetworkProbe(clock, certificates.value),
      [restUrl, wsUrl, wsApiUrl].map((url) => new URL(url)),
      proxy.value !== null && goesThrough(proxy.value, new URL(restUrl)) ? new URL(proxy.value.url).host : null,
      clock.nowUs() / 1_000,
    );
    const exchange = await exchangeChecks(connection, config.venue.instruments ?? DEFAULT_INSTRUMENTS);
    const reached = exchange.some(({ name, status }) => name === 'rest' && status === 'ok');
    const own = await accountChecks(connection, opened.value.keys, account, reached);
    return ok([diskCheck(config.dataDir, clock), ...network, ...exchange, ...own]);
  } finally {
    connection.stop();
    await opened.value.close();
  }
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ', skipped: 'skipped' } as const;

const told = (checks: readonly Check[]): string =>
  checks
    .map(
      ({ name, status, seen, todo }) =>
        `${MARKS[status]}  ${name.padEnd(14)}${seen}${todo === null ? '' : `\n${' '.repeat(25)}→ ${todo}`}`,
    )
    .join('\n');

function failed(output: Output, fault: Fault): number {
  output.fault(fault);
  if (fault.code === 'flag_invalid') return 2;
  return fault.code === 'config_invalid' && fault.details?.['faults'] !== undefined ? configExitCode(fault) : 1;
}

/** Looks at everything between this machine and an account. Exit status 1 where something has failed. */
export async function doctor(flags: FlagValues, output: Output): Promise<number> {
  const venue = venueFrom(flags);
  if (!venue.ok) return failed(output, venue.fault);
  const context = await openAccountContext(flags);
  if (!context.ok) return failed(output, context.fault);
  const account = typeof flags['account'] === 'string' ? flags['account'] : null;
  const examined = await examine(context.value, venue.value, account);
  await context.value.close();
  if (!examined.ok) return failed(output, examined.fault);
  const checks = examined.value;
  const isWell = checks.every(({ status }) => status !== 'failed');
  output.document({ ok: isWell, venue: venue.value, account, checks }, told(checks));
  return isWell ? 0 : 1;
}
