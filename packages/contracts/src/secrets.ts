/** What stands where a secret would, in logs and wherever else configuration or requests are shown. */
export const REDACTED = '[redacted]';

const SECRET_KEY = /secret|password|passphrase|apikey|authorization|signature|privatekey|cookie|credential|token(?!s$)/;

/** True for a key that names a secret, however it is spelled: `apiKey`, `api_key`, `X-MBX-APIKEY`, `accessToken`; not for a count of `tokens`. */
export function namesSecret(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replaceAll(/[-_.]/g, ''));
}
