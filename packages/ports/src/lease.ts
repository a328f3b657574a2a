import type { Result } from '@monsta/core';

/** Who holds a lease, in words for a person who has to find that program. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  readonly sinceMs: number;
  /** What it is, e.g. its data directory. */
  readonly about: string;
}

/** A lease that is held. */
export interface LeaseHold {
  /** Fencing token: larger than that of every holder before, so that what an earlier one still does can be told from it. */
  readonly token: number;
  /**
   * Says that the holder still lives. Faults: `lease_lost` (fatal: it lapsed, or another holds it now; nothing may be done under it any more), `lease_unavailable` (retryable:
   * whether it is still held is not known).
   */
  renew(): Promise<Result<null>>;
  /** Frees it for others at once. Never fails: what can't be freed lapses. */
  release(): Promise<void>;
}

/** At most one holder of a name at a time. */
export interface Lease {
  /** How long a hold lasts without being renewed; null: as long as its process lives. */
  readonly ttlMs: number | null;
  /**
   * Takes a free name; one whose holder has lapsed or died is free. Faults: `lease_held` (retryable; `details.holder` is a `LeaseHolder`, null where it is not known),
   * `lease_unavailable`.
   */
  take(name: string, about: string): Promise<Result<LeaseHold>>;
}
