import {
  exchangeKeyAddedSchema,
  exchangeKeyAdditionSchema,
  exchangeKeyQuerySchema,
  exchangeKeyRemovedSchema,
  exchangeKeysReplySchema,
  noQuerySchema,
} from '@monsta/contracts';
import { ok } from '@monsta/core';
import type { ExchangeKeys } from '@monsta/identity';
import { changeRoute, readRoute, removeRoute, reply, type ApiRoute } from './route.ts';

const TAG = 'Exchange keys';
const PATH = '/api/v1/exchange-keys';
const STORE_FAULTS = [
  'secrets_unavailable',
  'secrets_damaged',
  'secrets_key_missing',
  'secrets_key_wrong',
  'secrets_key_exposed',
  'secrets_key_malformed',
] as const;
const VENUE_FAULTS = [
  'venue_unreachable',
  'venue_limited',
  'venue_clock',
  'venue_key',
  'venue_rejected',
  'venue_protocol',
] as const;

/** Keys of exchanges: a secret goes in, none comes out. */
export function exchangeKeyRoutes(keys: ExchangeKeys): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: PATH,
      tag: TAG,
      summary: 'Keys of exchanges: what they may do, never the keys',
      access: 'admin',
      query: noQuerySchema,
      replies: { 200: { description: 'Every key, by name', content: exchangeKeysReplySchema } },
      faults: STORE_FAULTS,
      async handle() {
        const listed = await keys.list();
        return listed.ok ? ok(reply({ items: listed.value, nextCursor: null })) : listed;
      },
    }),
    changeRoute({
      method: 'POST',
      path: PATH,
      tag: TAG,
      summary: 'Add a key: its exchange is asked what it may do first, and one that may withdraw is refused',
      access: 'admin',
      query: noQuerySchema,
      body: exchangeKeyAdditionSchema,
      replies: { 201: { description: 'Stored, sealed and durable', content: exchangeKeyAddedSchema } },
      faults: [
        ...['exchange_key_invalid', 'exchange_key_refused', 'exchange_key_taken', 'secrets_full'],
        ...STORE_FAULTS,
        ...VENUE_FAULTS,
      ],
      async handle(_query, addition) {
        const added = await keys.add(addition);
        return added.ok ? ok(reply(added.value, 201)) : added;
      },
    }),
    removeRoute({
      method: 'DELETE',
      path: PATH,
      tag: TAG,
      summary: 'Remove a key; at the exchange it stays until it is deleted there',
      access: 'admin',
      query: exchangeKeyQuerySchema,
      replies: { 200: { description: 'Gone', content: exchangeKeyRemovedSchema } },
      faults: ['exchange_key_unknown', 'secrets_unavailable', 'secrets_damaged'],
      async handle({ name }) {
        const removed = await keys.remove(name);
        return removed.ok ? ok(reply({ removed: name })) : removed;
      },
    }),
  ];
}
