import type { TopicMessage } from '@monsta/contracts';

/** A frame of the server, told apart. Ids are our own numbers; null where the server could not read our id. */
export type Frame =
  | { readonly kind: 'messages'; readonly messages: readonly TopicMessage[] }
  | { readonly kind: 'reply'; readonly id: number | null }
  | { readonly kind: 'refusal'; readonly id: number | null; readonly code: string; readonly message: string };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTopicMessage = (value: unknown): value is TopicMessage =>
  isRecord(value) &&
  typeof value['topic'] === 'string' &&
  typeof value['epoch'] === 'string' &&
  Number.isSafeInteger(value['seq']) &&
  'data' in value;

/** Null for what is not in the form of the contract. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return null;
  }
  if (Array.isArray(value)) {
    const messages: readonly unknown[] = value;
    return messages.every(isTopicMessage) ? { kind: 'messages', messages } : null;
  }
  if (!isRecord(value) || !('id' in value)) return null;
  const id = typeof value['id'] === 'number' ? value['id'] : null;
  const error = value['error'];
  if (error === undefined) return 'result' in value ? { kind: 'reply', id } : null;
  if (!isRecord(error) || typeof error['code'] !== 'string' || typeof error['message'] !== 'string') return null;
  return { kind: 'refusal', id, code: error['code'], message: error['message'] };
}
