import { modelSchema, modelsReplySchema } from '@monsta/contracts';
import { MonstaClient } from '@monsta/client';
import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { call, expectDocumented, get, startWorld } from './world.test-support.ts';

const ID = 'BTCUSDT-1h-logistic-regression-2';

describe('the models that are kept', () => {
  it('are listed and shown with why they serve or do not, as documented', async () => {
    const world = await startWorld();
    const list = await get(world, '/api/v1/models');
    await expectDocumented(world, '/api/v1/models', list);
    const { items, training } = modelsReplySchema.parse(list.body);
    expect(training).toBeNull();
    expect(items).toMatchObject([
      { id: ID, state: 'challenger', decision: { code: 'worse' }, comparison: { rows: 900, worse: true } },
    ]);
    const one = await call(world, `/api/v1/models/${ID}`);
    await expectDocumented(world, '/api/v1/models/{id}', one);
    expect(modelSchema.strict().parse(one.body)).toEqual(items[0]);
    const none = await call(world, '/api/v1/models/NONE');
    expect(none).toMatchObject({ status: 404, body: { error: { code: 'model_unknown' } } });
  });

  it('are promoted and retired by whoever has the admin token, once', async () => {
    const world = await startWorld();
    const path = `/api/v1/models/${ID}/promote`;
    expect(await call(world, path, { method: 'POST', body: '{}' })).toMatchObject({ status: 401 });
    const client = new MonstaClient({ baseUrl: world.url, token: world.token });
    expect(expectOk(await client.promoteModel(ID)).state).toBe('serving');
    expect(await client.promoteModel(ID)).toMatchObject({ ok: false, fault: { code: 'state_conflict' } });
    expect(expectOk(await client.retireModel(ID)).state).toBe('retired');
    expect(await client.retireModel('NONE')).toMatchObject({ ok: false, fault: { code: 'model_unknown' } });
    expect(expectOk(await client.models()).items).toMatchObject([{ id: ID, state: 'retired' }]);
    expect(expectOk(await client.model(ID)).state).toBe('retired');
  });
});
