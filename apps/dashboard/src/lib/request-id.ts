/** An id for one order that a person confirmed: sent twice, the order is placed once. 128 bits of the browser's randomness. */
export function newRequestId(random: Pick<Crypto, 'getRandomValues'>): string {
  const bytes = random.getRandomValues(new Uint8Array(16));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
