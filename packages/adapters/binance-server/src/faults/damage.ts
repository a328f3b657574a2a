import type { OutgoingResponse } from '@monsta/ports';
import type { Strike } from './fault-injector.ts';
import type { Fault } from './fault-plan.ts';

type Damage = Extract<Fault, { readonly kind: 'damage' }>;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Where a byte is made another one: of a text the first digit from there on, so that a checksum stays one and is wrong. Null where there is none. */
function placeIn(bytes: Uint8Array, from: number, isText: boolean): number | null {
  for (let step = 0; step < bytes.length; step += 1) {
    const at = (from + step) % bytes.length;
    if (!isText || isDigit(bytes[at] ?? 0)) return at;
  }
  return null;
}

/** The answer with its damage, and a note of what it was. */
export function damagedResponse(
  response: OutgoingResponse,
  { fault, armed, record }: Strike<Damage>,
): OutgoingResponse {
  const isText = typeof response.body === 'string' || (response.headers?.['content-type'] ?? '').startsWith('text/');
  const bytes = Uint8Array.from(typeof response.body === 'string' ? Buffer.from(response.body) : response.body);
  const headers = { ...response.headers, 'x-monsta-fault': armed.rule.id };
  if (fault.how === 'truncate') {
    const kept = Math.floor((bytes.length * fault.percent) / 100);
    record.note = `${kept} of ${bytes.length} bytes answered`;
    return { ...response, headers, body: bytes.subarray(0, kept) };
  }
  const at = bytes.length === 0 ? null : placeIn(bytes, armed.random.integer(bytes.length), isText);
  if (at === null) {
    record.note = 'nothing: the answer has no byte to alter';
    return response;
  }
  const was = bytes[at] ?? 0;
  bytes[at] = isText ? 0x30 + 0x39 - was : was ^ 0xff;
  record.note = `byte ${at} of ${bytes.length} altered`;
  return { ...response, headers, body: bytes };
}
