import { ok, type Result } from '@monsta/core';
import type { HttpServer, Metrics, OutgoingResponse, Readiness, Role, RunningHttpServer } from '@monsta/ports';

export interface ManagementOptions {
  readonly httpServer: HttpServer;
  readonly metrics: Metrics;
  readonly config: { readonly host: string; readonly port: number };
  readonly roles: () => readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly waitingFor: readonly string[];
  }[];
}

const json = (status: number, body: unknown): OutgoingResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

/** Health, readiness and metrics on a port of their own, for a process without the api-gateway. */
export function createManagement({ httpServer, metrics, config, roles }: ManagementOptions): Role {
  let running: RunningHttpServer | null = null;
  const readiness = (): Readiness => ({ ready: running !== null, waitingFor: running === null ? ['its port'] : [] });
  const ready = (): OutgoingResponse => {
    const list = roles();
    const all = list.every((role) => role.ready);
    return json(all ? 200 : 503, { ready: all, roles: list });
  };
  return {
    name: 'management',
    readiness,
    async start(): Promise<Result<null>> {
      const listening = await httpServer.listen({
        ...config,
        bodyBytesMax: 1_024,
        routes: [
          { method: 'GET', path: '/healthz', handle: () => json(200, { status: 'alive' }) },
          { method: 'GET', path: '/readyz', handle: ready },
          {
            method: 'GET',
            path: '/metrics',
            handle: async () => {
              const { contentType, body } = await metrics.expose();
              return { status: 200, headers: { 'content-type': contentType }, body };
            },
          },
        ],
        webSockets: [],
        notFound: () => json(404, { error: { code: 'not_found', message: 'here are /healthz, /readyz and /metrics' } }),
        failure: (code, message) => json(500, { error: { code, message } }),
      });
      if (!listening.ok) return listening;
      running = listening.value;
      return ok(null);
    },
    drain: () => Promise.resolve(),
    stop: async () => running?.close(500),
  };
}
