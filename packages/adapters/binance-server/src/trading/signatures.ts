import { createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto';

/** How a key proves that a request is its owner's. */
export type KeyProof =
  | { readonly kind: 'HMAC'; readonly secret: string }
  | { readonly kind: 'RSA'; readonly publicKey: KeyObject }
  | { readonly kind: 'ED25519'; readonly publicKey: KeyObject };

function withoutSignature(form: string): string {
  return form
    .split('&')
    .filter((part) => !part.startsWith('signature='))
    .join('&');
}

/** What a REST request signs: the query joined to the body, as they were sent, each without its `signature`. */
export function signedText(rawQuery: string, body: string): string {
  return withoutSignature(rawQuery) + withoutSignature(body);
}

const HEX = /^[0-9a-f]{64}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** True where `signature` was made over `text` by the owner of the key: hex for HMAC (in any case), base64 for the others. */
export function isSignedBy(proof: KeyProof, text: string, signature: string): boolean {
  if (proof.kind === 'HMAC') {
    const given = signature.toLowerCase();
    if (!HEX.test(given)) return false;
    return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', proof.secret).update(text).digest());
  }
  // A plus sign that was not escaped arrives as a space; tools that print base64 break its lines.
  const given = signature.replaceAll(' ', '+').replaceAll(/[\r\n]/g, '');
  if (!BASE64.test(given)) return false;
  const bytes = Buffer.from(given, 'base64');
  return verify(proof.kind === 'RSA' ? 'sha256' : null, Buffer.from(text), proof.publicKey, bytes);
}
