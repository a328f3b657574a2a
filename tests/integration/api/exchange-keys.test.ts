import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, expectOk, ok } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { call, expectDocumented, startWorld, type Answer, type World } from './world.test-support.ts';

const PATH = '/api/v1/exchange-keys';
const API_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const addition = { name: 'main', venue: 'binance', apiKey: API_KEY, secret: SECRET };

/** With the admin token; every reply is held against the document. */
async function admin(world: World, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await call(world, path, {
    method,
    headers: { authorization: `Bearer ${world.token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  await expectDocumented(world, path, answer, method);
  return answer;
}

const codeOf = (answer: Answer): unknown => (answer.body as { error?: { code?: string } }).error?.code;

describe('exchange keys over REST', () => {
  it('are added, listed and removed, and the secret comes out nowhere', async () => {
    const world = await startWorld();
    expect((await admin(world, 'GET', PATH)).body).toEqual({ items: [], nextCursor: null });
    const added = await admin(world, 'POST', PATH, addition);
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      key: { name: 'main', venue: 'binance', kind: 'hmac', keyEnds: 'Eh8A', use: 'trade', fault: null },
      warnings: [{ code: 'ip_unrestricted' }],
      masterKeyMadeAt: join(world.folder, 'secrets.key'),
    });
    const listed = await admin(world, 'GET', PATH);
    expect(listed.body).toMatchObject({ items: [{ name: 'main', permissions: { withdraw: false } }] });
    expect((await admin(world, 'POST', PATH, addition)).status).toBe(409);
    expect((await admin(world, 'DELETE', `${PATH}?name=main`)).body).toEqual({ removed: 'main' });
    const gone = await admin(world, 'DELETE', `${PATH}?name=main`);
    expect([gone.status, codeOf(gone)]).toEqual([404, 'exchange_key_unknown']);
  });

  it('need the admin token, for reading too', async () => {
    const world = await startWorld();
    for (const [method, path, body] of [
      ['GET', PATH, undefined],
      ['POST', PATH, JSON.stringify(addition)],
      ['DELETE', `${PATH}?name=main`, undefined],
    ] as const) {
      const wrong = { authorization: `Bearer ${'x'.repeat(62)}` };
      for (const [headers, code] of [
        [{}, 'token_missing'],
        [wrong, 'token_invalid'],
      ] as const) {
        const answer = await call(world, path, { method, headers, ...(body === undefined ? {} : { body }) });
        await expectDocumented(world, path, answer, method);
        expect([method, answer.status, codeOf(answer)]).toEqual([method, 401, code]);
      }
      const foreign = await call(world, path, {
        method,
        headers: { origin: 'https://evil.example', authorization: `Bearer ${world.token}` },
        ...(body === undefined ? {} : { body }),
      });
      expect([method, foreign.status]).toEqual([method, method === 'GET' ? 200 : 403]);
    }
    expect((await admin(world, 'GET', PATH)).body).toEqual({ items: [], nextCursor: null });
  });

  it('one that may withdraw is refused and not stored', async () => {
    const world = await startWorld();
    world.keyOffice.says = ok({ ...expectOk(world.keyOffice.says), withdraw: true });
    const refused = await admin(world, 'POST', PATH, addition);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'exchange_key_refused']);
    expect((await admin(world, 'GET', PATH)).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['venue_unreachable', 503],
    ['venue_limited', 503],
    ['venue_key', 422],
    ['venue_clock', 502],
    ['venue_rejected', 502],
    ['venue_protocol', 502],
  ])('one that could not be checked is not stored: %s', async (code, status) => {
    const world = await startWorld();
    world.keyOffice.says = err(code, 'no answer');
    const refused = await admin(world, 'POST', PATH, addition);
    expect([refused.status, codeOf(refused)]).toEqual([status, code]);
    expect((await admin(world, 'GET', PATH)).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['no JSON', '{"name":', 'message_malformed'],
    ['nothing', '', 'message_malformed'],
    ['an unknown field', { ...addition, colour: 'red' }, 'parameter_invalid'],
    ['no secret', { ...addition, secret: '' }, 'parameter_invalid'],
    ['a kind that is none', { ...addition, kind: 'md5' }, 'parameter_invalid'],
    ['an exchange that nobody knows', { ...addition, venue: 'mars' }, 'exchange_key_invalid'],
    ['a name with a slash', { ...addition, name: 'a/b' }, 'exchange_key_invalid'],
    ['a public key', { ...addition, kind: 'rsa', secret: '-----BEGIN PUBLIC KEY-----' }, 'exchange_key_invalid'],
  ])('%s is refused, without the secret in the answer', async (_, body, code) => {
    const world = await startWorld();
    const refused = await admin(world, 'POST', PATH, body);
    expect([refused.status, codeOf(refused)]).toEqual([400, code]);
    expect(refused.text).not.toContain(SECRET.slice(0, 12));
  });

  it('trouble with the master key is said', async () => {
    const world = await startWorld();
    await admin(world, 'POST', PATH, addition);
    chmodSync(join(world.folder, 'secrets.key'), 0o644);
    for (const answer of [
      await admin(world, 'GET', PATH),
      await admin(world, 'POST', PATH, { ...addition, name: 'b' }),
    ])
      expect([answer.status, codeOf(answer)]).toEqual([503, 'secrets_key_exposed']);
  });

  it('neither key nor secret is in a log, a metric, an answer or a file, whatever happens to them', async () => {
    const world = await startWorld();
    const answers: Answer[] = [
      await admin(world, 'POST', PATH, addition),
      await admin(world, 'POST', PATH, addition),
      await admin(world, 'POST', PATH, { ...addition, name: 'b', apiKey: SECRET }),
      await admin(world, 'POST', PATH, { ...addition, name: 'b', venue: SECRET.slice(0, 40) }),
      await admin(world, 'POST', PATH, { ...addition, name: 'b', kind: SECRET.slice(0, 20) }),
      await admin(world, 'POST', PATH, JSON.stringify({ ...addition, name: 'b' }).slice(0, -5)),
      await admin(world, 'GET', PATH),
    ];
    world.keyOffice.says = err('venue_protocol', 'no answer', { cause: new Error('cut') });
    answers.push(await admin(world, 'POST', PATH, { ...addition, name: 'c' }));
    // One wrong turn: a handler that throws with the whole request in its hands.
    world.keyOffice.inspect = () => {
      throw new Error('a broken inspector');
    };
    answers.push(await admin(world, 'POST', PATH, { ...addition, name: 'd' }));
    expect(answers.at(-1)?.status).toBe(500);
    answers.push(
      await call(world, '/metrics'),
      await call(world, '/api/v1/status'),
      await call(world, '/openapi.json'),
    );
    const written = Buffer.concat(readdirSync(world.folder).map((name) => readFileSync(join(world.folder, name))));
    const shown = [
      JSON.stringify(world.telemetry.records),
      ...answers.map(({ text }) => text),
      written.toString('latin1'),
    ];
    expect(world.telemetry.records.length).toBeGreaterThan(0);
    for (const hidden of [SECRET, SECRET.slice(10, 30), API_KEY, API_KEY.slice(10, 30)])
      expect(shown.map((text) => text.includes(hidden))).toEqual(shown.map(() => false));
  });
});
