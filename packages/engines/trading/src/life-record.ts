import { fromJsonValue, toJsonValue, type TimestampUs } from '@monsta/core';
import type { KernelConfig, KernelOutput } from './kernel-types.ts';
import type { ConfiguredStrategy } from './strategy.ts';
import type { StrategyCall } from './strategy-watch.ts';

/** Of the records beside inputs; one of another format is not read. */
export const LIFE_FORMAT = 1;

/** Where a strategy's definition came from. */
export interface StrategySource {
  /** As the configuration names it: a shipped strategy, or a file's whole path. */
  readonly strategy: string;
  /** Of the file, hex; null for a shipped one, which is what the program's version is. */
  readonly sha256: string | null;
}

/** The call of a strategy that the life before was cut off in; `call` counts from 1. */
export interface CutOffCall {
  readonly strategyIndex: number;
  readonly handler: StrategyCall;
  readonly call: number;
}

/** What a life of the kernel knows of itself that the kernel does not. */
export interface LifeNotes {
  /** Of the program. */
  readonly version: string;
  readonly sources: readonly StrategySource[];
  readonly cutOff: CutOffCall | null;
}

type RecordedStrategy = Omit<ConfiguredStrategy, 'definition'> & { readonly name: string };

/** The first record of each life in the journal: with it and the inputs behind it the kernel can be built and run again. */
export interface LifeRecord extends LifeNotes {
  readonly kind: 'life';
  readonly format: number;
  readonly tsUs: TimestampUs;
  readonly config: KernelConfig;
  readonly strategies: readonly RecordedStrategy[];
}

/** What the kernel wants done at the venue. */
export type KernelCommand = Extract<
  KernelOutput,
  { readonly kind: 'submit' | 'cancel' | 'replace' | 'submit-list' | 'cancel-list' }
>;

const COMMANDS: ReadonlySet<KernelOutput['kind']> = new Set<KernelCommand['kind']>([
  'submit',
  'cancel',
  'replace',
  'submit-list',
  'cancel-list',
]);

const isCommand = (output: KernelOutput): output is KernelCommand => COMMANDS.has(output.kind);

/** Of an input's outputs those that go to the venue, as JSON values; in the journal behind their input. */
export const commandsOf = (outputs: readonly KernelOutput[]): readonly unknown[] =>
  outputs.some(isCommand) ? outputs.filter(isCommand).map((command) => toJsonValue(command)) : [];

/** The record as a JSON value. */
export function encodeLife(
  tsUs: TimestampUs,
  config: KernelConfig,
  strategies: readonly ConfiguredStrategy[],
  notes: LifeNotes,
): unknown {
  const record: LifeRecord = {
    kind: 'life',
    format: LIFE_FORMAT,
    tsUs,
    config,
    strategies: strategies.map(({ definition, ...rest }) => ({ ...rest, name: definition.name })),
    ...notes,
  };
  return toJsonValue(record);
}

/** The inverse of `encodeLife`; of another format only `format` and `version` mean anything. Null for what is no such record. */
export function decodeLife(value: unknown): LifeRecord | null {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'life') return null;
  return fromJsonValue(value) as LifeRecord;
}
