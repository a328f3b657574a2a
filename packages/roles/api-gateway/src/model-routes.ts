import { encodeModelRecord, modelSchema, modelsReplySchema, noQuerySchema } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { ModelDesk, ModelRecord } from '@monsta/ports';
import { z } from 'zod';
import { changeRoute, readRoute, reply, type ApiRoute, type Reply } from './route.ts';

const TAG = 'Models';
const PARAMS = { id: 'the model, as the list names it' };
const CHANGE_FAULTS = ['not_ready', 'model_unknown', 'state_conflict', 'model_unreadable', 'models_unavailable'];

const nothing = z.strictObject({});
const one = (found: Result<ModelRecord>): Result<Reply> =>
  found.ok ? ok(reply(encodeModelRecord(found.value))) : found;

/** The models that are kept, and what a person may do with them. */
export function modelRoutes(models: ModelDesk): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/models',
      tag: TAG,
      summary: 'The models that are kept, those of a line newest first, and the training under way',
      access: 'public',
      query: noQuerySchema,
      replies: {
        200: { description: 'Each with its score and why it serves or does not', content: modelsReplySchema },
      },
      faults: ['not_ready'],
      async handle() {
        const found = await models.models();
        if (!found.ok) return found;
        const { models: records, training } = found.value;
        return ok(reply({ items: records.map(encodeModelRecord), nextCursor: null, training }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/models/:id',
      params: PARAMS,
      tag: TAG,
      summary: 'One model',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'With its score and why it serves or does not', content: modelSchema } },
      faults: ['not_ready', 'model_unknown'],
      async handle(_query, { params }) {
        const found = await models.models();
        if (!found.ok) return found;
        const { id = '' } = params;
        const record = found.value.models.find((each) => each.id === id);
        return record === undefined
          ? err('model_unknown', `no model '${id.slice(0, 80)}' is kept; GET /api/v1/models lists those that are`)
          : one(ok(record));
      },
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/models/:id/promote',
      params: PARAMS,
      tag: TAG,
      summary: 'Let a kept model serve, in the place of the one of its line that does',
      access: 'admin',
      query: noQuerySchema,
      body: nothing,
      replies: { 200: { description: 'The model, which serves now', content: modelSchema } },
      faults: [...CHANGE_FAULTS, 'model_features'],
      handle: async (_query, _body, { params }) => one(await models.promote(params['id'] ?? '')),
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/models/:id/retire',
      params: PARAMS,
      tag: TAG,
      summary: 'Let a model serve no more; none of its line does until the next training, or until another is promoted',
      access: 'admin',
      query: noQuerySchema,
      body: nothing,
      replies: { 200: { description: 'The model, which no longer serves', content: modelSchema } },
      faults: CHANGE_FAULTS,
      handle: async (_query, _body, { params }) => one(await models.retire(params['id'] ?? '')),
    }),
  ];
}
