import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);
const NOT_IN_TIME = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const OTHER_NAME = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);

/** The codes of an error and of what caused it. */
export function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let at = error; at instanceof Error && codes.length < 5; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
  }
  return codes;
}

/** What to do about a certificate that was refused; null when the error is of another kind. */
export function certificateAdvice(error: unknown): string | null {
  const codes = codesOf(error);
  if (codes.some((code) => NOT_TRUSTED.has(code))) {
    return 'the certificate is signed by nobody known here; if a proxy or a company network signs connections anew, name the file of its certificate authority in transport.ca_file';
  }
  if (codes.some((code) => NOT_IN_TIME.has(code))) {
    return 'the certificate is not valid at this time; check the clock of this machine first';
  }
  if (codes.some((code) => OTHER_NAME.has(code))) return 'the certificate is for another host; check the address';
  return null;
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM text. Throws when one can't be read. */
export function readCertificates(pem: string): readonly string[] {
  return Array.from(pem.matchAll(PEM), ([text]) => new X509Certificate(text).toString());
}

/** Whom connections trust: what Node does, and these. Undefined: only what Node does. */
export function trustedWith(more: readonly string[]): string[] | undefined {
  return more.length === 0 ? undefined : [...getCACertificates('default'), ...more];
}
