export * from './clock-conformance.ts';
export * from './event-stream-conformance.ts';
export * from './ledger-conformance.ts';
export * from './ledger-samples.ts';
export * from './scripted-transport.ts';
export * from './telemetry.ts';
export * from './transport-conformance.ts';
export * from './virtual-clock.ts';
