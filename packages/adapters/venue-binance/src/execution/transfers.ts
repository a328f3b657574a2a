import {
  amount,
  assetId,
  formatAmount,
  MS_PER_DAY,
  MS_PER_SECOND,
  msFromUs,
  ok,
  parseAmount,
  timestampUs,
  US_PER_MS,
  usFromMs,
  type Amount,
  type AssetId,
  type Result,
  type TimestampUs,
  type TransferCause,
} from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import { readText, readTimeMs, take, type JsonObject } from '../json-reader.ts';
import type { WalletRecord } from './account-replies.ts';

/** Money that moved without an order. */
export interface Movement {
  readonly asset: AssetId;
  readonly change: Amount;
  readonly tsUs: TimestampUs;
}

export interface Transfer extends Movement {
  readonly id: string;
  readonly cause: TransferCause;
}

/** A `balanceUpdate`. Throws `Malformed`. */
export const readMovement = (event: JsonObject): Movement => ({
  asset: assetId(readText(event['a'], 'a')),
  change: take(parseAmount(readText(event['d'], 'd')), 'd'),
  tsUs: usFromMs(readTimeMs(event['T'], 'T')),
});

export interface TransfersOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lookupMs: number;
  readonly signal: AbortSignal;
  /** What the wallet remembers from a time on; null where the venue has none. */
  readonly wallet: (fromUs: TimestampUs) => Promise<Result<readonly WalletRecord[] | null>>;
  readonly tell: (transfer: Transfer) => void;
}

/** A deposit is dated when it was first seen, days before it counts at worst. */
const LOOK_BACK_US = 3 * MS_PER_DAY * US_PER_MS;
const RETRY_MS = 2_000;
const US_PER_SECOND = MS_PER_SECOND * US_PER_MS;
/** Movements that wait for their cause; one more is told as unexplained at once. */
const WAITING_MAX = 100;
/** Ids, of records and of movements, that are remembered. */
const REMEMBERED_MAX = 10_000;

class RecentIds {
  readonly #ids = new Set<string>();

  /** False for one that is known already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= REMEMBERED_MAX) break;
      this.#ids.delete(oldest);
    }
    return true;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}

const nameOf = ({ asset, change, tsUs }: Movement): string => `${asset}:${msFromUs(tsUs)}:${formatAmount(change)}`;

/** The place of the record that explains a movement: of those that may, the one whose date is nearest. */
function nearest(records: readonly WalletRecord[], { asset, change, tsUs }: Movement): number | null {
  let found: number | null = null;
  let leastUs = Number.POSITIVE_INFINITY;
  for (const [at, record] of records.entries()) {
    const apartUs = Math.abs(record.tsUs - tsUs);
    if (record.asset !== asset || !record.changes.includes(change) || apartUs >= leastUs) continue;
    [found, leastUs] = [at, apartUs];
  }
  return found;
}

/** Says of money that came or went why it did: by the wallet's own records of deposits, withdrawals and conversions, of which each explains one movement. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #explained = new RecentIds();
  readonly #heard = new RecentIds();
  /** Movements that the balances showed before the stream told of them. */
  #noticed: Movement[] = [];
  /** Those that were heard before the wallet's records of the past were known: few, since a start takes but so long. Null from then on. */
  #early: Movement[] | null = [];
  #waiting = 0;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** True while the cause of some movement is being looked for. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Records from before the beginning explain nothing that is told from now on. Answers those since a time, which nobody has told yet: what was heard meanwhile and is among
   * them is told by them.
   */
  async open(nowUs: TimestampUs, sinceUs: TimestampUs): Promise<Result<readonly Transfer[]>> {
    const fromUs = Math.min(sinceUs, nowUs - LOOK_BACK_US);
    const records = await this.#options.wallet(timestampUs(fromUs));
    if (!records.ok) return records;
    const known = records.value ?? [];
    for (const { id } of known) this.#explained.add(id);
    const untold = known
      // The wallet dates withdrawals by the second.
      .filter(({ tsUs }) => tsUs >= sinceUs - (sinceUs % US_PER_SECOND))
      .sort((one, other) => one.tsUs - other.tsUs);
    const early = this.#early ?? [];
    this.#early = null;
    const open = [...untold];
    for (const movement of early) {
      const at = nearest(open, movement);
      if (at === null) this.#explain(movement);
      else open.splice(at, 1);
    }
    return ok(
      untold.map(({ id, cause, asset, changes, tsUs }) => ({
        ...{ id, cause, asset, tsUs },
        change: changes[0] ?? amount(0n),
      })),
    );
  }

  /** A movement that the user stream told. False where it is known already: two connections tell it both, or the balances had shown it. */
  heard(movement: Movement): boolean {
    if (!this.#heard.add(nameOf(movement))) return false;
    const at = this.#noticed.findIndex(
      ({ asset, change, tsUs }) => asset === movement.asset && change === movement.change && tsUs >= movement.tsUs,
    );
    if (at >= 0) {
      this.#noticed.splice(at, 1);
      return false;
    }
    if (this.#early === null) this.#explain(movement);
    else this.#early.push(movement);
    return true;
  }

  /** A movement that the balances show and nobody told of. */
  notice(movement: Movement): void {
    this.#noticed = [...this.#noticed.slice(-WAITING_MAX), movement];
    this.#explain(movement);
  }

  /** Finds the cause of a movement and tells of it, in its own time. */
  #explain(movement: Movement): void {
    if (this.#waiting >= WAITING_MAX) {
      this.#tellUnexplained(movement);
      return;
    }
    this.#waiting += 1;
    void this.#lookFor(movement).finally(() => (this.#waiting -= 1));
  }

  async #lookFor(movement: Movement): Promise<void> {
    const { clock, lookupMs, signal, wallet, logger } = this.#options;
    const untilMs = clock.monotonicMs() + lookupMs;
    while (!signal.aborted) {
      const records = await wallet(timestampUs(movement.tsUs - LOOK_BACK_US));
      if (signal.aborted) return;
      if (records.ok && records.value === null) break;
      if (!records.ok)
        logger.warn('the wallet can not be asked for the cause of a transfer', { code: records.fault.code });
      else if (this.#match(movement, records.value ?? [])) return;
      if (clock.monotonicMs() >= untilMs) break;
      await clock.sleep(RETRY_MS, signal);
    }
    if (!signal.aborted) this.#tellUnexplained(movement);
  }

  /** True where records explain the movement: one of them, or the newest few together. */
  #match(movement: Movement, records: readonly WalletRecord[]): boolean {
    const open = records
      .filter(({ id, asset }) => asset === movement.asset && !this.#explained.has(id))
      .sort((one, other) => other.tsUs - one.tsUs);
    const single = open.find(({ changes }) => changes.includes(movement.change));
    if (single !== undefined) {
      this.#tellRecord(single, movement.change);
      return true;
    }
    let sum = 0n;
    for (const [at, { changes }] of open.entries()) {
      sum += changes[0] ?? 0n;
      if (sum !== movement.change) continue;
      for (const record of open.slice(0, at + 1)) this.#tellRecord(record, record.changes[0] ?? amount(0n));
      return true;
    }
    return false;
  }

  #tellRecord({ id, cause, asset, tsUs }: WalletRecord, change: Amount): void {
    this.#explained.add(id);
    this.#options.tell({ id, cause, asset, change, tsUs });
  }

  #tellUnexplained(movement: Movement): void {
    this.#options.tell({ ...movement, id: `unexplained:${nameOf(movement)}`, cause: 'unexplained' });
  }
}
