import type { Fault } from '@monsta/core';

/** Where a command prints: one JSON document or plain text on stdout, faults on stderr (and, with `--json`, as the document). */
export interface Output {
  readonly json: boolean;
  document(value: unknown, text: string): void;
  fault(fault: Fault): void;
  /** A line for a person, on stderr, so that stdout stays one document. */
  note(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    document(value, text) {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    },
    fault({ code, message, details }) {
      process.stderr.write(`error ${code}: ${message}\n`);
      if (json)
        process.stdout.write(
          `${JSON.stringify({ error: { code, message, ...(details === undefined ? {} : { details }) } })}\n`,
        );
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}
