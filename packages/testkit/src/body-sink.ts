import { err, ok, type Result } from '@monsta/core';
import type { BodySink, HttpRequest } from '@monsta/ports';

/** A body comes in pieces no longer than this. */
const PIECE_BYTES = 1_000;

export const bytesOfBody = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body;

/** The sink that a body of this status goes into; null where it stays text. */
export const sinkOf = ({ into }: HttpRequest, status: number): BodySink | null =>
  status === 200 || status === 206 ? (into ?? null) : null;

/** Gives a body to a sink as a transport does. Fault `transport_failed`: it is too long, or was not taken. */
export async function pourInto(sink: BodySink, body: Uint8Array, what: string): Promise<Result<null>> {
  let bytes = 0;
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    const piece = body.subarray(at, at + PIECE_BYTES);
    bytes += piece.length;
    if (bytes > sink.bytesMax)
      return err('transport_failed', `${what}: the answer is larger than ${sink.bytesMax} bytes`);
    try {
      await sink.take(piece);
    } catch (thrown) {
      return err('transport_failed', `${what}: what it answers could not be taken`, { cause: thrown });
    }
  }
  return ok(null);
}
