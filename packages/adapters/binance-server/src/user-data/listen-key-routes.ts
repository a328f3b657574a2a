import type { HttpRoute } from '@monsta/ports';

const GONE = '<html><head><title>410 Gone</title></head><body><h1>410 Gone</h1></body></html>';

/** User data by listenKey ended on 2026-02-20; what was there answers 410 with a page instead of JSON, as on the exchange. */
export function listenKeyRoutes(headers: Readonly<Record<string, string>>): readonly HttpRoute[] {
  return (['POST', 'PUT', 'DELETE'] as const).map((method) => ({
    method,
    path: '/api/v3/userDataStream',
    handle: () => ({ status: 410, headers: { ...headers, 'content-type': 'text/html' }, body: GONE }),
  }));
}
