export { goesThrough, type ProxyOptions } from './proxy.ts';
export * from './transport.ts';
export { readCertificates } from './trust.ts';
