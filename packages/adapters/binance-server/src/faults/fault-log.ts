import type { Channel, FaultKind } from './fault-plan.ts';

/** One fault as it happened. */
export interface FaultRecord {
  /** The venue's time. */
  readonly atUs: number;
  /** The id of the rule. */
  readonly rule: string;
  readonly fault: FaultKind;
  readonly channel: Channel;
  /** What was struck: `POST /api/v3/order`, `btcusdt@trade`. */
  readonly subject: string;
  /** Whom: an address, or `connection 3`. */
  readonly to: string;
  /** What came of it. */
  readonly note: string;
}

/** An entry whose note is written when its outcome is known. */
export type OpenRecord = Omit<FaultRecord, 'note'> & { note: string };

const RECORDS_MAX = 10_000;

/** What faults did, oldest first. Full, it forgets the oldest and counts them. */
export class FaultLog {
  #records: OpenRecord[] = [];
  #first = 0;
  #forgotten = 0;

  get forgotten(): number {
    return this.#forgotten;
  }

  add(record: OpenRecord): OpenRecord {
    this.#records.push(record);
    if (this.#records.length - this.#first > RECORDS_MAX) {
      this.#first += 1;
      this.#forgotten += 1;
      if (this.#first === RECORDS_MAX) {
        this.#records = this.#records.slice(this.#first);
        this.#first = 0;
      }
    }
    return record;
  }

  records(): readonly FaultRecord[] {
    return this.#records.slice(this.#first);
  }

  clear(): void {
    this.#records = [];
    this.#first = 0;
    this.#forgotten = 0;
  }
}
