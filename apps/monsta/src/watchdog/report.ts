import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '../runtime/atomic-file.ts';

const orderSchema = z.strictObject({
  symbol: z.string(),
  orderId: z.number(),
  clientOrderId: z.string(),
  side: z.enum(['BUY', 'SELL']),
  type: z.string(),
});

/** What a watchdog did while no program ran. */
const reportSchema = z.strictObject({
  accountId: z.string(),
  why: z.string(),
  onLoss: z.string(),
  lostMs: z.number(),
  endedMs: z.number(),
  confirmed: z.boolean(),
  canceled: z.array(orderSchema).readonly(),
  kept: z.array(orderSchema).readonly(),
  others: z.number(),
  failures: z.number(),
});
export type WatchdogReport = Readonly<z.infer<typeof reportSchema>>;

/** Older ones are forgotten beyond it: a program that never gets as far as reading them. */
const REPORTS_MAX = 100;
const reportsSchema = z.array(reportSchema);

const pathIn = (directory: string): string => join(directory, 'watchdog-reports.json');

/** Reports of an account that no start has read yet, oldest first. A file that can't be read counts as none. */
export function readReports(directory: string): readonly WatchdogReport[] {
  if (!existsSync(pathIn(directory))) return [];
  try {
    return reportsSchema.parse(JSON.parse(readFileSync(pathIn(directory), 'utf8')));
  } catch {
    return [];
  }
}

/** Durable, whole or not at all. */
function write(directory: string, reports: readonly WatchdogReport[]): void {
  const path = pathIn(directory);
  if (reports.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  writeFileWhole(path, `${JSON.stringify(reports, null, 2)}\n`);
}

export const addReport = (directory: string, report: WatchdogReport): void =>
  write(directory, [...readReports(directory), report].slice(-REPORTS_MAX));

/** Called once what they say is in the ledger. */
export const removeReports = (directory: string, accountId: string): void =>
  write(
    directory,
    readReports(directory).filter((report) => report.accountId !== accountId),
  );

const named = (orders: WatchdogReport['canceled']): string =>
  orders.map(({ clientOrderId, side, symbol }) => `${clientOrderId} (${side.toLowerCase()} ${symbol})`).join(', ') ||
  'none';

/** A report in one sentence. */
export function spokenReport({ why, confirmed, canceled, kept, others, failures, onLoss }: WatchdogReport): string {
  const end = confirmed
    ? 'the venue confirmed that nothing else was to go'
    : onLoss === 'nothing'
      ? 'nothing was to be done'
      : 'a program took over before the venue had confirmed it all';
  const rest = `${others} orders of others were left alone, ${failures} requests failed`;
  return `${why}; the watchdog (${onLoss}) canceled ${named(canceled)}; kept ${named(kept)}; ${end}; ${rest}`;
}
