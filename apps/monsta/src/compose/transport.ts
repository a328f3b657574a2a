import { err, ok, type Result } from '@monsta/core';
import type { Logger, Transport } from '@monsta/ports';
import { createTransport, readCertificates, type ProxyOptions } from '@monsta/transport-node';
import { readFileSync } from 'node:fs';
import type { MonstaConfig } from '../config/schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy of the configuration, else the one of HTTPS_PROXY. Fault `proxy_invalid`. */
export function proxyFrom(config: MonstaConfig['transport'], environment: Environment): Result<ProxyOptions | null> {
  const named = environment['HTTPS_PROXY'] ?? environment['https_proxy'] ?? '';
  const text = config.proxyUrl ?? named;
  if (text === '') return ok(null);
  const url = /^\w+:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return err('proxy_invalid', 'HTTPS_PROXY is no address of an HTTP proxy; write it as http://HOST:PORT');
  }
  const listed = environment['NO_PROXY'] ?? environment['no_proxy'] ?? '';
  return ok({ url, bypass: config.noProxy ?? listed.split(/[\s,]+/).filter((entry) => entry !== '') });
}

/** The certificates of the file. Fault `ca_file_invalid`. */
export function certificatesOf(path: string): Result<readonly string[]> {
  try {
    const certificates = readCertificates(readFileSync(path, 'utf8'));
    if (certificates.length > 0) return ok(certificates);
    return err('ca_file_invalid', `transport.ca_file ${path} holds no certificate in PEM`);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return err('ca_file_invalid', `transport.ca_file ${path} can’t be read: ${reason}`);
  }
}

/** The transport as configured. Faults `proxy_invalid` and `ca_file_invalid`. */
export function openTransport(
  config: MonstaConfig['transport'],
  environment: Environment,
  logger: Logger,
): Result<Transport> {
  const proxy = proxyFrom(config, environment);
  if (!proxy.ok) return proxy;
  const certificates = config.caFile === null ? ok([]) : certificatesOf(config.caFile);
  if (!certificates.ok) return certificates;
  if (proxy.value !== null)
    logger.info('the exchange is reached through a proxy', { host: new URL(proxy.value.url).host });
  return ok(createTransport({ logger, proxy: proxy.value, certificates: certificates.value }));
}
