import type { StreamMessage } from '@monsta/ports';

interface Position {
  readonly epoch: string;
  readonly sequence: number;
}

/** What a message from the event stream is, judged by its subject's sequence. */
export type Arrival = { readonly repeated: true } | { readonly repeated: false; readonly lost: number };

/** The event stream delivers at least once and may drop under load: this tells repetitions and losses apart, by subject. */
export class UpstreamSequences {
  readonly #positions = new Map<string, Position>();

  observe({ subject, producerEpoch, sequence }: StreamMessage): Arrival {
    const before = this.#positions.get(subject);
    if (before?.epoch === producerEpoch && sequence <= before.sequence) return { repeated: true };
    this.#positions.set(subject, { epoch: producerEpoch, sequence });
    if (before === undefined) return { repeated: false, lost: 0 };
    // Of a producer that began anew nobody knows whether its last messages came through: one missing stands for "perhaps some".
    if (before.epoch !== producerEpoch) return { repeated: false, lost: 1 };
    return { repeated: false, lost: sequence - before.sequence - 1 };
  }
}
