import type { TopicMessage } from '@monsta/contracts';

/** `lost`: messages are missing; `restarted`: the server began anew, and what came in between is not known. */
export interface Gap {
  readonly topic: string;
  readonly cause: 'lost' | 'restarted';
  /** The sequence that should have come next; null after a restart. */
  readonly expectedSeq: number | null;
  readonly receivedSeq: number;
}

interface Position {
  readonly epoch: string;
  readonly seq: number;
  readonly connection: number;
}

/** Topics of which only the latest message matters: their sequence may jump. */
const CONFLATED = /^(bars|quotes|book|feed|predictions)\.|^(positions|account|trading\.state|status)$/;

/**
 * Finds lost messages by sequence and epoch. Within a connection a conflated topic may jump (only the latest matters); after a cut a jump
 * counts on every topic, because whoever keeps a history of them (bars on a chart) has missed some.
 */
export class SequenceWatch {
  readonly #positions = new Map<string, Position>();
  #connection = 0;

  connected(): void {
    this.#connection += 1;
  }

  forget(topic: string): void {
    this.#positions.delete(topic);
  }

  /** Null when nothing is missing before `message`. */
  observe({ topic, epoch, seq }: TopicMessage): Gap | null {
    const before = this.#positions.get(topic);
    this.#positions.set(topic, { epoch, seq, connection: this.#connection });
    if (before === undefined) return null;
    if (before.epoch !== epoch) return { topic, cause: 'restarted', expectedSeq: null, receivedSeq: seq };
    const jumped = seq > before.seq + 1;
    const counts = before.connection !== this.#connection || !CONFLATED.test(topic);
    return jumped && counts ? { topic, cause: 'lost', expectedSeq: before.seq + 1, receivedSeq: seq } : null;
  }
}
